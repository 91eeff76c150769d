public import Testing

/// One promise of a port, and how it is tried on any implementation.
public struct ConformanceCase<Subject: Sendable>: Sendable, CustomTestStringConvertible {
    /// A sentence about behaviour.
    public let name: String
    /// Tries it on a fresh, empty subject.
    public let run: @Sendable (Subject) async throws -> Void

    /// Makes a case.
    public init(_ name: String, _ run: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.run = run
    }

    /// The sentence.
    public var testDescription: String { name }
}
