public import Core

/// A value as databases store it: the storage classes that SQLite and PostgreSQL share.
public enum SQLValue: Sendable, Hashable {
    case null
    /// Up to 64 bits, signed.
    case integer(Int64)
    case real(Double)
    /// UTF-8; U+0000 inside is kept where the engine can (SQLite: yes, PostgreSQL: refused).
    case text(String)
    case blob([UInt8])
}

/// A type whose values can be bound to a statement and read from a column.
public protocol SQLConvertible {
    /// The value to bind.
    var sqlValue: SQLValue { get }
    /// Reads a column; nil when the column holds another type.
    init?(sqlValue: SQLValue)
}

extension SQLValue: SQLConvertible {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { self }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) { self = sqlValue }
}

extension Int64: SQLConvertible {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { .integer(self) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Int: SQLConvertible {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { .integer(Int64(self)) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(exactly: value)
    }
}

extension Bool: SQLConvertible {
    /// 0 or 1: not every engine has a type for it.
    @inlinable public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension Double: SQLConvertible {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { .real(self) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        guard case .real(let value) = sqlValue else { return nil }
        self = value
    }
}

extension String: SQLConvertible {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { .text(self) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        guard case .text(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Array: SQLConvertible where Element == UInt8 {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { .blob(self) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        guard case .blob(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    /// The value to bind.
    @inlinable public var sqlValue: SQLValue { self?.sqlValue ?? .null }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        if case .null = sqlValue {
            self = .none
            return
        }
        guard let value = Wrapped(sqlValue: sqlValue) else { return nil }
        self = .some(value)
    }
}

extension Timestamp: SQLConvertible {
    /// Microseconds since 1970, as an integer.
    @inlinable public var sqlValue: SQLValue { .integer(microseconds) }
    /// Reads a column.
    @inlinable public init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(microseconds: value)
    }
}
