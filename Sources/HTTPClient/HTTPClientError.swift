internal import CCurl

/// Why a request failed.
///
/// An answer with a status of 400 or more is no error here.
///
/// Descriptions hold host and port at most, never a path, query or header. A cancelled task gets `CancellationError`.
public struct HTTPClientError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// The request cannot be written as HTTP.
        case invalidRequest = "invalid_request"
        /// Too many requests of this client are under way.
        case tooManyRequests = "too_many_requests"
        /// No connection: name unknown, refused, unreachable. Nothing was sent.
        case cannotConnect = "cannot_connect"
        /// No connection in time. Nothing was sent.
        case connectTimedOut = "connect_timed_out"
        /// No head of a response in time.
        case noAnswerInTime = "no_answer_in_time"
        /// The body stopped arriving.
        case silent
        /// The whole exchange took longer than the request allows.
        case notFinishedInTime = "not_finished_in_time"
        /// The connection ended before the response did.
        case connectionLost = "connection_lost"
        /// The proxy did not open a way to the server. Nothing was sent to the server.
        case proxyRefused = "proxy_refused"
        /// TLS could not be set up, or the certificate is not trusted.
        case tlsFailed = "tls_failed"
        /// The response is larger than the caller's or the client's limit.
        case tooLarge = "too_large"
        /// The answer leads elsewhere, where the request's credentials must not go.
        case redirectRefused = "redirect_refused"
        /// What came is not HTTP, not a stream of events, or compressed without having been asked.
        case malformedResponse = "malformed_response"
        /// The client was shut down.
        case closed
    }

    /// The kind.
    public let code: Code
    /// One sentence, safe to show.
    public let detail: String

    /// Makes an error; the detail must be safe to show.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The code and the sentence.
    public var description: String { "\(code.rawValue): \(detail)" }

    /// Says whether the request certainly never reached a server, so that sending it again cannot repeat its effect.
    public var sentNothing: Bool {
        switch code {
        case .invalidRequest, .tooManyRequests, .cannotConnect, .connectTimedOut, .proxyRefused, .tlsFailed:
            true
        default: false
        }
    }

    /// Translates a result of libcurl (libcurl-errors(3)).
    init(result: CURLcode, isConnected: Bool, proxyStatus: Int = 0) {
        if !isConnected, proxyStatus != 0, !(200..<300).contains(proxyStatus) {
            self.init(.proxyRefused, "the proxy answered \(proxyStatus)")
            return
        }
        let detail =
            result == CURLE_PEER_FAILED_VERIFICATION
            ? "the server's certificate is not trusted, or it is for another name"
            : unsafe String(cString: curl_easy_strerror(result))
        let code: Code =
            switch result {
            case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
            // Also said of an answer that is not HTTP/1 or later.
            case CURLE_UNSUPPORTED_PROTOCOL: isConnected ? .malformedResponse : .invalidRequest
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
                .cannotConnect
            case CURLE_OPERATION_TIMEDOUT: isConnected ? .noAnswerInTime : .connectTimedOut
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
                .tlsFailed
            case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2:
                .malformedResponse
            default: .connectionLost
            }
        self.init(code, detail)
    }
}
