internal import Domain

/// Turns a word of the syntax tree into what is known of it after quote removal (bash(1), EXPANSION).
struct WordDecoder {
    private let source: [UInt8]
    /// The bytes, and whether each was quoted.
    private var bytes: [(byte: UInt8, isQuoted: Bool)] = []
    private var worst: ShellWord.Kind?

    init(source: [UInt8]) { self.source = source }

    /// The word; `plain` asks for a text that is not expanded as file names or by braces, as behind `<<<`.
    static func word(_ node: SyntaxNode, in source: [UInt8], plain: Bool = false) -> ShellWord {
        var decoder = WordDecoder(source: source)
        decoder.take(parts: node.list("Parts"))
        return decoder.result(written: written(node, in: source), plain: plain)
    }

    /// A text in which only expansions count, such as the body of a here-document; nil when there are some.
    static func text(_ node: SyntaxNode, in source: [UInt8]) -> String? {
        var decoder = WordDecoder(source: source)
        for part in node.list("Parts") {
            guard part.type == "Lit", let value = part["Value"]?.text else { return nil }
            decoder.take(quoted: value, escapable: "$`\\")
        }
        guard decoder.worst == nil else { return nil }
        return String(validating: decoder.bytes.map(\.byte), as: UTF8.self)
    }

    /// The source of a node as it was written.
    static func written(_ node: SyntaxNode, in source: [UInt8]) -> String {
        guard let start = node["Pos"]?.number, let end = node["End"]?.number, start <= end,
            end <= source.count
        else { return "" }
        return String(decoding: source[start..<end], as: UTF8.self)
    }

    // MARK: Parts

    /// Remembers the kind that says least about the word.
    private mutating func note(_ kind: ShellWord.Kind) {
        let order: [ShellWord.Kind] = [.undecoded, .substitution, .variable, .arithmetic, .brace]
        let rank = { (kind: ShellWord.Kind) in order.firstIndex(of: kind) ?? order.count }
        if let worst, rank(worst) <= rank(kind) { return }
        worst = kind
    }

    private mutating func take(parts: [SyntaxNode]) {
        for part in parts {
            let value = part["Value"]?.text ?? ""
            switch part.type {
            case "Lit": take(bare: value)
            case "SglQuoted":
                if !part.flag("Dollar") {
                    bytes += value.utf8.map { ($0, true) }
                } else if let decoded = EscapedText.decode(value) {
                    bytes += decoded.map { ($0, true) }
                } else {
                    note(.undecoded)
                }
            case "DblQuoted":
                // $"…" is translated when it runs.
                if part.flag("Dollar") { note(.undecoded) }
                take(quotedParts: part.list("Parts"))
            default: take(expansion: part)
            }
        }
    }

    private mutating func take(quotedParts parts: [SyntaxNode]) {
        for part in parts {
            if part.type == "Lit" {
                take(quoted: part["Value"]?.text ?? "", escapable: "$`\"\\")
            } else {
                take(expansion: part)
            }
        }
    }

    private mutating func take(expansion part: SyntaxNode) {
        switch part.type {
        case "ParamExp": note(.variable)
        case "CmdSubst", "ProcSubst": note(.substitution)
        case "ArithmExp": note(.arithmetic)
        case "BraceExp": note(.brace)
        default: note(.undecoded)
        }
    }

    private mutating func take(bare value: String) {
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else { return note(.undecoded) }
                if next != 10 { bytes.append((next, true)) }
            case UInt8(ascii: "`"): note(.undecoded)
            case UInt8(ascii: "$"):
                check(dollarBefore: rest.first)
                bytes.append((byte, true))
            default: bytes.append((byte, false))
            }
        }
    }

    private mutating func take(quoted value: String, escapable: String) {
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                if rest.first == 10 {
                    rest.removeFirst()
                } else if let next = rest.first, escapable.utf8.contains(next) {
                    rest.removeFirst()
                    bytes.append((next, true))
                } else {
                    bytes.append((byte, true))
                }
            case UInt8(ascii: "`"): note(.undecoded)
            case UInt8(ascii: "$"):
                check(dollarBefore: rest.first)
                bytes.append((byte, true))
            default: bytes.append((byte, true))
            }
        }
    }

    /// The parser took a dollar sign as a letter; bash has to agree.
    private mutating func check(dollarBefore next: UInt8?) {
        guard let next else { return }
        switch next {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            note(.undecoded)
        default: if "_{([*@#?!$-'\"".utf8.contains(next) { note(.undecoded) }
        }
    }

    // MARK: The whole

    private func result(written: String, plain: Bool) -> ShellWord {
        if let worst { return ShellWord(worst, written) }
        if isTilde { return ShellWord(.tilde, written) }
        if !plain {
            if isBrace { return ShellWord(.brace, written) }
            if isPattern { return pattern(written) }
        }
        guard let text = String(validating: bytes.map(\.byte), as: UTF8.self) else {
            return ShellWord(.undecoded, written)
        }
        return ShellWord(.literal, text)
    }

    private func isBare(_ place: Int, _ byte: Character) -> Bool {
        bytes.indices.contains(place) && !bytes[place].isQuoted && bytes[place].byte == byte.asciiValue
    }

    /// Bash expands a tilde at the beginning, and in words that look like assignments.
    private var isTilde: Bool {
        bytes.indices.contains { place in
            isBare(place, "~") && (place == 0 || isBare(place - 1, "=") || isBare(place - 1, ":"))
        }
    }

    private var isBrace: Bool {
        guard let open = bytes.indices.first(where: { isBare($0, "{") }),
            let close = bytes.indices.last(where: { isBare($0, "}") }), open < close
        else { return false }
        let inner = bytes[open..<close].map(\.byte)
        return inner.contains(UInt8(ascii: ","))
            || zip(inner, inner.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }
    }

    private var isPattern: Bool {
        bytes.indices.contains { place in
            isBare(place, "*") || isBare(place, "?")
                || (isBare(place, "[") && bytes[place...].contains { $0.byte == UInt8(ascii: "]") })
        }
    }

    private func pattern(_ written: String) -> ShellWord {
        var text: [UInt8] = []
        for (byte, isQuoted) in bytes {
            if isQuoted, "*?[]\\!^-".utf8.contains(byte) { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
        }
        guard let text = String(validating: text, as: UTF8.self) else {
            return ShellWord(.undecoded, written)
        }
        return ShellWord(.pattern, text)
    }
}

/// The text of `$'…'` (bash(1), QUOTING).
enum EscapedText {
    /// The bytes; nil for an escape whose meaning depends on the locale, or that makes a NUL.
    static func decode(_ value: String) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let letter = rest.popFirst(), let decoded = escape(letter, &rest), decoded != 0 else {
                return nil
            }
            result.append(decoded)
        }
        return result
    }

    private static func escape(_ letter: UInt8, _ rest: inout ArraySlice<UInt8>) -> UInt8? {
        switch letter {
        case UInt8(ascii: "a"): return 7
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "e"), UInt8(ascii: "E"): return 27
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "v"): return 11
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "?"): return letter
        case UInt8(ascii: "x"): return number(&rest, radix: 16, most: 2, first: 0, digits: 0)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            return number(&rest, radix: 8, most: 3, first: Int(letter - UInt8(ascii: "0")), digits: 1)
        default: return nil
        }
    }

    /// Only ASCII: what other bytes make together is not decided here.
    private static func number(
        _ rest: inout ArraySlice<UInt8>,
        radix: Int,
        most: Int,
        first: Int,
        digits: Int
    ) -> UInt8? {
        var value = first
        var digits = digits
        while digits < most, let byte = rest.first,
            let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < radix
        {
            value = value * radix + digit
            digits += 1
            rest.removeFirst()
        }
        return digits > 0 && value < 0x80 ? UInt8(value) : nil
    }
}
