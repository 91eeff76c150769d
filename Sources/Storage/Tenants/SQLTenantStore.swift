internal import Core
internal import Domain
internal import SQL

struct SQLTenantStore: TenantStore {
    let gate: StorageGate

    func putClient(_ key: TenantKey, of issuer: String, _ change: ClientChange, at now: Timestamp)
        async throws
        -> Client
    {
        try await gate.write { db in try db.putClient(key, of: issuer, change, at: now) }
    }

    func client(_ key: TenantKey, of issuer: String) async throws -> Client? {
        try await gate.read { db in
            try db.first(
                """
                select \(TenantRow.clientColumns) from clients
                where issuer = \(issuer) and key = \(key.rawValue)
                """
            ).map(TenantRow.client)
        }
    }

    func client(_ id: ClientID) async throws -> Client? {
        try await gate.read { db in
            try db.first("select \(TenantRow.clientColumns) from clients where id = \(id.rawValue)")
                .map(TenantRow.client)
        }
    }

    func clients(called key: TenantKey) async throws -> [Client] {
        try await gate.read { db in
            try db.all(
                "select \(TenantRow.clientColumns) from clients where key = \(key.rawValue) order by id"
            ).map(TenantRow.client)
        }
    }

    func clients(of issuer: String, after client: ClientID?, limit: Int) async throws -> Page<Client> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(TenantRow.clientColumns) from clients
                where issuer = \(issuer) and id > \(client?.rawValue ?? 0)
                order by id limit \(Page<Client>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, TenantRow.client)
        }
    }

    func putBrand(_ key: TenantKey, of client: Client, _ change: BrandChange, at now: Timestamp) async throws
        -> Brand
    {
        try await gate.write { db in try db.putBrand(key, of: client, change, at: now) }
    }

    func brands(of client: ClientID) async throws -> [Brand] {
        try await gate.read { db in
            try db.all(
                "select \(TenantRow.brandColumns) from brands where client_id = \(client.rawValue) order by id"
            ).map(TenantRow.brand)
        }
    }

    func putLocation(_ key: TenantKey, of brand: Brand, in client: Client, name: String?, at now: Timestamp)
        async throws -> Location
    {
        try await gate.write { db in try db.putLocation(key, of: brand, in: client, name: name, at: now) }
    }

    func locations(of brand: BrandID) async throws -> [Location] {
        try await gate.read { db in
            try db.all(
                """
                select \(TenantRow.locationColumns) from locations where brand_id = \(brand.rawValue)
                order by id
                """
            ).map(TenantRow.location)
        }
    }

    func locations(_ ids: Set<LocationID>, in client: ClientID) async throws -> [Location] {
        let text = ScopeText.numbers(ids.map(\.rawValue))
        return try await gate.read { db in
            try db.all(
                """
                select \(TenantRow.locationColumns) from locations where client_id = \(client.rawValue)
                    and id in (select value from json_each(\(text))) order by id
                """
            ).map(TenantRow.location)
        }
    }

    func locations(called keys: Set<TenantKey>, in client: ClientID) async throws -> [Location] {
        let text = ScopeText.words(Set(keys.map(\.rawValue)))
        return try await gate.read { db in
            try db.all(
                """
                select \(TenantRow.locationColumns) from locations where client_id = \(client.rawValue)
                    and key in (select value from json_each(\(text))) order by id
                """
            ).map(TenantRow.location)
        }
    }

    func grant(
        _ rights: UserRights,
        to subject: TenantKey,
        of issuer: String,
        in client: ClientID?,
        at now: Timestamp
    ) async throws -> HostUser {
        let permissions = TenantRow.text(rights.permissions.map(\.rawValue))
        let grants = TenantRow.text(rights.grants)
        return try await gate.write { db in
            let user = try db.putUser(subject, of: issuer, name: nil, at: now)
            guard let client else {
                let row = try db.first(
                    """
                    update users set permissions = \(permissions), grants = \(grants), updated = \(now)
                    where id = \(user.id.rawValue) returning \(TenantRow.userColumns)
                    """
                )
                return try row.map(TenantRow.user) ?? user
            }
            try db.execute(
                """
                insert into client_grants (user_id, client_id, permissions, grants, updated)
                values (\(user.id.rawValue), \(client.rawValue), \(permissions), \(grants), \(now))
                on conflict (user_id, client_id) do update set permissions = excluded.permissions,
                    grants = excluded.grants, updated = excluded.updated
                """
            )
            return try db.granted(user, in: client)
        }
    }

    func user(_ subject: TenantKey, of issuer: String, in client: ClientID?) async throws -> HostUser? {
        try await gate.read { db in
            guard let user = try db.user(subject, of: issuer) else { return nil }
            guard let client else { return user }
            return try db.granted(user, in: client)
        }
    }

    func user(_ id: UserID) async throws -> HostUser? {
        try await gate.read { db in
            try db.first("select \(TenantRow.userColumns) from users where id = \(id.rawValue)")
                .map(TenantRow.user)
        }
    }

    func workingTurns(in client: ClientID, brand: BrandID?) async throws -> [TurnID] {
        let isWanted: SQLStatement =
            brand.map { brand in
                """
                (c.brand_id = \(brand.rawValue) or c.brand_id is null and exists (
                    select 1 from ai_sessions s, json_each(s.brands) b
                    where s.id = t.session_id and b.value = \(brand.rawValue)))
                """
            } ?? "1 = 1"
        return try await gate.read { db in
            try db.all(
                """
                select t.id from turns t join chats c on c.id = t.chat_id
                where t.state = 'working' and c.client_id = \(client.rawValue) and \(isWanted) order by t.id
                """
            ).map { TurnID(try $0.get(0)) }
        }
    }
}

extension Connection {
    borrowing func putClient(
        _ key: TenantKey,
        of issuer: String,
        _ change: ClientChange,
        at now: Timestamp
    ) throws -> Client {
        let row = try first(
            """
            insert into clients (issuer, key, name, state, ai, plan, created, updated)
            values (\(issuer), \(key.rawValue), \(change.name), \(change.state?.rawValue ?? "active"),
                \(change.hasAI ?? false), \(change.plan), \(now), \(now))
            on conflict (issuer, key) do update set name = coalesce(\(change.name), name),
                state = coalesce(\(change.state?.rawValue), state), ai = coalesce(\(change.hasAI), ai),
                plan = coalesce(\(change.plan), plan), updated = \(now)
            returning \(TenantRow.clientColumns)
            """
        )
        guard let row else { throw SQLError(.shape, message: "the client was not returned") }
        return try TenantRow.client(row)
    }

    /// Makes nothing new of a brand that another client has.
    borrowing func putBrand(_ key: TenantKey, of client: Client, _ change: BrandChange, at now: Timestamp)
        throws
        -> Brand
    {
        let ai = change.ai.flatMap { $0 == .inherit ? nil : $0 == .on }
        let row = try first(
            """
            insert into brands (client_id, issuer, key, name, state, ai, created, updated)
            values (\(client.id.rawValue), \(client.issuer), \(key.rawValue), \(change.name),
                \(change.state?.rawValue ?? "active"), \(ai), \(now), \(now))
            on conflict (issuer, key) do update set name = coalesce(\(change.name), name),
                state = coalesce(\(change.state?.rawValue), state),
                ai = case when \(change.ai != nil) then \(ai) else ai end, updated = \(now)
            where client_id = \(client.id.rawValue)
            returning \(TenantRow.brandColumns)
            """
        )
        guard let row else { throw Self.elsewhere(code: "brand_elsewhere", "brand", key) }
        return try TenantRow.brand(row)
    }

    borrowing func putLocation(
        _ key: TenantKey,
        of brand: Brand,
        in client: Client,
        name: String?,
        at now: Timestamp
    ) throws -> Location {
        let row = try first(
            """
            insert into locations (client_id, brand_id, issuer, key, name, created)
            values (\(client.id.rawValue), \(brand.id.rawValue), \(client.issuer), \(key.rawValue), \(name), \(now))
            on conflict (issuer, key) do update set name = coalesce(\(name), name)
            where brand_id = \(brand.id.rawValue)
            returning \(TenantRow.locationColumns)
            """
        )
        guard let row else { throw Self.elsewhere(code: "location_elsewhere", "location", key) }
        return try TenantRow.location(row)
    }

    borrowing func putUser(_ subject: TenantKey, of issuer: String, name: String?, at now: Timestamp) throws
        -> HostUser
    {
        let row = try first(
            """
            insert into users (issuer, subject, name, created, updated)
            values (\(issuer), \(subject.rawValue), \(name), \(now), \(now))
            on conflict (issuer, subject) do update set name = coalesce(\(name), name)
            returning \(TenantRow.userColumns)
            """
        )
        guard let row else { throw SQLError(.shape, message: "the user was not returned") }
        return try TenantRow.user(row)
    }

    borrowing func user(_ subject: TenantKey, of issuer: String) throws -> HostUser? {
        try first(
            """
            select \(TenantRow.userColumns) from users
            where issuer = \(issuer) and subject = \(subject.rawValue)
            """
        ).map(TenantRow.user)
    }

    /// A user with what they are granted in a client beside the rest.
    borrowing func granted(_ user: HostUser, in client: ClientID) throws -> HostUser {
        let row = try first(
            """
            select permissions, grants from client_grants
            where user_id = \(user.id.rawValue) and client_id = \(client.rawValue)
            """
        )
        guard let row else { return user }
        var user = user
        user.granted = user.granted.union(TenantRow.rights(try row.get(0), try row.get(1)))
        return user
    }

    private static func elsewhere(code: String, _ what: String, _ key: TenantKey) -> Failure {
        let owner = what == "brand" ? "client" : "brand"
        return Failure(
            .conflict,
            code: code,
            message: "The \(what) “\(key)” belongs to another \(owner).",
            hint: "Ids of \(what)s are unique in the whole application, and stay with their \(owner)."
        )
    }
}
