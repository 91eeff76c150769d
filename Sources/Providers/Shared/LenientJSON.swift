internal import Core

/// Reads JSON (RFC 8259) of vendors: strict in its structure, lenient where they are known to be careless.
///
/// A surrogate without its other half becomes U+FFFD, as bytes that are no UTF-8 do; of equal names the last counts;
/// integers beyond 64 bits become floating point numbers. Depth is bounded.
struct LenientJSON {
    /// The text is not JSON.
    struct Malformed: Error, Equatable {
        let offset: Int
    }

    static let maximumDepth = 128

    let bytes: [UInt8]
    var position: Int

    private init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Reads a whole text.
    static func parse(_ bytes: [UInt8]) throws(Malformed) -> JSONValue {
        var reader = LenientJSON(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.malformed }
        return value
    }

    /// Reads a whole text.
    static func parse(_ text: String) throws(Malformed) -> JSONValue { try parse(Array(text.utf8)) }

    /// The bytes of the value at a path of names and, written as numbers, of positions; nil when there is none.
    ///
    /// This is how an item is kept as its vendor wrote it.
    static func bytes(at path: [String], in bytes: [UInt8]) -> [UInt8]? {
        guard var reader = try? located(path, in: bytes) else { return nil }
        let start = reader.position
        guard (try? reader.value(depth: path.count)) != nil else { return nil }
        return Array(bytes[start..<reader.position])
    }

    private static func located(_ path: [String], in bytes: [UInt8]) throws(Malformed) -> LenientJSON {
        var reader = LenientJSON(bytes)
        for (depth, step) in path.enumerated() {
            reader.skipSpace()
            switch reader.peek {
            case UInt8(ascii: "{"): try reader.enterMember(step, depth: depth)
            case UInt8(ascii: "["): try reader.enterElement(step, depth: depth)
            default: throw reader.malformed
            }
        }
        reader.skipSpace()
        return reader
    }

    private mutating func enterMember(_ wanted: String, depth: Int) throws(Malformed) {
        position += 1
        while true {
            skipSpace()
            let name = try string()
            try expect(":")
            if name == wanted { return }
            _ = try value(depth: depth + 1)
            try expect(",")
        }
    }

    private mutating func enterElement(_ wanted: String, depth: Int) throws(Malformed) {
        guard let number = Int(wanted) else { throw malformed }
        position += 1
        for _ in 0..<number {
            _ = try value(depth: depth + 1)
            try expect(",")
        }
    }

    // MARK: Values

    private var malformed: Malformed { Malformed(offset: position) }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Malformed) {
        skipSpace()
        guard peek == UInt8(ascii: character) else { throw malformed }
        position += 1
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.maximumDepth else { throw malformed }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].elementsEqual(text.description.utf8) else {
            throw malformed
        }
        position = end
        return value
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        var members: [String: JSONValue] = [:]
        position += 1
        skipSpace()
        if peek == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            let name = try string()
            try expect(":")
            members[name] = try value(depth: depth + 1)
            skipSpace()
            if peek == UInt8(ascii: "}") { break }
            try expect(",")
        }
        position += 1
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        var values: [JSONValue] = []
        position += 1
        skipSpace()
        if peek == UInt8(ascii: "]") {
            position += 1
            return .array(values)
        }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if peek == UInt8(ascii: "]") { break }
            try expect(",")
        }
        position += 1
        return .array(values)
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
        guard let first = digits.utf8.first, (0x30...0x39).contains(first),
            text.utf8.last != UInt8(ascii: ".")
        else { throw malformed }
        if let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw malformed }
        return .number(number)
    }

    // MARK: Strings

    private mutating func string() throws(Malformed) -> String {
        guard peek == UInt8(ascii: "\"") else { throw malformed }
        position += 1
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            position += 1
        }
        var text = Array(bytes[start..<position])
        while true {
            switch peek {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case .some(let byte) where byte >= 0x20:
                text.append(byte)
                position += 1
            default: throw malformed
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(Malformed) {
        guard let byte = peek else { throw malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(String(Character(try scalar())).utf8)
        default: throw malformed
        }
    }

    /// The character of `\uXXXX`, or of two of them that are a surrogate pair.
    private mutating func scalar() throws(Malformed) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let before = position
        if unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hexadecimal()
            if (0xDC00...0xDFFF).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            {
                return scalar
            }
            position = before
        }
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw malformed }
        position += 4
        return value
    }
}

extension JSONValue {
    /// The text of a string that is not empty.
    var text: String? {
        guard let string, !string.isEmpty else { return nil }
        return string
    }

    /// A count that fits, not negative; vendors write some as floating point numbers.
    var count: Int? {
        if let integer { return Int(exactly: max(0, integer)) }
        guard let number, number >= 0, number < 1e15 else { return nil }
        return Int(number)
    }
}
