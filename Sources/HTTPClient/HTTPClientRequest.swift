/// One request.
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
        for (name, value) in headers {
            guard isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPClientError(.invalidRequest, "a header field is not well-formed")
            }
        }
    }
}
