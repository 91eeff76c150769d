internal import HTTPServer

/// A page for people: no script, one style sheet of our own.
struct HTMLPage: Sendable {
    let title: String
    let basePath: String

    func response(status: Int = 200, body: String) -> HTTPResponse {
        let html = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>\(HTMLText.escape(title))</title>
            <link rel="stylesheet" href="\(HTMLText.escape(basePath))/assets/deckhand.css"></head>
            <body><main>
            \(body)
            </main></body></html>

            """
        return HTTPResponse(
            status: status,
            headers: ["Content-Type": "text/html; charset=utf-8"],
            body: .bytes(Array(html.utf8))
        )
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
