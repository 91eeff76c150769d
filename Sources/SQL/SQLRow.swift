/// The names of a statement's columns, shared by its rows.
public final class SQLColumns: Sendable {
    /// The names in order.
    public let names: [String]
    /// Wraps names.
    public init(_ names: [String]) { self.names = names }
}

/// One row of a result, copied out of the engine.
public struct SQLRow: Sendable {
    /// The names of the columns.
    public let columns: SQLColumns
    /// The values in the order of the columns.
    public let values: [SQLValue]

    /// Makes a row.
    public init(columns: SQLColumns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column by its name; `shape` when there is no such column or it holds another type.
    ///
    /// An optional type accepts null; all others refuse it.
    @inlinable public func get<Value: SQLConvertible>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws(SQLError) -> Value {
        guard let index = columns.names.firstIndex(of: name) else {
            throw SQLError(.shape, message: "the row has no column \(name)")
        }
        return try get(index)
    }

    /// The value of a column by its place, counted from 0; errors as by name.
    @inlinable public func get<Value: SQLConvertible>(
        _ index: Int,
        as type: Value.Type = Value.self
    ) throws(SQLError) -> Value {
        guard values.indices.contains(index) else {
            throw SQLError(.shape, message: "the row has no column at \(index)")
        }
        guard let value = Value(sqlValue: values[index]) else {
            throw SQLError(
                .shape,
                message: "column \(columns.names[index]) holds \(values[index].typeName), not \(Value.self)"
            )
        }
        return value
    }
}

/// Reads the columns of a row one after the other, in the order of the statement.
///
/// Faster than by name for rows with many columns.
public struct SQLRowReader: Sendable {
    @usableFromInline let row: SQLRow
    @usableFromInline var index = 0

    /// Starts before the first column.
    public init(_ row: SQLRow) { self.row = row }

    /// The value of the next column; errors as of ``SQLRow/get(_:as:)``.
    @inlinable public mutating func next<Value: SQLConvertible>(
        as type: Value.Type = Value.self
    ) throws(SQLError) -> Value {
        index += 1
        return try row.get(index - 1)
    }
}

extension SQLValue {
    /// The name of the storage class, for messages that must not contain the value.
    @usableFromInline var typeName: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .real: "a real"
        case .text: "text"
        case .blob: "a blob"
        }
    }
}
