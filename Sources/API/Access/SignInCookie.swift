internal import Core
internal import HTTPServer

/// The cookie of a browser's sign-in (RFC 6265): out of reach for scripts and for requests that other sites cause.
enum SignInCookie {
    static let name = "deckhand"

    /// The value that a request carries; the first one, whose path is the longest (RFC 6265 section 5.4).
    static func read(_ request: HTTPRequest) -> Secret<String>? {
        for header in request.headers.all("Cookie") {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, String(parts[0]).trimmed == name else { continue }
                let value = String(parts[1]).trimmed
                if !value.isEmpty { return Secret(value) }
            }
        }
        return nil
    }

    /// The header that sets it.
    static func set(_ value: Secret<String>, for lifetime: Duration, _ request: HTTPRequest, basePath: String)
        -> String
    {
        header(value.reveal(), max(0, Int(lifetime.inSeconds)), request, basePath)
    }

    /// The header that takes it away.
    static func clear(_ request: HTTPRequest, basePath: String) -> String {
        header("", 0, request, basePath)
    }

    private static func header(_ value: String, _ seconds: Int, _ request: HTTPRequest, _ basePath: String)
        -> String
    {
        let path = basePath.isEmpty ? "/" : basePath
        let secure = request.isSecure ? "; Secure" : ""
        return "\(name)=\(value); Path=\(path); Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
    }
}
