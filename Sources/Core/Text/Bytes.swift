extension String {
    /// The text of bytes that are well-formed UTF-8, or nil.
    public init?(strictUTF8 bytes: some Collection<UInt8>) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self = text
    }

    /// The text without spaces, tabs and line ends at both sides.
    public var trimmed: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard let first = utf8.firstIndex(where: { !isSpace($0) }),
            let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        let end = utf8.index(after: last)
        return first == startIndex && end == endIndex ? self : String(self[first..<end])
    }

    /// Says whether the bytes of a text are among the bytes of this one; an empty text is.
    ///
    /// Unlike `contains`, it knows no characters: a combining mark behind the bytes does not hide them.
    public func containsBytes(of text: String) -> Bool {
        var own = self
        var other = text
        return own.withUTF8 { bytes in
            other.withUTF8 { wanted in
                guard let first = unsafe wanted.first else { return true }
                var place = 0
                while place + wanted.count <= bytes.count {
                    if unsafe bytes[place] == first,
                        unsafe bytes[place..<place + wanted.count].elementsEqual(wanted)
                    {
                        return true
                    }
                    place += 1
                }
                return false
            }
        }
    }

    /// Says whether this text begins with the bytes of another one.
    public func hasBytePrefix(_ text: String) -> Bool { utf8.starts(with: text.utf8) }
}

extension [UInt8] {
    /// How many bytes at the end begin a UTF-8 character that is not complete yet (RFC 3629 section 3): 0 to 3.
    public var incompleteUTF8Tail: Int {
        for back in 1...3 where back <= count {
            let byte = self[count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 && byte <= 0xF4 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
            return length > back && byte <= 0xF4 ? back : 0
        }
        return 0
    }
}

/// Hexadecimal and unpadded base64url text (RFC 4648).
public enum TextCoding: Sendable {
    /// Lower-case hexadecimal text.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// Unpadded base64url text (RFC 4648 section 5).
    public static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            text.append(alphabet[Int(group >> 18 & 63)])
            text.append(alphabet[Int(group >> 12 & 63)])
            if left > 1 { text.append(alphabet[Int(group >> 6 & 63)]) }
            if left > 2 { text.append(alphabet[Int(group & 63)]) }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of unpadded base64url text, or nil when it is not canonical.
    public static func bytes(base64URL text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            let value: UInt32
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(character) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(character) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(character) + 4
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            buffer = buffer << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
                buffer &= (1 << UInt32(bits)) - 1
            }
        }
        guard bits < 6, buffer == 0 else { return nil }
        return bytes
    }
}
