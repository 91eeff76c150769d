internal import HTTPServer

/// An error as a page, for whoever sits in front of a browser.
struct ErrorPage: Sendable {
    /// Routes that answer with pages; all others have their own shape of errors, whoever asks.
    private static let templates: Set<String> = [
        "/", "/context", "/docs", "/app", "/terminal", "/s/{token}", "/share/{token}", "/approve/{approval}",
    ]

    let error: PresentedError
    let basePath: String
    /// Whether the reader has business with this server beyond the page that they asked for.
    var hasWay = true

    /// Says whether an error on a path is a page: the caller takes HTML, and what they asked for is a page or nothing at all.
    static func isWanted(for request: HTTPRequest, template: StaticString?) -> Bool {
        guard request.method == .get || request.method == .head,
            request.headers["Accept"]?.contains("text/html") == true
        else { return false }
        if let template { return templates.contains(template.description) && asksForHTML(request.query) }
        let path = request.pathText
        return path != "/v1" && !path.hasPrefix("/v1/") && !ChatterFailures.speaks(for: path)
    }

    /// With `format` another form than HTML can be asked for.
    private static func asksForHTML(_ query: HTTPQuery) -> Bool {
        let format = query["format"]
        return format == nil || format == "html"
    }

    func response(headers: HTTPHeaders = [:]) -> HTTPResponse {
        let hint = error.hint.map { "<p>\(HTMLText.escape($0))</p>\n" } ?? ""
        let back =
            hasWay
            ? "<p><a class=\"button\" href=\"\(HTMLText.escape(basePath))/\">To the start</a></p>\n" : ""
        var response = HTMLPage(title: error.message, basePath: basePath, layout: .gate, hasWay: hasWay)
            .response(
                status: error.status,
                headers: headers,
                body: """
                    <div class="empty">\(HTMLPage.anchor)
                    <h1>\(HTMLText.escape(error.message))</h1>
                    \(hint)\(back)<p class="codes">\(error.status) · \(HTMLText.escape(error.code))</p></div>
                    """
            )
        // RFC 9110 section 15.5.2.
        if error.status == 401 { response.headers["WWW-Authenticate"] = "Bearer realm=\"deckhand\"" }
        if let retryAfter = error.retryAfter { response.headers["Retry-After"] = String(retryAfter) }
        return response
    }
}
