internal import Core
internal import Domain
internal import SQL

/// What administrators see of all owners.
struct SQLOversightStore: OversightStore {
    let gate: StorageGate

    // MARK: Users

    func users(of issuer: String, containing text: String?, after: UserID?, limit: Int, at now: Timestamp)
        async throws -> Page<OverseenUser>
    {
        let pattern = text.map { "%" + Self.literal($0.lowercased()) + "%" }
        let isWanted: SQLStatement =
            pattern.map {
                "(lower(subject) like \($0) escape '\\' or lower(coalesce(name, '')) like \($0) escape '\\')"
            } ?? "1 = 1"
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(TenantRow.userColumns), created, (select count(*) from ai_sessions s
                        where s.user_id = users.id and s.ended is null and s.expires > \(now)) as live
                from users where issuer = \(issuer) and id > \(after?.rawValue ?? 0) and \(isWanted)
                order by id limit \(Page<OverseenUser>.rows(for: limit))
                """
            )
            var users: [OverseenUser] = []
            for row in rows.prefix(max(limit, 0)) {
                let user = try TenantRow.user(row)
                users.append(
                    OverseenUser(
                        user: user,
                        created: try row.get("created"),
                        liveSessions: try row.get("live"),
                        latest: try db.overseenSessions(of: user.id, limit: 1).first
                    )
                )
            }
            return Page(elements: users, hasMore: rows.count > users.count)
        }
    }

    func sessions(of user: UserID, limit: Int) async throws -> [OverseenSession] {
        try await gate.read { db in try db.overseenSessions(of: user, limit: limit) }
    }

    /// A text that stands for itself in a pattern.
    private static func literal(_ text: String) -> String {
        String(text.flatMap { ["%", "_", "\\"].contains($0) ? ["\\", $0] : [$0] })
    }

    // MARK: Accounts

    func accounts(after: AccountCursor?, limit: Int) async throws -> Page<OverseenAccount> {
        let isBehind: SQLStatement =
            after.map {
                """
                (a.owner > \($0.owner.rawValue)
                    or a.owner = \($0.owner.rawValue) and a.provider > \($0.provider.rawValue))
                """
            } ?? "1 = 1"
        return try await gate.read { db in
            let rows = try db.all(
                """
                select a.owner as owner, \(OverseenName.of("a.owner")) as owner_name, a.provider as provider,
                    a.state as state, a.model as model, a.is_default as is_default, a.changed as changed,
                    exists (select 1 from account_keys k where k.owner = a.owner and k.provider = a.provider)
                        as has_key,
                    exists (select 1 from account_logins l where l.owner = a.owner and l.provider = a.provider
                        and l.ended is null) as has_login
                from account_settings a where \(isBehind)
                order by a.owner, a.provider limit \(Page<OverseenAccount>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, Self.account)
        }
    }

    private static func account(_ row: SQLRow) throws -> OverseenAccount {
        guard let provider = try? ProviderID(row.get("provider")) else {
            throw SQLError(.shape, message: "a stored provider has an impossible name")
        }
        return OverseenAccount(
            owner: try OverseenName.owner(row),
            provider: provider,
            state: AccountState(rawValue: try row.get("state")) ?? .unknown,
            model: try row.get("model"),
            isDefault: try row.get("is_default"),
            hasKey: try row.get("has_key"),
            hasOpenLogin: try row.get("has_login"),
            changed: try row.get("changed")
        )
    }
}

/// Names of owners and places, looked up by the numbers in a row.
enum OverseenName {
    /// The name of whom a column names as `user:<n>` or `operator:<n>`; null for everybody else.
    static func of(_ column: SQLStatement) -> SQLStatement {
        """
        case when \(column) like 'user:%'
                then (select coalesce(n.name, n.subject) from users n where n.id = cast(substr(\(column), 6) as integer))
            when \(column) like 'operator:%'
                then (select n.name from operators n where n.id = cast(substr(\(column), 10) as integer)) end
        """
    }

    static func owner(_ row: SQLRow) throws -> OverseenOwner {
        OverseenOwner(principal: PrincipalID(try row.get("owner")), name: try row.get("owner_name"))
    }

    /// Where; nil for what is at no place.
    static func place(_ row: SQLRow) throws -> PlaceName? {
        guard let client: String = try row.get("client_key", as: String?.self) else { return nil }
        return PlaceName(
            client: client,
            brand: try row.get("brand_key"),
            location: try row.get("location_key")
        )
    }
}

extension Connection {
    /// Sessions of a user, newest first.
    fileprivate borrowing func overseenSessions(of user: UserID, limit: Int) throws -> [OverseenSession] {
        let rows = try all(
            """
            select \(UserSessionRow.columns) from ai_sessions where user_id = \(user.rawValue)
            order by id desc limit \(max(limit, 0))
            """
        )
        var sessions: [OverseenSession] = []
        for row in rows {
            let session = try UserSessionRow.session(row)
            let client = session.scope.client.rawValue
            sessions.append(
                OverseenSession(
                    session: session,
                    client: try first("select key from clients where id = \(client)")?.get(0) ?? "",
                    brands: try keys(of: "brands", session.scope.brands.map(\.rawValue)),
                    locations: try session.scope.locations.map {
                        try keys(of: "locations", $0.map(\.rawValue))
                    }
                )
            )
        }
        return sessions
    }

    private borrowing func keys(of table: SQLStatement, _ ids: [Int64]) throws -> [String] {
        guard !ids.isEmpty else { return [] }
        return try all(
            """
            select key from \(table) where id in (select value from json_each(\(ScopeText.numbers(ids))))
            order by key
            """
        ).map { try $0.get(0) }
    }
}
