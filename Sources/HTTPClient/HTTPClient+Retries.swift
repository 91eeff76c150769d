internal import Core

/// An answer that is no success, with as much of its body as explains it.
public struct HTTPClientRefusal: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields.
    public let headers: HTTPClientHeaders
    /// The first bytes of the body.
    public let body: [UInt8]

    /// Makes a refusal.
    public init(status: Int, headers: HTTPClientHeaders = HTTPClientHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What came of a request that may have been sent several times.
public enum HTTPClientAnswer: Sendable {
    /// A status of 2xx; the body is read by the caller.
    case accepted(HTTPClientResponse)
    /// Any other status, after the last attempt.
    case refused(HTTPClientRefusal)
}

/// Follows the attempts of one request.
public protocol HTTPClientAttempts: Sendable {
    /// An attempt begins; throwing ends the request with that error.
    func willSend(attempt: Int) async throws
    /// An attempt was refused, whether or not another one follows.
    func wasRefused(attempt: Int, _ refusal: HTTPClientRefusal) async throws
    /// An attempt ended without an answer, whether or not another one follows.
    func didFail(attempt: Int, _ error: any Error) async throws
    /// Says whether a refusal that the policy would retry may be retried, judged by its body.
    func mayRetry(_ refusal: HTTPClientRefusal) -> Bool
}

extension HTTPClient {
    /// Bytes of a refusal's body that are kept.
    public static let refusalBytes = 64 << 10

    /// Sends a request, and again as the policy says, until an answer is a success or no retry is left.
    ///
    /// Throws what the last attempt threw, or what the observer threw. Cancelling the task ends a wait at once.
    public func send(
        _ request: HTTPClientRequest,
        retrying policy: RetryPolicy,
        observer: some HTTPClientAttempts
    ) async throws -> HTTPClientAnswer {
        var attempt = 0
        while true {
            try await observer.willSend(attempt: attempt)
            let wait: Duration
            do {
                let response = try await send(request)
                if (200..<300).contains(response.status) { return .accepted(response) }
                let refusal = try await Self.refusal(response)
                try await observer.wasRefused(attempt: attempt, refusal)
                guard
                    let next = policy.wait(
                        beforeRetry: attempt,
                        status: refusal.status,
                        headers: refusal.headers
                    ), observer.mayRetry(refusal)
                else { return .refused(refusal) }
                wait = next
            } catch let error as HTTPClientError {
                try await observer.didFail(attempt: attempt, error)
                guard let next = policy.wait(beforeRetry: attempt, error: error) else { throw error }
                wait = next
            } catch let error as CancellationError {
                try await observer.didFail(attempt: attempt, error)
                throw error
            }
            try await policy.pause(wait)
            attempt += 1
        }
    }

    /// Reads the beginning of the body for ten seconds at most; what is lost of it is not worth another error.
    private static func refusal(_ response: HTTPClientResponse) async throws -> HTTPClientRefusal {
        var body: [UInt8] = []
        let end = ContinuousClock.now + .seconds(10)
        do {
            for try await piece in response.body {
                body += piece.prefix(refusalBytes - body.count)
                if body.count == refusalBytes || ContinuousClock.now > end { break }
            }
        } catch is HTTPClientError {}
        return HTTPClientRefusal(status: response.status, headers: response.headers, body: body)
    }
}
