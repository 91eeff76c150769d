public import Core

/// Brings a schema up to date: forward only, one transaction for each step, with a history table of its own.
///
/// The history keeps the text of each applied step; a step whose text differs from it was edited, and is refused.
public struct Migrator: Sendable {
    private let migrations: [Migration]

    /// Makes a migrator of steps in any order; `gap` when their numbers are not 1…n.
    public init(_ migrations: [Migration]) throws(MigrationError) {
        let sorted = migrations.sorted { $0.number < $1.number }
        for (index, migration) in sorted.enumerated() where migration.number != index + 1 {
            throw .gap(expected: index + 1, found: migration.number)
        }
        self.migrations = sorted
    }

    /// The number of the newest step that the program knows.
    public var newest: Int { migrations.count }

    /// Applies the steps that are missing and returns them.
    ///
    /// Throws `MigrationError`, `SQLError` or `CancellationError`. Steps before the failing one stay applied.
    public func migrate(_ database: any Database, at now: Timestamp) async throws -> [Migration] {
        try await database.write { db in try db.execute(script: Self.historyTable) }
        let applied = try await check(database)
        let missing = Array(migrations.dropFirst(applied))
        for migration in missing { try await apply(migration, to: database, at: now) }
        return missing
    }

    /// Compares the history with the known steps; returns how many were applied.
    private func check(_ database: any Database) async throws -> Int {
        let rows = try await database.read { db in
            try db.all("select number, name, script from schema_history order by number")
        }
        let stored: Int = try rows.last?.get("number") ?? 0
        guard stored <= newest else { throw MigrationError.newer(stored: stored, known: newest) }
        for (index, row) in rows.enumerated() {
            let migration = migrations[index]
            let script: String = try row.get("script")
            guard try row.get("number") == migration.number, script.utf8.elementsEqual(migration.script.utf8)
            else { throw MigrationError.changed(number: migration.number, name: migration.name) }
        }
        return rows.count
    }

    private func apply(_ migration: Migration, to database: any Database, at now: Timestamp) async throws {
        do {
            try await database.write { db in
                try db.execute(script: migration.script)
                try db.execute(
                    """
                    insert into schema_history (number, name, script, applied)
                    values (\(migration.number), \(migration.name), \(migration.script), \(now))
                    """
                )
            }
        } catch let error as SQLError {
            throw MigrationError.failed(number: migration.number, name: migration.name, cause: error)
        }
    }

    private static let historyTable = """
        create table if not exists schema_history (
            number integer primary key,
            name text not null,
            script text not null,
            applied integer not null
        ) strict;
        """
}
