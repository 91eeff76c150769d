internal import Core
internal import Domain
internal import HTTPServer
internal import WebAssets

/// The web faces: /app, /widget.js, the bundles that these load, and the style sheet of the pages without a script.
struct WebRoutes: Sendable {
    private let basePath: String

    init(_ settings: EdgeSettings) { basePath = settings.basePath }

    var routes: [Route] {
        [
            Route(.get, "/app", access: .open) { _ in page },
            // The address stays the same over upgrades, so that browsers ask whether it changed.
            Route(.get, "/widget.js", access: .open) { context in
                answer(WebAssets.launcher, .script, tag: WebAssets.launcher.hash, isFixed: false, context)
            },
            // For pages of others that name it; ours name it with its hash.
            Route(.get, "/assets/deckhand.css", access: .open) { context in
                answer(WebAssets.sheet, .style, tag: WebAssets.sheet.hash, isFixed: false, context)
            },
            Route(.get, "/assets/icon.svg", access: .open) { _ in Self.icon },
            // What browsers ask for beside answers that are no pages.
            Route(.get, "/favicon.ico", access: .open) { _ in Self.icon },
            Route(.get, "/assets/{file}", access: .open) { context in
                let name = context.parameter("file")
                if name == HTMLPage.sheetFile {
                    return answer(WebAssets.sheet, .style, tag: name, isFixed: true, context)
                }
                if let file = WebAssets.files[name] {
                    return answer(file, .script, tag: file.hash, isFixed: true, context)
                }
                throw Failure(
                    .notFound,
                    code: "not_found",
                    message: "There is no such file.",
                    hint: "The server was upgraded meanwhile: load the page again."
                )
            },
        ]
    }

    private static var icon: HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: ["Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400"],
            body: .bytes(WebAssets.icon)
        )
    }

    /// Scripts of our own and nothing else; whatever becomes HTML has passed the sanitizer (W3C Trusted Types).
    private var page: HTTPResponse {
        let preloads = WebAssets.consoleEarly.map {
            "<link rel=\"modulepreload\" href=\"{BASE}/assets/\($0)\">\n"
        }
        let html = WebAssets.page.replacing("{PRELOADS}", with: preloads.joined())
            .replacing("{BASE}", with: HTMLText.escape(basePath))
            .replacing("{CONSOLE}", with: WebAssets.consoleName)
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "text/html; charset=utf-8",
                "Cache-Control": "no-cache",
                "Content-Security-Policy":
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify",
            ],
            body: .bytes(Array(html.utf8))
        )
    }

    private enum Kind: String {
        case script = "text/javascript; charset=utf-8"
        case style = "text/css; charset=utf-8"
    }

    /// A file that is public and says nothing about anybody: scripts for any page, the style sheet for ours.
    private func answer(
        _ file: WebFile,
        _ kind: Kind,
        tag: String,
        isFixed: Bool,
        _ context: RequestContext
    ) -> HTTPResponse {
        let etag = "\"\(tag)\""
        var headers: HTTPHeaders = [
            "Content-Type": kind.rawValue,
            "Cache-Control": isFixed ? "public, max-age=31536000, immutable" : "public, no-cache",
            "ETag": etag,
            "Vary": "Accept-Encoding",
        ]
        if kind == .script {
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        }
        // RFC 9110 section 13.1.2.
        if let known = context.request.headers["If-None-Match"], known == "*" || known.contains(etag) {
            return HTTPResponse(status: 304, headers: headers)
        }
        if context.request.headers["Accept-Encoding"]?.lowercased().contains("gzip") == true {
            headers["Content-Encoding"] = "gzip"
            return HTTPResponse(status: 200, headers: headers, body: .bytes(file.gzipped))
        }
        return HTTPResponse(status: 200, headers: headers, body: .bytes(file.bytes))
    }
}
