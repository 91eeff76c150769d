/// A text as a person must see it before they agree to it: whatever would not be seen, or would change how the rest
/// looks, stands there as its code.
enum VisibleText {
    /// A stretch of the text.
    enum Piece: Equatable {
        /// Is what it looks like.
        case plain(String)
        /// Looks like something, and may be taken for another character.
        case foreign(Unicode.Scalar)
        /// A code in place of what cannot be seen, such as `\u{202E}`.
        case code(String)
        /// A line ends here, and is shown to.
        case lineEnd
    }

    /// The text in one line of sight, with codes where they are needed.
    static func text(_ bytes: some Sequence<UInt8>, marksLineEnds: Bool = false) -> String {
        pieces(bytes, marksLineEnds: marksLineEnds).map { piece in
            switch piece {
            case .plain(let text), .code(let text): text
            case .foreign(let scalar): String(Character(scalar))
            case .lineEnd: "\\n\n"
            }
        }.joined()
    }

    /// The text as HTML, codes and foreign characters being marked, so that nobody takes a typed code for one of ours.
    static func html(_ bytes: some Sequence<UInt8>, marksLineEnds: Bool = false) -> String {
        pieces(bytes, marksLineEnds: marksLineEnds).map { piece in
            switch piece {
            case .plain(let text): HTMLText.escape(text)
            case .code(let text): "<mark>\(HTMLText.escape(text))</mark>"
            case .foreign(let scalar):
                "<mark class=\"foreign\" title=\"\(name(scalar))\">\(HTMLText.escape(String(Character(scalar))))</mark>"
            case .lineEnd: "<mark>\\n</mark>\n"
            }
        }.joined()
    }

    /// The stretches of a text in UTF-8; bytes that are not are codes like `\xFF`.
    static func pieces(_ bytes: some Sequence<UInt8>, marksLineEnds: Bool = false) -> [Piece] {
        var pieces: [Piece] = []
        var plain = ""
        func flush() {
            if !plain.isEmpty { pieces.append(.plain(plain)) }
            plain = ""
        }
        var rest = Array(bytes)[...]
        while let byte = rest.first {
            guard let scalar = firstScalar(of: rest) else {
                flush()
                pieces.append(.code("\\x" + hex(UInt32(byte), digits: 2)))
                rest.removeFirst()
                continue
            }
            rest.removeFirst(UTF8.width(scalar))
            if scalar == "\n", marksLineEnds {
                flush()
                pieces.append(.lineEnd)
            } else if scalar == "\n" || scalar == "\t" || (" "..."~").contains(scalar) {
                plain.unicodeScalars.append(scalar)
            } else {
                flush()
                pieces.append(isSeen(scalar) ? .foreign(scalar) : .code(code(scalar)))
            }
        }
        flush()
        return pieces
    }

    /// The character at the beginning; nil where the bytes are not UTF-8.
    private static func firstScalar(of bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let length =
            switch bytes.first ?? 0xFF {
            case 0..<0x80: 1
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        return String(validating: bytes.prefix(length), as: UTF8.self)?.unicodeScalars.first
    }

    private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        // The blank of Braille looks like a space and is a symbol.
        if properties.isDefaultIgnorableCodePoint || scalar == "\u{2800}" { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator, .nonspacingMark, .enclosingMark:
            return false
        default: return true
        }
    }

    private static func code(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\r": "\\r"
        case "\u{1B}": "\\e"
        default: "\\u{\(hex(scalar.value, digits: 4))}"
        }
    }

    private static func name(_ scalar: Unicode.Scalar) -> String { "U+" + hex(scalar.value, digits: 4) }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
