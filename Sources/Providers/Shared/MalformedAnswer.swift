/// An answer that is not what its interface promises, seen by a decoder that does not know the provider's name.
struct MalformedAnswer: Error, Equatable {
    /// The end of the sentence "it answered something else than expected: …".
    let detail: String
}
