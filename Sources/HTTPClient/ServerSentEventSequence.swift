/// The events of a response whose body is `text/event-stream`.
public struct ServerSentEventSequence: AsyncSequence, Sendable {
    /// One event.
    public typealias Element = ServerSentEvent

    /// Takes the events one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        private var pieces: HTTPClientBody.AsyncIterator
        private var decoder: ServerSentEventDecoder
        private var waiting: ArraySlice<ServerSentEvent> = []

        init(_ body: HTTPClientBody, limit: Int) {
            pieces = body.makeAsyncIterator()
            decoder = ServerSentEventDecoder(limit: limit)
        }

        /// The next event; nil when the stream ended.
        public mutating func next() async throws -> ServerSentEvent? {
            while waiting.isEmpty {
                guard let piece = try await pieces.next() else { return nil }
                waiting = try decoder.decode(piece)[...]
            }
            return waiting.popFirst()
        }
    }

    fileprivate let body: HTTPClientBody
    fileprivate let limit: Int

    /// Starts reading; the events are had once.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body, limit: limit) }
}

extension HTTPClientBody {
    /// Reads the body as server-sent events; a line or event may have `limit` bytes.
    public func events(limit: Int = 1 << 20) -> ServerSentEventSequence {
        ServerSentEventSequence(body: self, limit: limit)
    }
}
