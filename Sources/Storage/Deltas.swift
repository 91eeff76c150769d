public import Core
public import Domain
public import SQL

/// Makes the store of deltas on a database of its own; the schema must be up to date, see ``migrateDeltas(_:at:)``.
public func makeDeltaStore(on database: any Database) -> any ChatDeltaStore {
    SQLChatDeltaStore(gate: StorageGate(database: database))
}

/// Brings the schema of a database of deltas up to date; errors as of ``migrate(_:at:)``.
public func migrateDeltas(_ database: any Database, at now: Timestamp) async throws {
    let bytes = PackageResources.deltas_0001_sql
    guard let script = String(strictUTF8: bytes) else { throw MigrationError.misnamed("deltas_0001.sql") }
    let step = Migration(number: 1, name: "deltas_0001.sql", script: script)
    _ = try await Migrator([step]).migrate(database, at: now)
}
