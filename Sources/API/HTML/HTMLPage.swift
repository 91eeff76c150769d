internal import HTTPServer
internal import WebAssets

/// A page for people: no script, and one style sheet, made of the same parts as the console's.
struct HTMLPage: Sendable {
    /// For pages with forms, which go to this server only; without a referrer policy of this kind browsers would hide
    /// from us that they come from our own page (WHATWG Fetch, "append a request `Origin` header").
    static let formHeaders: HTTPHeaders = [
        "Content-Security-Policy":
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        "Referrer-Policy": "same-origin",
    ]

    /// What the page is for, which decides how wide it is and what stands around it.
    enum Layout: String, Sendable {
        /// Text, laid out like an answer of the assistant.
        case reading
        /// Cards and what was said, one below the other.
        case cards
        /// Long, with its parts listed at the side.
        case reference
        /// A short word in the middle: an error, a sign-in.
        case gate
    }

    /// The pages that link to each other, in the order of their links.
    enum Place: CaseIterable, Sendable {
        case start, interface, console

        fileprivate var path: String {
            switch self {
            case .start: "/"
            case .interface: "/docs"
            case .console: "/app"
            }
        }

        fileprivate var name: String {
            switch self {
            case .start: "Start"
            case .interface: "API"
            case .console: "Console"
            }
        }
    }

    let title: String
    let basePath: String
    var layout = Layout.reading
    /// Which of the linked pages this is; nil for none of them.
    var place: Place?
    /// Whether the reader has business with this server beyond this page.
    var hasWay = true

    func response(status: Int = 200, headers: HTTPHeaders = [:], body: String) -> HTTPResponse {
        let base = HTMLText.escape(basePath)
        let body = layout == .reading ? "<div class=\"prose\"><div>\n\(body)</div></div>" : body
        let html = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>\(HTMLText.escape(title)) · Deckhand</title>
            <link rel="icon" type="image/svg+xml" href="\(base)/assets/icon.svg">
            <link rel="stylesheet" href="\(base)/assets/\(Self.sheetFile)"></head>
            <body class="deckhand page \(layout.rawValue)">
            <a class="skip" href="#main">To the content</a>
            <header class="page-head">\(way(base))</header>
            <main id="main" tabindex="-1">
            \(body)
            </main></body></html>

            """
        var headers = headers
        headers["Content-Type"] = "text/html; charset=utf-8"
        return HTTPResponse(status: status, headers: headers, body: .bytes(Array(html.utf8)))
    }

    /// The name of the style sheet, with the hash of its contents.
    static let sheetFile = "pages-\(WebAssets.sheet.hash).css"

    /// The console's drawing of this name.
    static let anchor =
        "<svg class=\"icon-drawing\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M12 7.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 7.500V20.500M8 11h8M4.500 13.500c0 4.500 3.500 7 7.500 7s7.500-2.500 7.500-7\"/></svg>"

    private func way(_ base: String) -> String {
        let name = "\(Self.anchor) Deckhand"
        guard hasWay else { return "<p class=\"brand\">\(name)</p>" }
        let links = Place.allCases.map { other in
            let current = other == place ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(base)\(other.path)\"\(current)>\(other.name)</a></li>"
        }
        return """
            <p class="brand">\(name)</p><nav aria-label="Pages"><ul>\(links.joined())</ul></nav>
            """
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
