public import Core
public import SQL

/// Opens a database file, making it (mode 0600) when there is none; its folder must exist.
///
/// One connection writes and `readers` read, each on a thread of its own. Every commit is synced: write-ahead log with
/// `synchronous = full` (https://sqlite.org/pragma.html). Close it with `close()`; without that nothing is lost, the next
/// opening just has more to read.
///
/// Throws `SQLError`: `inaccessible`, `corrupt`, `inputOutput`, `full`, `busy`.
public func openSQLite(path: String, readers: Int = 2, logger: Logger) async throws -> any FileDatabase {
    precondition(readers > 0, "a database needs a connection that reads")
    let thread = DedicatedThread(name: "sql-write")
    let connection = try await thread.run {
        try PrivateFile.create(path)
        return try SQLiteConnection(path: path, isReader: false)
    }
    let writer = Writer(connection: connection, thread: thread, logger: logger)
    var pool: [(SQLiteConnection, DedicatedThread)] = []
    for number in 0..<readers {
        let thread = DedicatedThread(name: "sql-read-\(number)")
        pool.append((try await thread.run { try SQLiteConnection(path: path, isReader: true) }, thread))
    }
    return SQLiteDatabase(path: path, writer: writer, readers: ReaderPool(pool))
}
