internal import Core
internal import Domain
internal import SQL

struct SQLUserSessionStore: UserSessionStore {
    /// Sessions that are over are kept for this long, for whoever asks why they have to begin again.
    private static let memory = Duration.seconds(7 * 86_400)

    let gate: StorageGate

    func spend(_ tokenID: String, of issuer: String, until end: Timestamp, at now: Timestamp) async throws
        -> Bool
    {
        try await gate.write { db in
            try db.execute("delete from spent_tokens where expires < \(now)")
            return try db.execute(
                """
                insert into spent_tokens (issuer, token, expires) values (\(issuer), \(tokenID), \(end))
                on conflict (issuer, token) do nothing
                """
            ) > 0
        }
    }

    func beginSession(_ draft: UserSessionDraft, at now: Timestamp) async throws -> BegunUserSession {
        try await gate.write { db in
            let user = try db.putUser(
                draft.claims.subject,
                of: draft.claims.issuer,
                name: draft.claims.name,
                at: now
            )
            var made = MadePlaces()
            let (standing, scope) = try db.place(draft, &made, at: now)
            let row = try db.first(
                """
                insert into ai_sessions (user_id, client_id, secret, role, brands, locations, teams, modules,
                    created, expires)
                values (\(user.id.rawValue), \(scope.client.rawValue), \(draft.secretDigest), \(draft.claims.role),
                    \(ScopeText.numbers(scope.brands.map(\.rawValue))),
                    \(scope.locations.map { ScopeText.numbers($0.map(\.rawValue)) }),
                    \(ScopeText.words(scope.teams)), \(ScopeText.words(scope.modules)), \(now), \(draft.expires))
                returning \(UserSessionRow.columns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new session was not returned") }
            let old = now - Self.memory
            try db.execute(
                """
                delete from ai_sessions where user_id = \(user.id.rawValue)
                    and (ended < \(old) or expires < \(old))
                """
            )
            let ended = try db.endSessions(
                """
                id in (select id from ai_sessions where user_id = \(user.id.rawValue) and ended is null
                    and expires > \(now) order by id desc limit -1 offset \(draft.limit))
                """,
                at: now
            )
            return BegunUserSession(
                known: KnownUserSession(
                    session: try UserSessionRow.session(row),
                    user: try db.granted(user, in: scope.client),
                    standing: standing
                ),
                ended: ended,
                made: made
            )
        }
    }

    func session(secretDigest: [UInt8]) async throws -> KnownUserSession? {
        try await gate.read { db in
            try db.first(
                "select \(UserSessionRow.columns) from ai_sessions where secret = \(secretDigest)"
            ).map { try db.known(UserSessionRow.session($0)) }
        }
    }

    func session(_ id: UserSessionID) async throws -> KnownUserSession? {
        try await gate.read { db in
            try db.first("select \(UserSessionRow.columns) from ai_sessions where id = \(id.rawValue)")
                .map { try db.known(UserSessionRow.session($0)) }
        }
    }

    func lastSession(of user: UserID, admitting place: Place) async throws -> KnownUserSession? {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(UserSessionRow.columns) from ai_sessions where user_id = \(user.rawValue)
                    and client_id = \(place.client.rawValue) order by id desc limit 200
                """
            )
            for row in rows {
                let session = try UserSessionRow.session(row)
                if session.scope.admits(place) { return try db.known(session) }
            }
            return nil
        }
    }

    func endSession(_ id: UserSessionID, at now: Timestamp) async throws -> Bool {
        try await gate.write { db in try !db.endSessions("id = \(id.rawValue)", at: now).isEmpty }
    }

    func endSessions(of user: UserID, at now: Timestamp) async throws -> [UserSessionID] {
        try await gate.write { db in try db.endSessions("user_id = \(user.rawValue)", at: now) }
    }

    func liveSessions(among ids: Set<UserSessionID>, at now: Timestamp) async throws -> Set<UserSessionID> {
        let text = ScopeText.numbers(ids.map(\.rawValue))
        return try await gate.read { db in
            let rows = try db.all(
                """
                select id from ai_sessions where id in (select value from json_each(\(text)))
                    and ended is null and expires > \(now)
                """
            )
            return Set(try rows.map { UserSessionID(try $0.get(0)) })
        }
    }

    func nextEnd(of ids: Set<UserSessionID>, after now: Timestamp) async throws -> Timestamp? {
        let text = ScopeText.numbers(ids.map(\.rawValue))
        return try await gate.read { db in
            try db.first(
                """
                select min(expires) from ai_sessions where id in (select value from json_each(\(text)))
                    and ended is null and expires > \(now)
                """
            )?.get(0, as: Timestamp?.self)
        }
    }

    func accessChanges() async throws -> Int64 {
        try await gate.read { db in
            try db.first("select value from counters where name = 'access_changes'")?.get("value") ?? 0
        }
    }

    func workingTurns(of user: UserID) async throws -> [TurnID] {
        try await gate.read { db in
            try db.all(
                """
                select id from turns where state = 'working' and owner = \(user.principal.rawValue) order by id
                """
            ).map { TurnID(try $0.get(0)) }
        }
    }
}

/// A user's session as a row.
enum UserSessionRow {
    /// In the order in which ``session(_:)`` reads them.
    static let columns: SQLStatement =
        "id, user_id, client_id, role, brands, locations, teams, modules, created, expires, ended"

    static func session(_ row: SQLRow) throws -> UserSession {
        var reader = SQLRowReader(row)
        let id = UserSessionID(try reader.next())
        let user = UserID(try reader.next())
        let client = ClientID(try reader.next())
        let role: String? = try reader.next()
        let brands = try ScopeText.numbers(try reader.next())
        let locations = try reader.next(as: String?.self).map { try ScopeText.numbers($0) }
        let scope = Scope(
            client: client,
            brands: Set(brands.map { BrandID($0) }),
            locations: locations.map { Set($0.map { LocationID($0) }) },
            teams: try ScopeText.words(try reader.next()),
            modules: try ScopeText.words(try reader.next())
        )
        return UserSession(
            id: id,
            user: user,
            role: role,
            scope: scope,
            created: try reader.next(),
            expires: try reader.next(),
            ended: try reader.next()
        )
    }
}

extension Connection {
    /// Ends live sessions under a condition; returns which, and tells servers of other processes.
    fileprivate borrowing func endSessions(_ condition: SQLStatement, at now: Timestamp) throws
        -> [UserSessionID]
    {
        let rows = try all(
            """
            update ai_sessions set ended = \(now) where \(condition) and ended is null and expires > \(now)
            returning id
            """
        )
        if !rows.isEmpty { try countAccessChange() }
        return try rows.map { UserSessionID(try $0.get(0)) }
    }

    /// A session with what belongs to it, as it is now.
    fileprivate borrowing func known(_ session: UserSession) throws -> KnownUserSession {
        let user = try first(
            "select \(TenantRow.userColumns) from users where id = \(session.user.rawValue)"
        )
        let client = try first(
            "select \(TenantRow.clientColumns) from clients where id = \(session.scope.client.rawValue)"
        )
        guard let user, let client else {
            throw SQLError(.shape, message: "a session lacks its user or client")
        }
        return KnownUserSession(
            session: session,
            user: try granted(TenantRow.user(user), in: session.scope.client),
            standing: TenantStanding(
                client: try TenantRow.client(client),
                brands: try brands(session.scope.brands),
                locations: try locations(session.scope.locations ?? [])
            )
        )
    }

    private borrowing func brands(_ ids: Set<BrandID>) throws -> [Brand] {
        let text = ScopeText.numbers(ids.map(\.rawValue))
        return try all(
            """
            select \(TenantRow.brandColumns) from brands
            where id in (select value from json_each(\(text))) order by id
            """
        ).map(TenantRow.brand)
    }

    private borrowing func locations(_ ids: Set<LocationID>) throws -> [Location] {
        let text = ScopeText.numbers(ids.map(\.rawValue))
        return try all(
            """
            select \(TenantRow.locationColumns) from locations
            where id in (select value from json_each(\(text))) order by id
            """
        ).map(TenantRow.location)
    }
}
