internal import Core
internal import SQL
internal import SQLite
internal import Storage

/// The stores of a data directory, for its owner, also beside a running server.
enum DataAccess {
    /// Hands the open directory and its stores to a closure and closes the database afterwards.
    static func withStores(
        of configuration: Configuration,
        _ body: (DataDirectory, Stores) async throws -> Void
    ) async throws {
        let data = try openExistingDataDirectory(configuration)
        let logger = Logger(level: .error, sink: NullLogSink())
        let database = try await openSQLite(path: data.databasePath, readers: 1, logger: logger)
        do {
            // A newer schema than the program's is refused here; a missing one is made.
            _ = try await migrate(database, at: SystemWallClock().now())
            try await body(data, makeStores(on: database))
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}
