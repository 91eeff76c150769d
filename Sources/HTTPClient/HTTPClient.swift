/// Sends HTTP requests from a thread of its own (libcurl's multi interface) and streams the answers.
///
/// Connections are kept and used again. Redirects are not followed, certificates are always checked, bodies are never
/// decompressed, and proxies come from the configuration only. May be used from any task. The thread ends with the last reference to the
/// client and to the bodies that are still read from it.
public final class HTTPClient: Sendable {
    private let engine: TransferEngine

    /// Makes a client; nothing is connected yet.
    public init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        engine = TransferEngine(configuration)
    }

    deinit { engine.post(.close) }

    /// Ends the client early: requests under way and later ones fail with `closed`.
    public func shutDown() { engine.post(.close) }

    /// Sends a request and returns when the head of the response is there; its body is read afterwards.
    ///
    /// Throws ``HTTPClientError``, or `CancellationError` when the task is cancelled, which closes the connection.
    /// Letting go of the response without reading its body closes the connection too. A kept connection that the
    /// server has closed meanwhile is replaced once, without an error, as long as nothing was answered on it:
    /// requests that must not run twice carry a key of their own.
    public func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        try request.validate()
        let transfer = Transfer(request, bufferedBytes: engine.configuration.bufferedBytes, engine: engine)
        try engine.start(transfer)
        let head = try await transfer.head()
        if let refusal = refusal(of: head, for: request) {
            transfer.cancel()
            throw refusal
        }
        return HTTPClientResponse(
            status: head.status,
            headers: head.headers,
            body: HTTPClientBody(transfer, self)
        )
    }

    private func refusal(of head: ResponseHead, for request: HTTPClientRequest) -> HTTPClientError? {
        if request.redirects == .refused, (300..<400).contains(head.status), head.status != 304 {
            // A relative target has no origin to show.
            let target = head.headers["Location"].map(URLOrigin.text) ?? ""
            let place = target.isEmpty ? "elsewhere" : "to \(target)"
            return HTTPClientError(
                .redirectRefused,
                "the server sends requests \(place), which is not followed"
            )
        }
        let coding = head.headers["Content-Encoding"]?.lowercased() ?? "identity"
        guard coding == "identity" || coding.isEmpty else {
            return HTTPClientError(.malformedResponse, "the answer is compressed, which was not asked for")
        }
        return nil
    }
}
