internal import CSQLite
internal import SQL
internal import Synchronization

/// An open connection of the library, closed when the last reference goes.
///
/// Opened without the library's own mutex: all but ``interrupt()`` belong to the thread that runs its owner.
@safe final class SQLiteHandle {
    fileprivate let pointer: OpaquePointer

    /// Opens a file; see https://sqlite.org/c3ref/open.html for the flags.
    init(path: String, flags: Int32) throws(SQLError) {
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(
            path,
            &opened,
            flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            nil
        )
        guard let handle = unsafe opened else {
            throw SQLError(.inputOutput, code: Int(code), message: "no memory for a connection")
        }
        guard code == SQLITE_OK else {
            let message = unsafe String(cString: sqlite3_errmsg(handle))
            unsafe sqlite3_close_v2(handle)
            throw SQLError(code: code, message: message)
        }
        unsafe pointer = handle
    }

    deinit { unsafe sqlite3_close_v2(pointer) }

    /// Throws the library's error unless the code means success.
    func check(_ code: Int32) throws(SQLError) {
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// The library's last error with this code.
    func error(_ code: Int32) -> SQLError {
        SQLError(code: code, message: unsafe String(cString: sqlite3_errmsg(pointer)))
    }

    /// Runs statements without binds and drops their rows.
    func execute(_ script: String) throws(SQLError) {
        try check(unsafe sqlite3_exec(pointer, script, nil, nil, nil))
    }

    /// Sets how long a statement waits for the lock of another process.
    func setBusyTimeout(milliseconds: Int32) throws(SQLError) {
        try check(unsafe sqlite3_busy_timeout(pointer, milliseconds))
    }

    /// Switches one of the library's options (https://sqlite.org/c3ref/c_dbconfig_defensive.html).
    func set(_ option: Int32, to value: Bool) throws(SQLError) {
        try check(unsafe dh_sqlite3_config_flag(pointer, option, value ? 1 : 0))
    }

    /// Sets one of the library's limits (https://sqlite.org/c3ref/limit.html).
    func limit(_ limit: Int32, to value: Int32) { unsafe sqlite3_limit(pointer, limit, value) }

    /// Says whether a transaction is open.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(pointer) == 0 }

    /// Rows changed by the last statement.
    var changes: Int { Int(unsafe sqlite3_changes64(pointer)) }

    /// Stops the statement that runs now; may be called from any thread while the connection is open.
    func interrupt() { unsafe sqlite3_interrupt(pointer) }

    /// Prepares one statement; text after it is an error.
    func prepare(_ text: String) throws(SQLError) -> PreparedStatement {
        var prepared: OpaquePointer?
        var hasMore = false
        var sql = text
        let code = sql.withUTF8 { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return SQLITE_OK }
            return unsafe base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { characters in
                var tail: UnsafePointer<CChar>?
                let code = unsafe sqlite3_prepare_v3(
                    pointer,
                    characters,
                    Int32(buffer.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT),
                    &prepared,
                    &tail
                )
                if let tail = unsafe tail { hasMore = unsafe tail < characters + buffer.count }
                return code
            }
        }
        try check(code)
        guard let statement = unsafe prepared, !hasMore else {
            unsafe sqlite3_finalize(prepared)
            throw SQLError(.statement, message: "the text is not exactly one statement")
        }
        return unsafe PreparedStatement(statement, of: self)
    }

    /// Copies frames of the write-ahead log into the database as far as readers allow, without waiting for them; says
    /// how many of the log are there now.
    func checkpoint() throws(SQLError) -> Int {
        var carried: Int32 = 0
        try check(unsafe sqlite3_wal_checkpoint_v2(pointer, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &carried))
        return Int(carried)
    }

    /// Has `counter` set to the pages in the write-ahead log after each commit.
    ///
    /// The counter must live as long as the connection.
    func reportLogPages(to counter: LogPages) {
        unsafe sqlite3_wal_hook(
            pointer,
            { context, _, _, pages in
                if let context = unsafe context {
                    unsafe Unmanaged<LogPages>.fromOpaque(context).takeUnretainedValue().count.store(
                        Int(pages),
                        ordering: .relaxed
                    )
                }
                return SQLITE_OK
            },
            Unmanaged.passUnretained(counter).toOpaque()
        )
    }

    /// Has `flag` looked at every few thousand steps; a statement stops when it is raised.
    ///
    /// The flag must live as long as the connection. It closes the gap of ``interrupt()``, which is forgotten when it
    /// comes just before a statement begins.
    func stop(when flag: StopFlag) {
        unsafe sqlite3_progress_handler(
            pointer,
            4_000,
            { context in
                guard let context = unsafe context else { return 0 }
                return unsafe Unmanaged<StopFlag>.fromOpaque(context).takeUnretainedValue().isRaised ? 1 : 0
            },
            Unmanaged.passUnretained(flag).toOpaque()
        )
    }

    /// Begins a copy of this database into an empty one.
    func backup(into target: SQLiteHandle) throws(SQLError) -> SQLiteCopy {
        guard let copy = unsafe sqlite3_backup_init(target.pointer, "main", pointer, "main") else {
            throw target.error(unsafe sqlite3_extended_errcode(target.pointer))
        }
        return unsafe SQLiteCopy(copy, from: self, to: target)
    }
}

/// Pages in the write-ahead log after the last commit.
final class LogPages: Sendable {
    let count = Atomic<Int>(0)
}

/// Says whether the statement that runs on a connection is to stop.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRaised: Bool { flag.load(ordering: .acquiring) }
    func set(_ isRaised: Bool) { flag.store(isRaised, ordering: .releasing) }
}

/// A running copy of one database into another (https://sqlite.org/c3ref/backup_finish.html).
@safe struct SQLiteCopy: ~Copyable {
    private let pointer: OpaquePointer
    private let source: SQLiteHandle
    private let target: SQLiteHandle

    fileprivate init(_ pointer: OpaquePointer, from source: SQLiteHandle, to target: SQLiteHandle) {
        unsafe self.pointer = pointer
        self.source = source
        self.target = target
    }

    deinit { unsafe sqlite3_backup_finish(pointer) }

    /// Copies some pages; false when all are copied.
    mutating func step(pages: Int32) throws(SQLError) -> Bool {
        switch unsafe sqlite3_backup_step(pointer, pages) {
        case SQLITE_OK: return true
        case SQLITE_DONE: return false
        case let code: throw SQLError(code: code, message: unsafe String(cString: sqlite3_errstr(code)))
        }
    }
}
