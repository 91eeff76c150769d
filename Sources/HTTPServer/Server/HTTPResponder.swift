/// What answers requests: the product above this server.
public protocol HTTPResponder: Sendable {
    /// Answers a request.
    ///
    /// Called concurrently, in a child task of the server, which is cancelled when the server drains for too long; an
    /// answer is expected nevertheless. A client that leaves is noticed only when it is written to.
    func respond(to request: HTTPRequest) async -> HTTPResponse

    /// Renders a refusal of the server itself in the product's error shape; must not block.
    ///
    /// The status and a `Retry-After` header are set by the server from the refusal.
    func respond(toRejected rejection: HTTPRejection) -> HTTPResponse
}

/// A request that the server refuses before the responder sees it.
public struct HTTPRejection: Sendable {
    /// Why.
    public enum Reason: String, Sendable, CaseIterable {
        /// 400: a `%` that is not followed by two hexadecimal digits, or bytes that are not UTF-8, or NUL.
        case badEncoding = "bad_encoding"
        /// 400: the request is not well-formed, or could be read in two ways.
        case malformed = "malformed_request"
        /// 400: `Host` is missing, repeated or not a host name.
        case badHost = "bad_host"
        /// 404: the path is not below the configured base path.
        case outsideBasePath = "not_found"
        /// 413: the body is larger than the limit.
        case bodyTooLarge = "body_too_large"
        /// 414: the request line is longer than the limit; send the parameters in the body of a POST instead.
        case targetTooLong = "target_too_long"
        /// 421: `Host` names no host of this server (protects against DNS rebinding).
        case unknownHost = "unknown_host"
        /// 431: the header fields are larger, or more, than the limit.
        case headersTooLarge = "headers_too_large"
        /// 501: a transfer coding or method that is not served.
        case notImplemented = "not_implemented"
        /// 503: too many requests wait already.
        case overloaded = "overloaded"
        /// 503: the bodies now being received fill the memory set aside for them.
        case outOfBodyMemory = "body_memory_exhausted"
        /// 503: the server is going down.
        case draining = "shutting_down"

        /// The status code.
        public var status: Int {
            switch self {
            case .badEncoding, .malformed, .badHost: 400
            case .outsideBasePath: 404
            case .bodyTooLarge: 413
            case .targetTooLong: 414
            case .unknownHost: 421
            case .headersTooLarge: 431
            case .notImplemented: 501
            case .overloaded, .outOfBodyMemory, .draining: 503
            }
        }
    }

    /// Why; its raw value is a machine code.
    public let reason: Reason
    /// A sentence for people, safe to show.
    public let message: String
    /// What to do next, if there is something to do.
    public let hint: String?
    /// When to try again; also sent as `Retry-After`.
    public let retryAfter: Duration?
    /// The method, if it was read.
    public let method: HTTPMethod?
    /// The decoded path below the base path, if it could be decoded: chooses the error shape.
    public let pathText: String?
    /// The request's id.
    public let id: String

    /// The status code.
    public var status: Int { reason.status }

    /// Makes a refusal; the server and tests do.
    public init(
        reason: Reason,
        message: String,
        hint: String? = nil,
        retryAfter: Duration? = nil,
        method: HTTPMethod? = nil,
        pathText: String? = nil,
        id: String = "request"
    ) {
        self.reason = reason
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
        self.method = method
        self.pathText = pathText
        self.id = id
    }
}
