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

    /// The text in pieces.
    let parts: [Part]
    let values: [SQLValue]

    /// Makes a statement without binds.
    public init(stringLiteral value: StaticString) {
        parts = [Part(value)]
        values = []
    }

    /// Makes a statement of its parts.
    public init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
        values = stringInterpolation.values
    }

    /// How many values are bound.
    public var bindCount: Int { values.count }

    /// The value at a place, counted from 0.
    public func value(at index: Int) -> SQLValue { values[index] }

    /// What the statement has in common with others from the same place in the program.
    public var shape: Shape { Shape(parts: parts) }

    /// The text as an engine wants it.
    public func text(_ placeholder: Placeholder) -> String {
        var text = ""
        var bindCount = 0
        for part in parts {
            switch part {
            case .literal(let literal): text += literal.text.description
            case .other(let other): text += other
            case .bind:
                bindCount += 1
                text += placeholder == .numbered ? "$\(bindCount)" : "?"
            }
        }
        return text
    }
}

extension SQLStatement {
    /// Collects the parts of an interpolated statement.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var parts: [SQLStatement.Part] = []
        var values: [SQLValue] = []

        /// Starts with nothing.
        public init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
            values.reserveCapacity(interpolationCount)
        }

        /// Adds text of the program.
        public mutating func appendLiteral(_ literal: StaticString) { parts.append(Part(literal)) }

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
            parts += fragment.parts
            values += fragment.values
        }

        /// Puts text in as it is.
        ///
        /// Never for anything that came from outside.
        public mutating func appendInterpolation(unsafeSQL sql: String) { parts.append(.other(sql)) }

        @usableFromInline mutating func bind(_ value: SQLValue) {
            parts.append(.bind)
            values.append(value)
        }
    }
}
