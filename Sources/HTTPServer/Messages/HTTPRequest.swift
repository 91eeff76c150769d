/// One request, complete with its body.
///
/// Nothing in it may be logged as it is: target, query and headers can carry credentials.
public struct HTTPRequest: Sendable {
    /// The method.
    public let method: HTTPMethod
    /// Path and query exactly as received; never log it.
    public let rawTarget: String
    /// The segments of the path below the base path, each percent-decoded exactly once; `%2F` stays in its segment.
    public let path: [String]
    /// The segments joined by slashes, with a leading slash, base path removed: what routes match.
    public let pathText: String
    /// The decoded query.
    public let query: HTTPQuery
    /// The header fields.
    public let headers: HTTPHeaders
    /// The whole body.
    public let body: [UInt8]
    /// The other end of the connection.
    public let peer: HTTPPeer
    /// The client's address: the peer's, or what a trusted proxy says; `local` on a Unix socket.
    public let clientAddress: String
    /// Whether the client reached us over TLS, directly or by word of a trusted proxy.
    public let isSecure: Bool
    /// The kind of listener.
    public let listener: HTTPListenerKind
    /// A name for this request in logs and answers, generated here.
    public let id: String
    /// When the head of the request was complete.
    public let receivedAt: ContinuousClock.Instant
    /// Says whether the client has closed its end meanwhile; for long work that is worth nothing then.
    public var isClientGone: @Sendable () -> Bool = { false }

    /// Makes a request from its parts; the server and tests do.
    public init(
        method: HTTPMethod,
        rawTarget: String,
        path: [String],
        pathText: String,
        query: HTTPQuery = HTTPQuery(),
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        peer: HTTPPeer = .ip("127.0.0.1", port: 1),
        clientAddress: String = "127.0.0.1",
        isSecure: Bool = false,
        listener: HTTPListenerKind = .tcp,
        id: String = "request",
        receivedAt: ContinuousClock.Instant = .now
    ) {
        self.method = method
        self.rawTarget = rawTarget
        self.path = path
        self.pathText = pathText
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        self.clientAddress = clientAddress
        self.isSecure = isSecure
        self.listener = listener
        self.id = id
        self.receivedAt = receivedAt
    }
}
