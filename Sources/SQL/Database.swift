/// A database: transactions as synchronous closures.
///
/// A body may be run more than once (the engine repeats it when the transaction was lost for a reason that is not
/// the body's), so it has no effect but on the connection. All verbs may be called concurrently.
///
/// When the caller is cancelled, a body that waits is not run, a statement that runs is interrupted, what the body
/// did is rolled back, and the verb throws `CancellationError`. Errors of a body pass through; those of the engine are
/// `SQLError`.
public protocol Database: Sendable {
    /// Runs a body in one read-only transaction: it sees one snapshot, which contains every write that returned before.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value

    /// Runs a body in one transaction, alone, and returns when it is stored durably; if the body throws, nothing of it stays.
    ///
    /// Bodies that wait at the same time may share one commit. `full` or `inputOutput` when the commit failed: nothing
    /// was stored then.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value

    /// Refuses further work (`closed`), lets what waits end, and gives everything back. Closing twice is no error.
    func close() async

    /// Counts of what was done.
    var statistics: DatabaseStatistics { get }
}

/// A database that is a file.
public protocol FileDatabase: Database {
    /// Copies the database as it is now to a new file, while it is in use; readers and writers are not held up.
    ///
    /// The copy appears under its name only when it is complete and synced (mode 0600). `inaccessible` when the file
    /// exists or cannot be made; cancellation removes what was written.
    func backup(to path: String) async throws
}

/// What a database has done since it was opened.
public struct DatabaseStatistics: Sendable, Equatable {
    /// Bodies of `read` that were run.
    public var reads = 0
    /// Bodies of `write` that were stored.
    public var writes = 0
    /// Commits that stored them.
    public var commits = 0
    /// Bodies that wait for the writer now.
    public var waitingWrites = 0
    /// Bodies that wait for a reader now.
    public var waitingReads = 0
    /// Prepared statements that are kept now.
    public var keptStatements = 0
    /// Makes empty statistics.
    public init() {}
}
