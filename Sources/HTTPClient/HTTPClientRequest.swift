/// One request.
///
/// Its description shows method, host and port only: paths, queries and fields may hold what is secret.
public struct HTTPClientRequest: Sendable {
    /// The method, such as `GET`.
    public var method: String
    /// The absolute URL, `http` or `https`, percent-encoded by the caller.
    public var url: String
    /// Header fields in the order of sending.
    public var headers: [(name: String, value: String)] = []
    /// The body; nil for none.
    public var body: [UInt8]?
    /// In place of the client's limit until the head of the response; `.some(nil)` for no limit.
    public var firstByteTimeout: Duration??
    /// In place of the client's limit of silence; `.some(nil)` for no limit.
    public var silenceTimeout: Duration??

    /// For the whole exchange, from the start until the last byte; nil for no limit.
    public var totalTimeout: Duration?
    /// Bytes that the body of the response may have, however it is read; nil for no limit but the reader's.
    public var maximumBodyBytes: Int?
    /// What becomes of an answer that leads elsewhere (3xx).
    public var redirects: Redirects = .answered

    /// What becomes of an answer that leads elsewhere; it is never followed.
    public enum Redirects: Sendable {
        /// The caller gets it as any other answer.
        case answered
        /// The request fails with `redirectRefused`: for requests with credentials, whose base URL must be right.
        case refused
    }

    /// Makes a request.
    public init(
        _ method: String = "GET",
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Throws `invalidRequest` where text from outside could end a line and begin another one.
    func validate() throws(HTTPClientError) {
        let isToken: (String) -> Bool = { text in
            !text.isEmpty
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"()<>@,;:\"/[]?={}"#.utf8.contains($0) }
        }
        guard isToken(method) else { throw HTTPClientError(.invalidRequest, "the method is not a token") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPClientError(.invalidRequest, "the URL holds characters that must be percent-encoded")
        }
        guard !URLOrigin.hasUserInformation(url) else {
            throw HTTPClientError(
                .invalidRequest,
                "the URL holds credentials: they belong into a header field"
            )
        }
        for (name, value) in headers {
            guard isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPClientError(.invalidRequest, "a header field is not well-formed")
            }
        }
    }
}

extension HTTPClientRequest: CustomStringConvertible, CustomReflectable {
    /// The method and where it goes.
    public var description: String { "\(method) \(URLOrigin.text(of: url))" }
    /// As the description.
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}
