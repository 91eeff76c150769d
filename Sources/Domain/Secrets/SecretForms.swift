/// A way in which a secret can appear in an output.
public struct SecretForm: Hashable, Sendable {
    /// What is looked for.
    public let bytes: [UInt8]
    /// Whether one line break may stand between any two bytes from the third on, as encoders of base64 and
    /// hexadecimal put them.
    public let wraps: Bool

    /// Makes a form.
    public init(_ bytes: [UInt8], wraps: Bool = false) {
        self.bytes = bytes
        self.wraps = wraps
    }
}

/// The forms of a secret: plain, base64 at each of three alignments, hexadecimal, URL-encoded, JSON-escaped.
///
/// What programs do to a value without meaning harm; a command that wants to disguise it will find another way.
public enum SecretForms: Sendable {
    /// All forms of a value of at least ``NamedSecret/shortest`` bytes, each once.
    public static func all(of value: [UInt8]) -> Set<SecretForm> {
        var forms: Set<SecretForm> = [SecretForm(value)]
        // A terminal writes a carriage return before each newline (termios(3), ONLCR).
        forms.insert(SecretForm(value.flatMap { $0 == 10 ? [13, 10] : [$0] }))
        for alignment in 0..<3 {
            for alphabet in [standardAlphabet, urlAlphabet] {
                let form = base64(value, alignment, alphabet)
                insert(form.known, into: &forms)
                if let last = form.last { insert(form.known + [last], into: &forms) }
            }
        }
        for digits in [lowerDigits, upperDigits] {
            insert(value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, into: &forms)
            for unreserved in unreservedMarks {
                for space in [Array("%20".utf8), Array("+".utf8)] {
                    forms.insert(SecretForm(urlEncoded(value, digits, unreserved, space)))
                }
            }
        }
        return forms.union(json(value))
    }

    /// Adds a form that may be wrapped, and what follows a line break after its first or second character.
    private static func insert(_ form: [UInt8], into forms: inout Set<SecretForm>) {
        for dropped in 0...2 { forms.insert(SecretForm(Array(form.dropFirst(dropped)), wraps: true)) }
    }

    // MARK: base64 (RFC 4648)

    private static let standardAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let urlAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// The characters that depend on the value alone when `alignment` bytes stand before it in its group of three;
    /// and the one after them, if it holds bits of the value, as it is when nothing or a line break follows.
    private static func base64(
        _ value: [UInt8],
        _ alignment: Int,
        _ alphabet: [UInt8]
    ) -> (known: [UInt8], last: UInt8?) {
        let bytes = [UInt8](repeating: 0, count: alignment) + value + [0]
        let bits = (alignment + value.count) * 8
        func character(_ index: Int) -> UInt8 {
            let bit = index * 6
            let pair =
                UInt16(bytes[bit / 8]) << 8 | (bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0)
            return alphabet[Int(pair >> (10 - UInt16(bit % 8)) & 63)]
        }
        let known = ((alignment * 8 + 5) / 6..<bits / 6).map(character)
        return (known, bits % 6 == 0 ? nil : character(bits / 6))
    }

    // MARK: URLs (RFC 3986, the WHATWG's form encoding, ECMAScript's encodeURIComponent)

    private static let lowerDigits = Array("0123456789abcdef".utf8)
    private static let upperDigits = Array("0123456789ABCDEF".utf8)
    private static let unreservedMarks = ["-._~", "-_.!~*'()", "*-._", "-._~/"].map { Array($0.utf8) }

    private static func urlEncoded(
        _ value: [UInt8],
        _ digits: [UInt8],
        _ unreserved: [UInt8],
        _ space: [UInt8]
    ) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: [byte]
            case 0x20: space
            case _ where unreserved.contains(byte): [byte]
            default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    // MARK: JSON (RFC 8259 section 7)

    private static func json(_ value: [UInt8]) -> Set<SecretForm> {
        var forms: Set<SecretForm> = []
        for digits in [lowerDigits, upperDigits] {
            for escapesSlash in [false, true] {
                for escapesMarkup in [false, true] {
                    for isASCII in [false, true] {
                        let style = Escaping(
                            digits: digits,
                            slash: escapesSlash,
                            markup: escapesMarkup,
                            ascii: isASCII
                        )
                        forms.insert(SecretForm(style.escaped(value)))
                    }
                }
            }
        }
        return forms
    }

    /// What an encoder of JSON escapes beside what it must.
    private struct Escaping {
        let digits: [UInt8]
        let slash: Bool
        let markup: Bool
        let ascii: Bool

        func escaped(_ value: [UInt8]) -> [UInt8] {
            guard ascii, let text = String(validating: value, as: UTF8.self) else {
                return value.flatMap(byte)
            }
            return text.unicodeScalars.flatMap { scalar in
                scalar.isASCII
                    ? byte(UInt8(truncatingIfNeeded: scalar.value)) : String(scalar).utf16.flatMap(unit)
            }
        }

        private func byte(_ byte: UInt8) -> [UInt8] {
            let backslash = UInt8(ascii: "\\")
            switch byte {
            case UInt8(ascii: "\""), backslash: return [backslash, byte]
            case UInt8(ascii: "/") where slash: return [backslash, byte]
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "'"):
                return markup ? unit(UInt16(byte)) : [byte]
            case 8: return [backslash, UInt8(ascii: "b")]
            case 9: return [backslash, UInt8(ascii: "t")]
            case 10: return [backslash, UInt8(ascii: "n")]
            case 12: return [backslash, UInt8(ascii: "f")]
            case 13: return [backslash, UInt8(ascii: "r")]
            case 0..<0x20: return unit(UInt16(byte))
            default: return [byte]
            }
        }

        private func unit(_ unit: UInt16) -> [UInt8] {
            Array("\\u".utf8) + [12, 8, 4, 0].map { digits[Int(unit >> UInt16($0) & 15)] }
        }
    }
}
