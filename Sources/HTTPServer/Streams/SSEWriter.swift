/// The writing end of an event stream.
public final class SSEWriter: Sendable {
    private let writer: HTTPResponseWriter

    /// Makes a writer of events on a writer of bytes.
    public init(_ writer: HTTPResponseWriter) { self.writer = writer }

    /// Sends an event, waiting while the client is slow; throws what ``HTTPResponseWriter/write(_:)-([UInt8])`` throws.
    public func send(_ event: SSEEvent) async throws {
        try await writer.write(SSE.encode(event))
    }
}
