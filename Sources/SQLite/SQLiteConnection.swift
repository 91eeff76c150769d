internal import CSQLite
internal import SQL
internal import Synchronization

/// A connection with its statements: runs one job at a time.
///
/// `@unchecked Sendable`: everything but ``interrupt(_:)`` and ``keptStatements`` is called on the thread of its
/// owner only; `handle` is closed there after no job is current any more.
final class SQLiteConnection: StatementRunner, @unchecked Sendable {
    private var handle: SQLiteHandle?
    private var cache = StatementCache(limit: 64)
    private let current = Mutex<Job?>(nil)
    private let stop = StopFlag()
    private let kept = Atomic<Int>(0)
    /// Pages in the write-ahead log after the last commit of this connection.
    let logPages = LogPages()

    /// Opens a connection; on the thread that will use it.
    init(path: String, isReader: Bool, durability: Durability = .full) throws {
        let flags = isReader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let handle = try SQLiteHandle(path: path, flags: flags)
        try handle.setBusyTimeout(milliseconds: 5_000)
        try handle.set(SQLITE_DBCONFIG_DEFENSIVE, to: true)
        try handle.set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, to: false)
        try handle.set(SQLITE_DBCONFIG_DQS_DML, to: false)
        try handle.set(SQLITE_DBCONFIG_DQS_DDL, to: false)
        handle.limit(SQLITE_LIMIT_ATTACHED, to: 0)
        if !isReader { try Self.switchToLog(handle) }
        try handle.execute(
            """
            pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 0;
            pragma journal_size_limit = 67108864; pragma cache_size = -2048; pragma mmap_size = 0;
            pragma temp_store = memory;
            """
        )
        // In a write-ahead log `normal` syncs at checkpoints only, which keeps the database sound.
        if durability == .process { try handle.execute("pragma synchronous = normal") }
        handle.stop(when: stop)
        handle.reportLogPages(to: logPages)
        self.handle = handle
    }

    /// Prepared statements that are kept now; may be asked from any thread.
    var keptStatements: Int { kept.load(ordering: .relaxed) }

    /// Says whether a transaction is open.
    var isInTransaction: Bool { handle?.isInTransaction ?? false }

    /// Runs a job's body inside the transaction that is open.
    ///
    /// Throws `CancellationError` when the caller was cancelled before the body ended.
    func perform(_ job: Job) throws {
        current.withLock { current in
            current = job
            stop.set(false)
        }
        defer { current.withLock { $0 = nil } }
        guard !job.isCancelled else { throw CancellationError() }
        do {
            try job.run(on: Connection(self))
        } catch {
            throw job.isCancelled ? CancellationError() : error
        }
        if job.isCancelled { throw CancellationError() }
    }

    /// Stops what a job does now, if it is the one that runs; may be called from any thread.
    func interrupt(_ job: Job) {
        current.withLock { current in
            guard current === job else { return }
            stop.set(true)
            handle?.interrupt()
        }
    }

    /// Runs a statement of the engine's own, outside any body.
    func control(_ statement: SQLStatement) throws {
        stop.set(false)
        _ = try run(statement) { _ in true }
    }

    /// Ends the open transaction without keeping anything, if there is one.
    func rollBack() {
        // An error here means that the transaction is gone already; nothing is left to undo.
        if isInTransaction { try? control("rollback") }
    }

    func run(_ statement: SQLStatement, _ body: (SQLRow) throws -> Bool) throws -> Int {
        let handle = try openHandle()
        let prepared = try cache.prepared(statement, on: handle)
        kept.store(cache.count, ordering: .relaxed)
        return try prepared.run(statement, body)
    }

    func run(script: String) throws { try openHandle().execute(script) }

    /// Copies the log into the database as far as readers allow.
    func checkpoint() throws(SQLError) -> Int { try openHandle().checkpoint() }

    /// Begins a copy of this database.
    func copy(into target: SQLiteHandle) throws(SQLError) -> SQLiteCopy {
        try openHandle().backup(into: target)
    }

    /// Closes the connection; on its thread.
    func close() {
        cache.removeAll()
        kept.store(0, ordering: .relaxed)
        current.withLock { _ in handle = nil }
    }

    /// The library answers with the mode that it could get, which on some network file systems is another one.
    private static func switchToLog(_ handle: SQLiteHandle) throws {
        var mode: String?
        _ = try handle.prepare("pragma journal_mode = wal").run("pragma journal_mode = wal") { row in
            mode = try row.get(0)
            return true
        }
        guard mode == "wal" else {
            throw SQLError(.inaccessible, message: "the file system cannot hold a write-ahead log")
        }
    }

    private func openHandle() throws(SQLError) -> SQLiteHandle {
        guard !stop.isRaised else { throw SQLError(.interrupted, message: "interrupted") }
        guard let handle else { throw SQLError(.closed, message: "the database is closed") }
        return handle
    }
}
