public import Core
public import SQL

/// Opens a database file, making it (mode 0600) when there is none; its folder must exist.
///
/// One connection writes and `readers` read, each on a thread of its own. With a write-ahead log commits are as durable as
/// asked for. Close it with `close()`; without that nothing is lost, the next opening just has more to read.
///
/// Throws `SQLError`: `inaccessible`, `corrupt`, `inputOutput`, `full`, `busy`.
public func openSQLite(
    path: String,
    readers: Int = 2,
    durability: Durability = .full,
    logger: Logger
) async throws -> any FileDatabase {
    precondition(readers > 0, "a database needs a connection that reads")
    let thread = DedicatedThread(name: "sql-write")
    let connection = try await thread.run {
        try PrivateFile.create(path)
        return try SQLiteConnection(path: path, isReader: false, durability: durability)
    }
    let checkpointer = Checkpointer(path: path, logger: logger)
    let writer = Writer(connection: connection, thread: thread, checkpointer: checkpointer, logger: logger)
    var pool: [(SQLiteConnection, DedicatedThread)] = []
    for number in 0..<readers {
        let thread = DedicatedThread(name: "sql-read-\(number)")
        pool.append((try await thread.run { try SQLiteConnection(path: path, isReader: true) }, thread))
    }
    return SQLiteDatabase(path: path, writer: writer, readers: ReaderPool(pool))
}

/// What a commit survives (https://sqlite.org/pragma.html#pragma_synchronous).
public enum Durability: Sendable {
    /// A power cut: every commit is synced.
    case full
    /// The end of the process, however sudden; a power cut may take the last commits, and never harms the database.
    case process
}
