internal import Core
internal import Domain
internal import HTTPClient

/// Makes our events of a vendor's: a pure state machine, one for each answer.
///
/// What it throws is a ``VendorError`` where the vendor reports one, or a `Failure`. Whatever it does not know it passes
/// over.
protocol ModelStreamDecoder: Sendable {
    /// Takes one server-sent event.
    mutating func decode(_ event: ServerSentEvent) throws -> [ModelEvent]
    /// Takes the JSON of a whole answer, where one came instead of a stream.
    mutating func decode(whole body: [UInt8]) throws -> [ModelEvent]
    /// Takes the end of the stream: gives what was held back, with `finished` if the answer is complete nevertheless.
    mutating func finish() throws -> [ModelEvent]
    /// `finished` was given out.
    var isFinished: Bool { get }
    /// What was consumed, as far as the vendor said so until now.
    var usage: TokenUsage? { get }
}
