internal import HTTPServer

/// A page for people: no script, one style sheet of our own.
struct HTMLPage: Sendable {
    /// For pages with forms, which go to this server only; without a referrer policy of this kind browsers would hide
    /// from us that they come from our own page (WHATWG Fetch, "append a request `Origin` header").
    static let formHeaders: HTTPHeaders = [
        "Content-Security-Policy":
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        "Referrer-Policy": "same-origin",
    ]

    let title: String
    let basePath: String

    func response(status: Int = 200, headers: HTTPHeaders = [:], body: String) -> HTTPResponse {
        let html = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>\(HTMLText.escape(title))</title>
            <link rel="icon" type="image/svg+xml" href="\(HTMLText.escape(basePath))/assets/icon.svg">
            <link rel="stylesheet" href="\(HTMLText.escape(basePath))/assets/deckhand.css"></head>
            <body><main>
            \(body)
            </main></body></html>

            """
        var headers = headers
        headers["Content-Type"] = "text/html; charset=utf-8"
        return HTTPResponse(status: status, headers: headers, body: .bytes(Array(html.utf8)))
    }
}

/// Text in HTML.
enum HTMLText {
    /// The text with the characters that mean something in HTML replaced; control characters become visible.
    static func escape(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): result += Array("&amp;".utf8)
            case UInt8(ascii: "<"): result += Array("&lt;".utf8)
            case UInt8(ascii: ">"): result += Array("&gt;".utf8)
            case UInt8(ascii: "\""): result += Array("&quot;".utf8)
            case UInt8(ascii: "'"): result += Array("&#39;".utf8)
            case 0..<9, 11...12, 14..<32, 127: result += Array("\u{FFFD}".utf8)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
