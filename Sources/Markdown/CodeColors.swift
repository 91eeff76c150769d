/// Code as HTML in which comments, texts, numbers and the like have classes, named as highlight.js names them.
///
/// It reads characters, not programs: good enough to look at, never wrong about what stands there.
struct CodeColors {
    /// Longer code stays plain.
    private static let longest = 20_000

    private let language: CodeLanguage
    private let code: [UInt8]
    private var at = 0
    private var html: [UInt8] = []

    /// The HTML; nil where the language is not known or the code is long.
    static func html(_ code: String, in name: String) -> String? {
        guard code.utf8.count <= longest, let language = CodeLanguage.named(name) else { return nil }
        var colors = CodeColors(language: language, code: Array(code.utf8))
        return colors.render()
    }

    /// The code with the characters that mean something in HTML replaced.
    static func escaped(_ code: String) -> String {
        var html: [UInt8] = []
        for byte in code.utf8 { append(byte, to: &html) }
        return String(decoding: html, as: UTF8.self)
    }

    private init(language: CodeLanguage, code: [UInt8]) {
        self.language = language
        self.code = code
    }

    private mutating func render() -> String {
        var startsLine = true
        while at < code.count {
            if startsLine, let (range, kind) = heading() {
                span(to: range.lowerBound, nil)
                span(to: range.upperBound, kind)
                startsLine = false
                continue
            }
            let byte = code[at]
            if let end = commentEnd() {
                span(to: end, "comment")
            } else if language.quotes.contains(byte) {
                let end = quoteEnd(byte)
                span(to: end, language.keysAreQuoted && isKey(end) ? "attr" : "string")
            } else if byte == UInt8(ascii: "$"), language.hasVariables, let end = variableEnd() {
                span(to: end, "variable")
            } else if Self.isDigit(byte) {
                span(to: end(where: { Self.isWord($0) || $0 == UInt8(ascii: ".") }), "number")
            } else if Self.isWord(byte) {
                let end = end(where: { Self.isWord($0) || ($0 == UInt8(ascii: "-") && language.hasDashes) })
                span(to: end, kind(ofWord: at..<end))
            } else {
                span(to: at + 1, nil)
            }
            startsLine = at > 0 && code[at - 1] == UInt8(ascii: "\n")
        }
        return String(decoding: html, as: UTF8.self)
    }

    // MARK: Pieces

    private mutating func span(to end: Int, _ kind: StaticString?) {
        if let kind { html += Array("<span class=\"hljs-\(kind)\">".utf8) }
        for byte in code[at..<end] { Self.append(byte, to: &html) }
        if kind != nil { html += Array("</span>".utf8) }
        at = end
    }

    /// A section's name, or a key before its sign, at the beginning of a line.
    private func heading() -> (Range<Int>, StaticString)? {
        guard let sign = language.keySign else { return nil }
        var start = at
        while start < code.count, code[start] == UInt8(ascii: " ") || code[start] == UInt8(ascii: "-") {
            start += 1
        }
        guard start < code.count else { return nil }
        if code[start] == UInt8(ascii: "["), sign == UInt8(ascii: "=") {
            guard let close = code[start...].firstIndex(of: UInt8(ascii: "]")),
                !code[start..<close].contains(UInt8(ascii: "\n"))
            else { return nil }
            return (start..<close + 1, "section")
        }
        var end = start
        while end < code.count,
            Self.isWord(code[end])
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/")].contains(code[end])
        { end += 1 }
        var next = end
        while next < code.count, code[next] == UInt8(ascii: " ") { next += 1 }
        return end > start && next < code.count && code[next] == sign ? (start..<end, "attr") : nil
    }

    private func commentEnd() -> Int? {
        for opening in language.lineComments where code[at...].starts(with: opening.utf8) {
            // In `${#name}` and `a#b` it is none.
            if opening == "#", at > 0, !Self.isSpace(code[at - 1]), !language.commentsAnywhere { continue }
            return code[at...].firstIndex(of: UInt8(ascii: "\n")) ?? code.count
        }
        guard language.hasBlockComments, code[at...].starts(with: "/*".utf8) else { return nil }
        var end = at + 2
        while end + 1 < code.count, !(code[end] == UInt8(ascii: "*") && code[end + 1] == UInt8(ascii: "/")) {
            end += 1
        }
        return min(end + 2, code.count)
    }

    private func quoteEnd(_ quote: UInt8) -> Int {
        let isTriple =
            language.hasTripleQuotes && at + 2 < code.count && code[at + 1] == quote && code[at + 2] == quote
        var end = at + (isTriple ? 3 : 1)
        while end < code.count {
            if code[end] == UInt8(ascii: "\\"), language.escapes(in: quote) {
                end += 2
            } else if code[end] == quote,
                !isTriple || (end + 2 < code.count && code[end + 1] == quote && code[end + 2] == quote)
            {
                return end + (isTriple ? 3 : 1)
            } else if code[end] == UInt8(ascii: "\n"), !isTriple, !language.quotesSpanLines {
                return end
            } else {
                end += 1
            }
        }
        return code.count
    }

    private func isKey(_ end: Int) -> Bool {
        var next = end
        while next < code.count, Self.isSpace(code[next]) { next += 1 }
        return next < code.count && code[next] == UInt8(ascii: ":")
    }

    private func variableEnd() -> Int? {
        guard at + 1 < code.count else { return nil }
        let next = code[at + 1]
        if next == UInt8(ascii: "{") {
            guard let close = code[at...].firstIndex(of: UInt8(ascii: "}")),
                !code[at..<close].contains(UInt8(ascii: "\n"))
            else { return nil }
            return close + 1
        }
        if "?!#@*$".utf8.contains(next) { return at + 2 }
        guard Self.isWord(next) else { return nil }
        var end = at + 1
        while end < code.count, Self.isWord(code[end]) { end += 1 }
        return end
    }

    private func end(where belongs: (UInt8) -> Bool) -> Int {
        var end = at
        while end < code.count, belongs(code[end]) { end += 1 }
        return end
    }

    private func kind(ofWord range: Range<Int>) -> StaticString? {
        var word = String(decoding: code[range], as: UTF8.self)
        if language.ignoresCase { word = word.lowercased() }
        if language.keywords.contains(word) { return "keyword" }
        if language.literals.contains(word) { return "literal" }
        return language.builtIns.contains(word) ? "built_in" : nil
    }

    // MARK: Characters

    private static func append(_ byte: UInt8, to html: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "&"): html += Array("&amp;".utf8)
        case UInt8(ascii: "<"): html += Array("&lt;".utf8)
        case UInt8(ascii: ">"): html += Array("&gt;".utf8)
        case UInt8(ascii: "\""): html += Array("&quot;".utf8)
        default: html.append(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Bytes beyond ASCII belong to words, so that no character is torn.
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
            || byte >= 0x80
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
