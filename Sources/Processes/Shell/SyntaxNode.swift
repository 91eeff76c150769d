/// A node of the syntax tree that `shfmt --to-json` prints.
///
/// Positions stand as numbers: their offset in the text, in bytes.
indirect enum SyntaxNode: Sendable, Equatable {
    case null
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([SyntaxNode])
    case object([String: SyntaxNode])

    /// Nesting beyond this is refused, since the tree is walked by recursion.
    static let deepest = 700

    /// Why a text is no tree.
    enum Malformation: Error, Equatable {
        case noJSON
        case tooDeep
    }

    /// Reads what shfmt printed.
    init(parsing bytes: [UInt8]) throws(Malformation) {
        var reader = SyntaxReader(bytes: bytes)
        self = try reader.document()
    }

    /// The member of an object, or nil when it is absent.
    subscript(name: String) -> SyntaxNode? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// The type of a node that can be one of several.
    var type: String? { self["Type"]?.text }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var number: Int? { if case .number(let value) = self { value } else { nil } }
    var isTrue: Bool { self == .flag(true) }
    /// The elements of a list; none for anything else.
    var elements: [SyntaxNode] { if case .list(let values) = self { values } else { [] } }

    /// The elements of a member that is a list.
    func list(_ name: String) -> [SyntaxNode] { self[name]?.elements ?? [] }
    /// Says whether a member is given and true.
    func flag(_ name: String) -> Bool { self[name]?.isTrue ?? false }
}

/// Reads JSON (RFC 8259) as Go writes it.
private struct SyntaxReader {
    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(SyntaxNode.Malformation) -> SyntaxNode {
        let node = try value()
        skipSpace()
        guard place == bytes.count else { throw .noJSON }
        return node
    }

    private mutating func skipSpace() {
        while place < bytes.count, " \t\n\r".utf8.contains(bytes[place]) { place += 1 }
    }

    private mutating func next() throws(SyntaxNode.Malformation) -> UInt8 {
        guard place < bytes.count else { throw .noJSON }
        defer { place += 1 }
        return bytes[place]
    }

    private mutating func take(_ byte: Character) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == byte.asciiValue else { return false }
        place += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ node: SyntaxNode) throws(SyntaxNode.Malformation)
        -> SyntaxNode
    {
        let text = "\(word)".utf8
        guard bytes[place...].starts(with: text) else { throw .noJSON }
        place += text.count
        return node
    }

    private mutating func value() throws(SyntaxNode.Malformation) -> SyntaxNode {
        skipSpace()
        guard place < bytes.count else { throw .noJSON }
        switch bytes[place] {
        case UInt8(ascii: "{"):
            return try nested { reader throws(SyntaxNode.Malformation) in try reader.object() }
        case UInt8(ascii: "["):
            return try nested { reader throws(SyntaxNode.Malformation) in try reader.list() }
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout SyntaxReader) throws(SyntaxNode.Malformation) -> SyntaxNode
    ) throws(SyntaxNode.Malformation) -> SyntaxNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= SyntaxNode.deepest else { throw .tooDeep }
        return try body(&self)
    }

    private mutating func object() throws(SyntaxNode.Malformation) -> SyntaxNode {
        place += 1
        var members: [String: SyntaxNode] = [:]
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            let name = try string()
            guard take(":") else { throw .noJSON }
            members[name] = try value()
        } while take(",")
        guard take("}") else { throw .noJSON }
        if members.count == 3, let offset = members["Offset"], members["Line"] != nil, members["Col"] != nil {
            return offset
        }
        return .object(members)
    }

    private mutating func list() throws(SyntaxNode.Malformation) -> SyntaxNode {
        place += 1
        var values: [SyntaxNode] = []
        if take("]") { return .list(values) }
        repeat { values.append(try value()) } while take(",")
        guard take("]") else { throw .noJSON }
        return .list(values)
    }

    private mutating func number() throws(SyntaxNode.Malformation) -> SyntaxNode {
        var value = 0
        let start = place
        while place < bytes.count, case let byte = bytes[place],
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        {
            guard place - start < 15 else { throw .noJSON }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            place += 1
        }
        guard place > start else { throw .noJSON }
        return .number(value)
    }

    private mutating func string() throws(SyntaxNode.Malformation) -> String {
        guard try next() == UInt8(ascii: "\"") else { throw .noJSON }
        var text: [UInt8] = []
        while true {
            let byte = try next()
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else { throw .noJSON }
                return text
            case UInt8(ascii: "\\"): try escape(into: &text)
            default: text.append(byte)
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(SyntaxNode.Malformation) {
        switch try next() {
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "u"):
            var units = [try unit()]
            if UTF16.isLeadSurrogate(units[0]) {
                guard try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u") else { throw .noJSON }
                units.append(try unit())
            }
            guard let scalars = String(validating: units, as: UTF16.self) else { throw .noJSON }
            text += Array(scalars.utf8)
        case let byte where "\"\\/".utf8.contains(byte): text.append(byte)
        default: throw .noJSON
        }
    }

    private mutating func unit() throws(SyntaxNode.Malformation) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(UnicodeScalar(try next())).hexDigitValue else { throw .noJSON }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
