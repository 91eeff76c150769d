/// Why a streamed response ended early.
public enum HTTPStreamError: Error, Sendable, Equatable {
    /// The client closed the connection, or stopped reading for longer than the server waits.
    case clientGone
    /// More was written than the announced length.
    case tooLong
}

/// The writing end of a streamed response.
///
/// Several tasks may write; each call's bytes stay together.
public struct HTTPResponseWriter: Sendable {
    private let sink: @Sendable ([UInt8]) async throws -> Void
    private let link: (stream: ResponseStream, heartbeats: Heartbeats)?

    /// Makes a writer on a closure; the server and tests do.
    public init(_ sink: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.sink = sink
        link = nil
    }

    init(_ stream: ResponseStream, heartbeats: Heartbeats) {
        sink = { try await stream.write($0) }
        link = (stream, heartbeats)
    }

    /// Hands bytes to the client, waiting while the client is slow.
    ///
    /// Returns when the bytes are in the connection's bounded buffer. Throws ``HTTPStreamError/clientGone`` when the
    /// client has left, `CancellationError` when the task is cancelled (as it is when the server drains).
    public func write(_ bytes: [UInt8]) async throws { try await sink(bytes) }

    /// Runs a body with heartbeats in its silences, and cancels the task it runs in when the client has left.
    ///
    /// To be the last thing that the task does.
    func staying(
        alive interval: Duration,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let (stream, heartbeats) = link else { return try await body() }
        heartbeats.add(stream, every: interval)
        defer { heartbeats.remove(stream) }
        try await stream.whileRead(body)
    }

    /// Hands text to the client as UTF-8; see ``write(_:)-([UInt8])``.
    public func write(_ text: String) async throws { try await sink(Array(text.utf8)) }
}
