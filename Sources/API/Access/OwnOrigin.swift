internal import Domain
internal import HTTPServer

/// The header `Origin` of requests that pages send (RFC 6454 section 7): pages of other servers change nothing here.
struct OwnOrigin: Sendable {
    private let settings: EdgeSettings

    init(_ settings: EdgeSettings) { self.settings = settings }

    /// Throws `Failure` `foreign_origin` (forbidden) when an origin is named that is neither this server's nor one of
    /// `others`.
    func require(_ request: HTTPRequest, or others: Set<String> = []) throws(Failure) {
        let origins = request.headers.all("Origin")
        let own = [Self.authority(settings.baseURL()), request.headers["Host"]?.lowercased()].compactMap(
            \.self
        )
        for origin in origins where !others.contains(origin) {
            // `null` has no authority, and is nobody's own.
            if let authority = Self.authority(origin), own.contains(authority) { continue }
            throw Failure(
                .forbidden,
                code: "foreign_origin",
                message: "This was sent by a page of another server.",
                hint:
                    "Open this server's own page; behind a proxy, set FQDN to the address that browsers show."
            )
        }
    }

    /// Host and port of a URL; nil for `null` and the like.
    ///
    /// Whether it came over TLS does not matter here: behind a proxy the server may not know.
    private static func authority(_ url: String) -> String? {
        for scheme in ["https://", "http://"] where url.lowercased().hasPrefix(scheme) {
            return url.dropFirst(scheme.count).prefix { $0 != "/" }.lowercased()
        }
        return nil
    }
}
