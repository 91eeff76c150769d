/// An answer to a request.
public struct HTTPResponse: Sendable {
    /// What follows the header.
    public enum Body: Sendable {
        /// Nothing.
        case empty
        /// Bytes that are ready.
        case bytes([UInt8])
        /// Bytes that a closure writes while the client reads them.
        ///
        /// With a length, exactly that many must be written; fewer (or an error thrown) close the connection so that
        /// the client notices. Without one, HTTP/1.1 clients get chunks, HTTP/1.0 clients read until the end.
        /// The closure runs in a child task of the server and is cancelled when the server drains.
        case stream(length: Int64?, @Sendable (HTTPResponseWriter) async throws -> Void)
    }

    /// The status code, 200 to 599.
    public var status: Int
    /// The header fields; `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the server's.
    public var headers: HTTPHeaders
    /// The body; never sent in answer to HEAD, whose `Content-Length` is nevertheless that of the body.
    public var body: Body
    /// The route that answered, such as `/v1/sessions/{session}`, for the access log and metrics.
    public var routeTemplate: StaticString?
    /// Whether the connection is closed after this answer.
    public var closesConnection: Bool

    /// Makes a response.
    public init(
        status: Int,
        headers: HTTPHeaders = [:],
        body: Body = .empty,
        routeTemplate: StaticString? = nil,
        closesConnection: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.routeTemplate = routeTemplate
        self.closesConnection = closesConnection
    }
}
