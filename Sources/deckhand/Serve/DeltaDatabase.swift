internal import CLinux
internal import Core
internal import SQL
internal import SQLite
internal import Storage

/// The database of deltas, which a server can do without: the complete events are in the main one.
enum DeltaDatabase {
    /// Opens it, or makes it; a damaged one, or one of a newer program, is set aside and begun anew.
    static func open(_ path: String, logger: Logger, at now: Timestamp) async throws -> any FileDatabase {
        do {
            return try await attempt(path, logger, now)
        } catch let error where isUseless(error) {
            logger.warning("deltas cannot be read and were set aside", .init("error", LogValue.error(error)))
        }
        try await DedicatedThread(name: "deltas").run {
            for suffix in ["", "-wal", "-shm"] {
                _ = unsafe rename(path + suffix, path + ".damaged" + suffix)
            }
        }
        return try await attempt(path, logger, now)
    }

    private static func isUseless(_ error: any Error) -> Bool {
        error is MigrationError || (error as? SQLError)?.kind == .corrupt
    }

    private static func attempt(_ path: String, _ logger: Logger, _ now: Timestamp) async throws
        -> any FileDatabase
    {
        let database = try await openSQLite(path: path, durability: .process, logger: logger)
        do {
            try await migrateDeltas(database, at: now)
            return database
        } catch {
            await database.close()
            throw error
        }
    }
}
