internal import Core
internal import Domain
internal import SQL

struct SQLAccountStore: AccountStore {
    /// In the order in which ``login(_:)`` reads them.
    private static let loginColumns: SQLStatement =
        "id, owner, provider, state, reason, created, expires, ended"
    /// In the order in which ``settings(_:)`` reads them.
    private static let settingsColumns: SQLStatement =
        "owner, provider, is_default, model, profile, state, changed"

    let gate: StorageGate
    let filter: OwnerFilter

    // MARK: Settings

    func settings(of owner: PrincipalID) async throws -> [AccountSettings] {
        try await gate.read { db in
            try db.all(
                """
                select \(Self.settingsColumns) from account_settings where owner = \(owner.rawValue)
                order by provider
                """
            ).map(Self.settings)
        }
    }

    func set(_ settings: AccountSettings) async throws {
        let (owner, provider) = (settings.owner.rawValue, settings.provider.rawValue)
        try await gate.write { db in
            if settings.isDefault {
                try db.execute("update account_settings set is_default = 0 where owner = \(owner)")
            }
            try db.execute(
                """
                insert into account_settings (\(Self.settingsColumns))
                values (\(owner), \(provider), \(settings.isDefault), \(settings.model), \(settings.profile),
                    \(settings.state.rawValue), \(settings.changed))
                on conflict (owner, provider) do update set
                    is_default = excluded.is_default, model = excluded.model, profile = excluded.profile,
                    state = excluded.state, changed = excluded.changed
                """
            )
        }
    }

    func remove(_ provider: ProviderID, of owner: PrincipalID) async throws -> Bool {
        try await gate.write { db in
            let keys = try db.execute(
                """
                delete from account_keys
                where owner = \(owner.rawValue) and provider = \(provider.rawValue)
                """
            )
            let settings = try db.execute(
                """
                delete from account_settings
                where owner = \(owner.rawValue) and provider = \(provider.rawValue)
                """
            )
            return keys + settings > 0
        }
    }

    // MARK: Logins

    func begin(_ provider: ProviderID, for owner: PrincipalID, at now: Timestamp, expires: Timestamp)
        async throws -> Login
    {
        let login = try await gate.write { db in
            try db.first(
                """
                insert into account_logins (owner, provider, state, created, expires)
                values (\(owner.rawValue), \(provider.rawValue), \(LoginState.pending.rawValue), \(now), \(expires))
                on conflict do nothing
                returning \(Self.loginColumns)
                """
            ).map(Self.login)
        }
        guard let login else {
            throw Failure(
                .conflict,
                code: "login_pending",
                message: "A login is open already.",
                hint:
                    "Finish it, or end it with DELETE /v1/ai/account/login/{id}; GET /v1/ai/account names it."
            )
        }
        return login
    }

    func login(_ id: LoginID, of owner: PrincipalID) async throws -> Login? {
        let owned = filter.clause(.login, owner: owner)
        return try await gate.read { db in
            try db.first(
                "select \(Self.loginColumns) from account_logins where id = \(id.rawValue) and \(owned)"
            ).map(Self.login)
        }
    }

    func openLogin(of owner: PrincipalID) async throws -> Login? {
        let owned = filter.clause(.login, owner: owner)
        return try await gate.read { db in
            try db.first(
                """
                select \(Self.loginColumns) from account_logins where ended is null and \(owned)
                order by id desc limit 1
                """
            ).map(Self.login)
        }
    }

    func openLogins() async throws -> [Login] {
        try await gate.read { db in
            try db.all(
                "select \(Self.loginColumns) from account_logins where ended is null order by id"
            ).map(Self.login)
        }
    }

    func end(_ login: Login) async throws -> Bool {
        try await gate.write { db in
            let isEnded =
                try db.execute(
                    """
                    update account_logins
                    set state = \(login.state.rawValue), reason = \(login.reason), ended = \(login.ended)
                    where id = \(login.id.rawValue) and ended is null
                    """
                ) > 0
            if isEnded, login.state == .connected { try Self.connect(login, db) }
            return isEnded
        }
    }

    private static func connect(_ login: Login, _ db: borrowing Connection) throws {
        let owner = login.owner.rawValue
        try db.execute(
            """
            insert into account_settings (owner, provider, is_default, state, changed)
            values (\(owner), \(login.provider.rawValue),
                not exists (select 1 from account_settings where owner = \(owner) and is_default = 1),
                \(AccountState.connected.rawValue), \(login.ended ?? login.created))
            on conflict (owner, provider) do update set state = excluded.state, changed = excluded.changed,
                is_default = max(is_default, excluded.is_default)
            """
        )
    }

    func removeLogins(endedBefore time: Timestamp) async throws {
        try await gate.write { db in
            _ = try db.execute("delete from account_logins where ended < \(time)")
        }
    }

    // MARK: Keys

    func setKey(_ sealed: [UInt8], of owner: PrincipalID, for provider: ProviderID, at now: Timestamp)
        async throws
    {
        try await gate.write { db in
            _ = try db.execute(
                """
                insert into account_keys (owner, provider, sealed, changed)
                values (\(owner.rawValue), \(provider.rawValue), \(sealed), \(now))
                on conflict (owner, provider) do update set sealed = excluded.sealed, changed = excluded.changed
                """
            )
        }
    }

    func key(of owner: PrincipalID, for provider: ProviderID) async throws -> [UInt8]? {
        try await gate.read { db in
            try db.first(
                """
                select sealed from account_keys
                where owner = \(owner.rawValue) and provider = \(provider.rawValue)
                """
            )?.get("sealed")
        }
    }

    // MARK: Rows

    private static func login(_ row: SQLRow) throws -> Login {
        var reader = SQLRowReader(row)
        return Login(
            id: LoginID(try reader.next()),
            owner: PrincipalID(try reader.next()),
            provider: try provider(reader.next()),
            state: try word(reader.next()),
            reason: try reader.next(),
            created: try reader.next(),
            expires: try reader.next(),
            ended: try reader.next()
        )
    }

    private static func settings(_ row: SQLRow) throws -> AccountSettings {
        var reader = SQLRowReader(row)
        return AccountSettings(
            owner: PrincipalID(try reader.next()),
            provider: try provider(reader.next()),
            isDefault: try reader.next(),
            model: try reader.next(),
            profile: try reader.next(),
            state: try word(reader.next()),
            changed: try reader.next()
        )
    }

    private static func provider(_ text: String) throws -> ProviderID {
        guard let id = try? ProviderID(text) else {
            throw SQLError(.shape, message: "a stored provider has an impossible name")
        }
        return id
    }

    private static func word<Word: RawRepresentable>(_ text: String) throws -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw SQLError(.shape, message: "a stored state is unknown")
        }
        return word
    }
}
