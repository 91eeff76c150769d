internal import HTTPServer

/// Headers that every answer carries.
enum SecurityHeaders {
    /// No script and no form: pages that have forms say so themselves.
    private static let contentPolicy =
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static func add(to headers: inout HTTPHeaders, isSecure: Bool) {
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        if headers["Referrer-Policy"] == nil { headers["Referrer-Policy"] = "no-referrer" }
        if headers["Cross-Origin-Resource-Policy"] == nil {
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
        }
        headers["X-Robots-Tag"] = "noindex, nofollow"
        if headers["Content-Security-Policy"] == nil { headers["Content-Security-Policy"] = contentPolicy }
        if headers["Cache-Control"] == nil { headers["Cache-Control"] = "no-store" }
        if isSecure { headers["Strict-Transport-Security"] = "max-age=31536000" }
    }
}

/// Cross-origin requests by an allow-list of origins (WHATWG Fetch, "CORS protocol"); an empty list allows none.
struct CrossOriginPolicy: Sendable {
    let allowedOrigins: Set<String>

    func add(to headers: inout HTTPHeaders, for request: HTTPRequest) {
        guard !allowedOrigins.isEmpty else { return }
        headers.add("Vary", "Origin")
        guard let origin = request.headers["Origin"], allowedOrigins.contains(origin) else { return }
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] =
            "X-Request-Id, Retry-After, Link, Deckhand-Omitted, Deckhand-Next-Offset, Content-Range"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    }

    /// SDKs send headers of their own; what is asked for on their routes is granted, as far as it is names of headers.
    private static func more(_ request: HTTPRequest) -> String {
        guard OpenAIErrors.answer(request.pathText),
            let asked = request.headers["Access-Control-Request-Headers"], asked.utf8.count <= 2_000,
            asked.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || [0x20, 0x2C, 0x2D, 0x5F].contains($0)
            })
        else { return "" }
        return ", " + asked
    }

    func preflight(_ request: HTTPRequest, allowed: [HTTPMethod]) -> HTTPResponse {
        let methods = allowed.map(\.description).joined(separator: ", ")
        var headers: HTTPHeaders = ["Allow": methods]
        if let origin = request.headers["Origin"], allowedOrigins.contains(origin) {
            headers["Access-Control-Allow-Methods"] = methods
            headers["Access-Control-Allow-Headers"] =
                "Authorization, Content-Type, Last-Event-ID, Range" + Self.more(request)
            headers["Access-Control-Max-Age"] = "600"
        }
        return HTTPResponse(status: 204, headers: headers)
    }
}
