/// The writing end of an event stream.
public final class SSEWriter: Sendable {
    private static let largestWrite = 64 << 10
    private let writer: HTTPResponseWriter

    /// Makes a writer of events on a writer of bytes.
    public init(_ writer: HTTPResponseWriter) { self.writer = writer }

    /// Sends an event, waiting while the client is slow; throws what ``HTTPResponseWriter/write(_:)-([UInt8])`` throws.
    public func send(_ event: SSEEvent) async throws {
        try await writer.write(SSE.encode(event))
    }

    /// Sends events that are ready together in as few writes as makes sense; see ``send(_:)-(SSEEvent)``.
    public func send(_ events: some Sequence<SSEEvent>) async throws {
        var bytes: [UInt8] = []
        for event in events {
            bytes += SSE.encode(event)
            if bytes.count >= Self.largestWrite {
                try await writer.write(bytes)
                bytes = []
            }
        }
        if !bytes.isEmpty { try await writer.write(bytes) }
    }
}
