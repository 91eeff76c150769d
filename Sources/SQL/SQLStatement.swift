/// One statement with the values that belong to it.
///
/// Made by interpolation: text comes from the program only (the compiler refuses anything but literals), values become
/// binds, so input cannot become SQL:
///
///     let statement: SQLStatement = "select name from sessions where id = \(id)"
public struct SQLStatement: Sendable, ExpressibleByStringInterpolation {
    /// How an engine writes the place of a bind.
    public enum Placeholder: Sendable {
        /// `?` (SQLite).
        case question
        /// `$1`, `$2`, … (PostgreSQL).
        case numbered
    }

    struct Bind: Sendable {
        /// Where its placeholder stands, in bytes of `text`.
        let offset: Int
        let value: SQLValue
    }

    /// The text with a question mark at the place of each bind.
    let text: String
    let binds: [Bind]

    /// Makes a statement without binds.
    public init(stringLiteral value: StaticString) {
        text = value.description
        binds = []
    }

    /// Makes a statement of its parts.
    public init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
        binds = stringInterpolation.binds
    }

    /// How many values are bound.
    public var bindCount: Int { binds.count }

    /// The value at a place, counted from 0.
    public func value(at index: Int) -> SQLValue { binds[index].value }

    /// The text as an engine wants it.
    public func text(_ placeholder: Placeholder) -> String {
        guard placeholder == .numbered, !binds.isEmpty else { return text }
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var position = 0
        for (index, bind) in binds.enumerated() {
            result += bytes[position..<bind.offset]
            result += "$\(index + 1)".utf8
            position = bind.offset + 1
        }
        result += bytes[position...]
        return String(decoding: result, as: UTF8.self)
    }
}

extension SQLStatement {
    /// Collects the parts of an interpolated statement.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var text = ""
        var binds: [Bind] = []

        /// Starts with nothing.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            binds.reserveCapacity(interpolationCount)
        }

        /// Adds text of the program.
        public mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { text += unsafe String(decoding: $0, as: UTF8.self) }
        }

        /// Binds a value.
        @inlinable public mutating func appendInterpolation(_ value: some SQLConvertible) {
            bind(value.sqlValue)
        }

        /// Binds a value, or null.
        @inlinable public mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
            bind(value?.sqlValue ?? .null)
        }

        /// Puts another statement in, such as a list of columns, with its binds.
        public mutating func appendInterpolation(_ fragment: SQLStatement) {
            let start = text.utf8.count
            binds += fragment.binds.map { Bind(offset: start + $0.offset, value: $0.value) }
            text += fragment.text
        }

        /// Puts text in as it is.
        ///
        /// Never for anything that came from outside.
        public mutating func appendInterpolation(unsafeSQL sql: String) { text += sql }

        @usableFromInline mutating func bind(_ value: SQLValue) {
            binds.append(Bind(offset: text.utf8.count, value: value))
            text += "?"
        }
    }
}
