internal import Application
internal import Core
internal import Crypto
internal import Domain
internal import SQL
internal import SQLite
internal import Storage

/// The tokens of a data directory, for its owner, also beside a running server.
enum TokenAccess {
    /// Hands the tokens to a closure and closes the database afterwards.
    static func withTokens(
        of configuration: Configuration,
        _ body: (TokenService) async throws -> Void
    ) async throws {
        let data = try openExistingDataDirectory(configuration)
        let logger = Logger(level: .error, sink: NullLogSink())
        let database = try await openSQLite(path: data.databasePath, readers: 1, logger: logger)
        do {
            // A newer schema than the program's is refused here; a missing one is made.
            _ = try await migrate(database, at: SystemWallClock().now())
            let stores = makeStores(on: database)
            try await body(
                TokenService(
                    tokens: stores.tokens,
                    audit: stores.audit,
                    cryptography: makeCryptography(masterKey: data.masterKey),
                    clock: SystemWallClock()
                )
            )
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}
