internal import Synchronization

/// The writing end of an event stream.
public final class SSEWriter: Sendable {
    private let writer: HTTPResponseWriter
    private let lastWrite = Mutex(ContinuousClock.now)

    /// Makes a writer of events on a writer of bytes.
    public init(_ writer: HTTPResponseWriter) { self.writer = writer }

    /// Sends an event, waiting while the client is slow; throws what ``HTTPResponseWriter/write(_:)-([UInt8])`` throws.
    public func send(_ event: SSEEvent) async throws {
        try await writer.write(SSE.encode(event))
        lastWrite.withLock { $0 = .now }
    }

    /// Writes a heartbeat after each `interval` of silence, until it is cancelled or the client is gone.
    func beat(every interval: Duration) async throws {
        while true {
            let due = lastWrite.withLock { $0 } + interval
            if due > .now {
                try await ContinuousClock().sleep(until: due)
            } else {
                try await writer.write(SSE.heartbeat)
                lastWrite.withLock { $0 = .now }
            }
        }
    }
}
