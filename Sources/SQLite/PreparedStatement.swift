internal import CSQLite
internal import SQL

/// A prepared statement, finalised when the last reference goes.
///
/// It keeps its connection open.
@safe final class PreparedStatement {
    private let pointer: OpaquePointer
    private let handle: SQLiteHandle
    private var columns = SQLColumns([])
    /// Somebody steps through it; it must not be used for another run meanwhile.
    private(set) var isInUse = false
    /// When it was last taken from a cache, by the cache's own count.
    var lastUse: UInt64 = 0

    init(_ pointer: OpaquePointer, of handle: SQLiteHandle) {
        unsafe self.pointer = pointer
        self.handle = handle
    }

    deinit { unsafe sqlite3_finalize(pointer) }

    /// Binds the values, hands each row to `body` until it returns false; returns how many rows were changed.
    func run(_ statement: SQLStatement, _ body: (SQLRow) throws -> Bool) throws -> Int {
        isInUse = true
        defer {
            unsafe sqlite3_reset(pointer)
            unsafe sqlite3_clear_bindings(pointer)
            isInUse = false
        }
        try bind(statement)
        while try step() {
            guard try body(row()) else { break }
        }
        return unsafe sqlite3_stmt_readonly(pointer) != 0 ? 0 : handle.changes
    }

    private func step() throws(SQLError) -> Bool {
        switch unsafe sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw handle.error(code)
        }
    }

    private func bind(_ statement: SQLStatement) throws(SQLError) {
        let expected = Int(unsafe sqlite3_bind_parameter_count(pointer))
        guard expected == statement.bindCount else {
            throw SQLError(
                .statement,
                message: "the statement has \(expected) placeholders and \(statement.bindCount) values"
            )
        }
        for index in 0..<statement.bindCount {
            try handle.check(bind(statement.value(at: index), at: Int32(index + 1)))
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return unsafe sqlite3_bind_null(pointer, index)
        case .integer(let number): return unsafe sqlite3_bind_int64(pointer, index, number)
        case .real(let number): return unsafe sqlite3_bind_double(pointer, index, number)
        case .text(var text):
            return text.withUTF8 { buffer in
                unsafe dh_sqlite3_bind_text(pointer, index, buffer.baseAddress, UInt64(buffer.count))
            }
        case .blob(let bytes):
            return unsafe bytes.withUnsafeBytes { buffer in
                unsafe dh_sqlite3_bind_blob(pointer, index, buffer.baseAddress, UInt64(buffer.count))
            }
        }
    }

    private func row() -> SQLRow {
        let count = Int(unsafe sqlite3_data_count(pointer))
        if columns.names.count != count {
            columns = SQLColumns((0..<count).map { name(of: Int32($0)) })
        }
        return SQLRow(columns: columns, values: (0..<count).map { value(at: Int32($0)) })
    }

    private func name(of column: Int32) -> String {
        guard let name = unsafe sqlite3_column_name(pointer, column) else { return "" }
        return unsafe String(cString: name)
    }

    private func value(at column: Int32) -> SQLValue {
        switch unsafe sqlite3_column_type(pointer, column) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(pointer, column))
        case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(pointer, column))
        case SQLITE_TEXT:
            guard let start = unsafe sqlite3_column_text(pointer, column) else { return .text("") }
            let count = Int(unsafe sqlite3_column_bytes(pointer, column))
            return unsafe .text(
                String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
            )
        case SQLITE_BLOB:
            guard let start = unsafe sqlite3_column_blob(pointer, column) else { return .blob([]) }
            let count = Int(unsafe sqlite3_column_bytes(pointer, column))
            return unsafe .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}
