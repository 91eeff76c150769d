internal import Application
internal import Core
internal import HTTPServer

/// The cookie of a browser's sign-in (RFC 6265): out of reach for scripts and for requests that other sites cause.
///
/// Cookies know no ports: a browser sends them to every server of a host. The name is the installation's own, so that two of
/// them on one host do not take each other's away, and the paths are those that need it, so that others get it seldom.
struct SignInCookie: Sendable {
    /// What stands below these reads it.
    private static let paths = ["/v1", "/approve", "/bridge"]

    let name: String
    private let basePath: String

    init(_ services: EdgeServices) {
        name = services.signIns.cookieName
        basePath = services.settings.basePath
    }

    /// The value that a request carries; the first one, whose path is the longest (RFC 6265 section 5.4).
    func read(_ request: HTTPRequest) -> Secret<String>? {
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

    /// Sets it with a response.
    func set(
        _ value: Secret<String>,
        for lifetime: Duration,
        _ request: HTTPRequest,
        _ response: inout HTTPResponse
    ) {
        add(value.reveal(), max(0, Int(lifetime.inSeconds)), request, &response)
    }

    /// Takes it away with a response.
    func clear(_ request: HTTPRequest, _ response: inout HTTPResponse) { add("", 0, request, &response) }

    private func add(
        _ value: String,
        _ seconds: Int,
        _ request: HTTPRequest,
        _ response: inout HTTPResponse
    ) {
        let secure = request.isSecure ? "; Secure" : ""
        for path in Self.paths {
            response.headers.add(
                "Set-Cookie",
                "\(name)=\(value); Path=\(basePath)\(path); Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
            )
        }
    }
}
