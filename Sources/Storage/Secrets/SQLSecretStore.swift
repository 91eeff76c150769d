internal import Core
internal import Domain
internal import SQL

struct SQLSecretStore: SecretStore {
    let gate: StorageGate

    func set(
        _ name: SecretName,
        sealed: [UInt8],
        by principal: PrincipalID,
        at now: Timestamp
    ) async throws -> NamedSecret {
        try await gate.write { db in
            let others: Int =
                try db.first("select count(*) as n from secrets where name != \(name.rawValue)")?.get("n")
                ?? 0
            guard others < NamedSecret.maximum else {
                throw Failure(
                    .conflict,
                    code: "secrets_full",
                    message: "There are \(others) secrets already.",
                    hint: "Remove those that are not needed any more: deckhand secret remove NAME"
                )
            }
            let row = try db.first(
                """
                insert into secrets (name, sealed, created, changed, changed_by)
                values (\(name.rawValue), \(sealed), \(now), \(now), \(principal.rawValue))
                on conflict (name) do update set
                    sealed = excluded.sealed, changed = excluded.changed, changed_by = excluded.changed_by
                returning name, created, changed, changed_by
                """
            )
            guard let row else { throw SQLError(.shape, message: "the secret was not returned") }
            try Self.count(db)
            return try Self.secret(row)
        }
    }

    func remove(_ name: SecretName) async throws -> Bool {
        try await gate.write { db in
            guard try db.execute("delete from secrets where name = \(name.rawValue)") > 0 else {
                return false
            }
            try Self.count(db)
            return true
        }
    }

    func secrets() async throws -> [SealedSecret] {
        try await gate.read { db in
            try db.all("select name, sealed, created, changed, changed_by from secrets order by name").map {
                SealedSecret(secret: try Self.secret($0), sealed: try $0.get("sealed"))
            }
        }
    }

    func changes() async throws -> Int64 {
        try await gate.read { db in
            try db.first("select value from counters where name = 'secret_changes'")?.get("value") ?? 0
        }
    }

    private static func count(_ db: borrowing Connection) throws {
        try db.execute("update counters set value = value + 1 where name = 'secret_changes'")
    }

    private static func secret(_ row: SQLRow) throws -> NamedSecret {
        let text: String = try row.get("name")
        guard let name = try? SecretName(text) else {
            throw SQLError(.shape, message: "a stored secret has an impossible name")
        }
        return NamedSecret(
            name: name,
            created: try row.get("created"),
            changed: try row.get("changed"),
            changedBy: PrincipalID(try row.get("changed_by"))
        )
    }
}
