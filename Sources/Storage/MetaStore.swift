internal import SQL

/// Facts about the installation: names and texts, few and small.
///
/// Errors as of the ports in `Domain`.
public protocol MetaStore: Sendable {
    /// The text of a name, or nil.
    func value(_ name: String) async throws -> String?
    /// Stores a text under a name, in place of an earlier one.
    func set(_ name: String, to value: String) async throws
    /// Stores a text unless the name has one; returns what is stored then.
    func establish(_ name: String, as value: String) async throws -> String
}

struct SQLMetaStore: MetaStore {
    let gate: StorageGate

    func value(_ name: String) async throws -> String? {
        try await gate.read { db in
            try db.first("select value from meta where name = \(name)")?.get("value")
        }
    }

    func set(_ name: String, to value: String) async throws {
        try await gate.write { db in
            _ = try db.execute(
                """
                insert into meta (name, value) values (\(name), \(value))
                on conflict (name) do update set value = excluded.value
                """
            )
        }
    }

    func establish(_ name: String, as value: String) async throws -> String {
        try await gate.write { db in
            try db.execute(
                "insert into meta (name, value) values (\(name), \(value)) on conflict (name) do nothing"
            )
            return try db.first("select value from meta where name = \(name)")?.get("value") ?? value
        }
    }
}
