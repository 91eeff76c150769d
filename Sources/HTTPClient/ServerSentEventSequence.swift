/// The events of a response whose body is `text/event-stream`.
public struct ServerSentEventSequence: AsyncSequence, Sendable {
    /// One event.
    public typealias Element = ServerSentEvent

    /// Takes the events one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        private var pieces: HTTPClientBody.AsyncIterator
        private var decoder: ServerSentEventDecoder
        private var waiting: ArraySlice<ServerSentEvent> = []
        private let acceptsCutEvent: @Sendable (ServerSentEvent) -> Bool
        private var isFinished = false

        /// What the stream said besides events: see ``ServerSentEventDecoder/unknownLines``.
        public var unknownLines: [UInt8] { decoder.unknownLines }

        init(_ events: ServerSentEventSequence) {
            pieces = events.body.makeAsyncIterator()
            decoder = ServerSentEventDecoder(limit: events.limit)
            acceptsCutEvent = events.acceptsCutEvent
        }

        /// The next event; nil when the stream ended.
        public mutating func next() async throws -> ServerSentEvent? {
            while waiting.isEmpty {
                guard !isFinished else { return nil }
                guard let piece = try await pieces.next() else {
                    isFinished = true
                    guard let last = try decoder.finish(), acceptsCutEvent(last) else { return nil }
                    return last
                }
                waiting = try decoder.decode(piece)[...]
            }
            return waiting.popFirst()
        }
    }

    fileprivate let body: HTTPClientBody
    fileprivate let limit: Int
    fileprivate let acceptsCutEvent: @Sendable (ServerSentEvent) -> Bool

    /// Starts reading; the events are had once.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

extension HTTPClientBody {
    /// Reads the body as server-sent events.
    ///
    /// A line, or the data of an event, may have `limit` bytes. `acceptsCutEvent` says whether an event that lacks its
    /// blank line at the end of the stream counts; the standard says no.
    public func events(
        limit: Int = 1 << 20,
        acceptsCutEvent: @escaping @Sendable (ServerSentEvent) -> Bool = { _ in false }
    ) -> ServerSentEventSequence {
        ServerSentEventSequence(body: self, limit: limit, acceptsCutEvent: acceptsCutEvent)
    }
}
