internal import Core
internal import Domain
internal import SQL

struct SQLTokenStore: TokenStore {
    private static let columns: SQLStatement = "id, name, permissions, created, expires, last_used, revoked"
    let gate: StorageGate

    func createToken(
        name: String,
        hash: [UInt8],
        permissions: Set<Permission>,
        expires: Timestamp?,
        at now: Timestamp
    ) async throws -> AccessToken {
        let words = permissions.sorted().map(\.rawValue).joined(separator: " ")
        return try await gate.write { db in
            let row = try db.first(
                """
                insert into tokens (name, hash, permissions, created, expires)
                values (\(name), \(hash), \(words), \(now), \(expires)) returning \(Self.columns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new token was not returned") }
            return try Self.token(row)
        }
    }

    func token(hash: [UInt8]) async throws -> AccessToken? {
        try await gate.read { db in
            try db.first("select \(Self.columns) from tokens where hash = \(hash)").map(Self.token)
        }
    }

    func token(_ id: Int64) async throws -> AccessToken? {
        try await gate.read { db in
            try db.first("select \(Self.columns) from tokens where id = \(id)").map(Self.token)
        }
    }

    func tokens() async throws -> [AccessToken] {
        try await gate.read { db in
            try db.all("select \(Self.columns) from tokens order by id").map(Self.token)
        }
    }

    func revokeToken(_ id: Int64, at now: Timestamp) async throws -> Bool {
        try await gate.write { db in
            let found =
                try db.execute("update tokens set revoked = coalesce(revoked, \(now)) where id = \(id)") > 0
            if found { try db.countAccessChange() }
            return found
        }
    }

    func liveTokens(among ids: Set<Int64>, at now: Timestamp) async throws -> Set<Int64> {
        let text = Self.list(ids)
        return try await gate.read { db in
            Set(
                try db.all(
                    """
                    select id from tokens where id in (select value from json_each(\(text)))
                        and revoked is null and (expires is null or expires > \(now))
                    """
                ).map { try $0.get("id") }
            )
        }
    }

    func nextEnd(of ids: Set<Int64>, after now: Timestamp) async throws -> Timestamp? {
        let text = Self.list(ids)
        return try await gate.read { db in
            try db.first(
                """
                select min(expires) from tokens where id in (select value from json_each(\(text)))
                    and revoked is null and expires > \(now)
                """
            )?.get(0, as: Timestamp?.self)
        }
    }

    func accessChanges() async throws -> Int64 {
        try await gate.read { db in
            try db.first("select value from counters where name = 'access_changes'")?.get("value") ?? 0
        }
    }

    private static func list(_ ids: Set<Int64>) -> String {
        "[" + ids.map(String.init).joined(separator: ",") + "]"
    }

    /// Stored to the minute, so that a busy token costs one write a minute.
    func touchToken(_ id: Int64, at now: Timestamp) async throws {
        let minute = Timestamp(seconds: now.seconds - now.seconds % 60)
        let isOld = try await gate.read { db in
            try db.first(
                "select 1 from tokens where id = \(id) and (last_used is null or last_used < \(minute))"
            ) != nil
        }
        guard isOld else { return }
        try await gate.write { db in
            _ = try db.execute(
                """
                update tokens set last_used = \(minute)
                where id = \(id) and (last_used is null or last_used < \(minute))
                """
            )
        }
    }

    private static func token(_ row: SQLRow) throws -> AccessToken {
        let words: String = try row.get("permissions")
        return AccessToken(
            id: try row.get("id"),
            name: try row.get("name"),
            permissions: Set(words.split(separator: " ").compactMap { Permission(rawValue: String($0)) }),
            created: try row.get("created"),
            expires: try row.get("expires"),
            lastUsed: try row.get("last_used"),
            revoked: try row.get("revoked")
        )
    }
}
