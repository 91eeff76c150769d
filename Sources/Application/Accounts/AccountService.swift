public import Core
public import Domain

/// A login that was begun, with what is shown of it once.
public struct BegunLogin: Sendable {
    /// The login.
    public let login: Login
    /// Where the person goes, and what they enter there; nil for a key, which needs neither.
    public let invitation: LoginInvitation?
}

/// What is shown of a principal's accounts.
public struct AccountOverview: Sendable {
    /// One for each provider that principals can connect.
    public let accounts: [AccountStatus]
    /// The provider that answers when nobody chooses another one; nil while none is connected.
    public let standard: ProviderID?
    /// The login that is open; nil when there is none.
    public let login: Login?
    /// How each provider can be connected.
    public let ways: [ProviderID: Set<CredentialSource>]
}

/// Accounts of principals at providers: looking at them, connecting, disconnecting, choosing models.
///
/// Every verb needs the permission `ai.account`, and is about the caller's own accounts.
public struct AccountService: Sendable {
    private static let longestKey = 4_096

    private let providers: [ConnectableProvider]
    private let store: any AccountStore
    private let sealer: any Sealer
    private let supervisor: LoginSupervisor
    private let audit: any AuditStore
    private let clock: any WallClock
    private let loginLifetime: Duration

    /// Puts the service together; `loginLifetime` is how long a person has to confirm a login.
    public init(
        providers: [ConnectableProvider],
        store: any AccountStore,
        sealer: any Sealer,
        supervisor: LoginSupervisor,
        audit: any AuditStore,
        clock: any WallClock,
        loginLifetime: Duration
    ) {
        self.providers = providers
        self.store = store
        self.sealer = sealer
        self.supervisor = supervisor
        self.audit = audit
        self.clock = clock
        self.loginLifetime = loginLifetime
    }

    // MARK: Looking

    /// Whether there is anything to connect.
    public var hasProviders: Bool { !providers.isEmpty }

    /// All accounts of the caller.
    public func overview(as principal: Principal) async throws -> AccountOverview {
        try principal.require(.aiAccount)
        let settings = try await store.settings(of: principal.id)
        var accounts: [AccountStatus] = []
        for provider in providers {
            accounts.append(try await status(of: provider, settings.of(provider.id), principal.id))
        }
        return AccountOverview(
            accounts: accounts,
            standard: settings.first(where: \.isDefault)?.provider,
            login: try await store.openLogin(of: principal.id),
            ways: Dictionary(providers.map { ($0.id, $0.ways) }) { first, _ in first }
        )
    }

    /// The models that the caller can choose, by provider; providers that cannot be asked are left out.
    public func models(as principal: Principal) async throws -> [(ProviderID, [ModelDescription])] {
        try principal.require(.aiAccount)
        var result: [(ProviderID, [ModelDescription])] = []
        for provider in providers {
            do {
                if let accounts = provider.accounts {
                    result.append((provider.id, try await accounts.models(for: principal.id)))
                } else {
                    result.append((provider.id, try await provider.models.models()))
                }
            } catch is Failure {
                // It cannot be asked now; the others can.
            }
        }
        return result
    }

    /// What the account at a provider may still use; the standard provider where none is named.
    public func limits(_ id: ProviderID?, as principal: Principal) async throws -> AccountLimits {
        try principal.require(.aiAccount)
        return try await accounts(try await chosen(id, principal.id)).rateLimits(of: principal.id)
    }

    // MARK: Connecting

    /// Nothing new is connected or chosen for a client that is suspended; what is connected can be cut off.
    private static func admitChange(_ principal: Principal) throws(Failure) {
        try principal.require(.aiAccount)
        if let place = principal.ownPlace, let failure = principal.standing?.suspension(at: place) {
            throw failure
        }
    }

    /// Begins a login; `login_pending` (conflict) while one is open, `account_connected` (conflict) while an account is.
    public func startLogin(_ id: ProviderID?, as principal: Principal) async throws -> BegunLogin {
        try Self.admitChange(principal)
        let provider = try await chosen(id, principal.id)
        let accounts = try accounts(provider)
        guard try await accounts.status(of: principal.id).state != .connected else {
            throw Failure(
                .conflict,
                code: "account_connected",
                message: "An account at \(provider.id) is connected already.",
                hint: "Use another one with POST /v1/ai/account/switch."
            )
        }
        return try await begin("account.login", accounts, principal.id) {
            try await accounts.startLogin(for: principal.id)
        }
    }

    /// Disconnects the account, and begins a login with another one.
    public func switchAccount(_ id: ProviderID?, as principal: Principal) async throws -> BegunLogin {
        try Self.admitChange(principal)
        let provider = try await chosen(id, principal.id)
        let accounts = try accounts(provider)
        return try await begin("account.switch", accounts, principal.id) {
            try await accounts.switchAccount(for: principal.id)
        }
    }

    /// Takes a key of the caller for a provider; it is kept sealed, and never shown.
    public func setKey(_ key: Secret<String>, for id: ProviderID, as principal: Principal) async throws {
        try Self.admitChange(principal)
        let provider = try await chosen(id, principal.id)
        guard provider.sources.contains(.user) else { throw Self.notAllowed(id, "keys of its users") }
        let bytes = Array(key.reveal().utf8)
        guard (8...Self.longestKey).contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(
                .unprocessable,
                code: "invalid_key",
                message: "This is not a key.",
                hint: "Send it as the provider shows it, without spaces or line ends."
            )
        }
        try await record("account.key", id, principal.id)
        try await store.setKey(
            sealer.seal(Secret(bytes), for: StoredUserKeys.label(principal.id, id)),
            of: principal.id,
            for: id,
            at: clock.now()
        )
        try await note(id, principal.id) { $0.state = .connected }
    }

    /// A login of the caller; `login_not_found` (notFound).
    public func login(_ id: LoginID, as principal: Principal) async throws -> Login {
        try principal.require(.aiAccount)
        guard let login = try await store.login(id, of: principal.id) else { throw Self.notFound }
        return login
    }

    /// Gives a login up; one that is over stays as it is.
    public func cancelLogin(_ id: LoginID, as principal: Principal) async throws -> Login {
        let login = try await login(id, as: principal)
        guard !login.state.isOver, let accounts = provider(login.provider)?.accounts else { return login }
        try await supervisor.apply(.cancelled, to: login, accounts)
        return try await self.login(id, as: principal)
    }

    /// Disconnects the account and forgets the key and the choices of the caller for a provider.
    public func logout(_ id: ProviderID?, as principal: Principal) async throws {
        try principal.require(.aiAccount)
        let provider = try await chosen(id, principal.id)
        try await record("account.logout", provider.id, principal.id)
        if let login = try await store.openLogin(of: principal.id), login.provider == provider.id,
            let accounts = provider.accounts
        {
            try await supervisor.apply(.cancelled, to: login, accounts)
        }
        try await provider.accounts?.logout(principal.id)
        _ = try await store.remove(provider.id, of: principal.id)
    }

    // MARK: Choosing

    /// Chooses the model that answers the caller when they name none; its provider becomes the standard one.
    public func choose(_ model: String, of id: ProviderID?, as principal: Principal) async throws
        -> AccountSettings
    {
        try Self.admitChange(principal)
        let provider = try await chosen(id, principal.id)
        if let accounts = provider.accounts {
            try await accounts.updateModel(model, for: principal.id)
        } else if try await !provider.models.models().contains(where: { $0.name == model }) {
            throw Failure(
                .notFound,
                code: "model_not_found",
                message: "The provider \(provider.id) has no such model.",
                hint: "List them with GET /v1/ai/models."
            )
        }
        let detail = JSONValue.object(["model": .string(model)]).bytes
        try await record("account.model", provider.id, principal.id, String(decoding: detail, as: UTF8.self))
        return try await note(provider.id, principal.id) { settings in
            settings.model = model
            settings.isDefault = true
        }
    }

    /// Before the change: none is made that the log cannot keep.
    private func record(
        _ action: String,
        _ provider: ProviderID,
        _ principal: PrincipalID,
        _ detail: String = "{}"
    ) async throws {
        try await audit.record(Self.entry(action, provider, principal, detail, at: clock.now()))
    }

    private static func entry(
        _ action: String,
        _ provider: ProviderID,
        _ principal: PrincipalID,
        _ detail: String,
        at now: Timestamp
    ) -> AuditEntry {
        AuditEntry(
            time: now,
            principal: principal,
            action: action,
            subject: "account/\(provider.rawValue)",
            detail: detail
        )
    }

    /// The model that answers a principal who names none; nil when they chose none.
    public func standardModel(of owner: PrincipalID) async throws -> ModelReference? {
        guard let settings = try await store.settings(of: owner).first(where: \.isDefault),
            let provider = provider(settings.provider),
            let model = settings.model ?? provider.models.defaultModel
        else { return nil }
        return ModelReference(provider: provider.id, model: model)
    }

    // MARK: Parts

    private func begin(
        _ action: String,
        _ accounts: any AccountProvider,
        _ owner: PrincipalID,
        _ start: () async throws -> LoginInvitation
    ) async throws -> BegunLogin {
        await supervisor.endEarlier()
        // Before anything is done at the provider: nothing is that the log cannot keep.
        let login = try await store(action, accounts.id, owner)
        do {
            let invitation = try await supervisor.alone(owner, start)
            try await note(accounts.id, owner) { settings in
                settings.profile = accounts.profile(of: owner)
                settings.state = .disconnected
            }
            guard supervisor.watch(login, invitation.key, accounts) else {
                throw Failure(
                    .unavailable,
                    code: "stopping",
                    message: "The server is stopping.",
                    hint: "Try again in a moment."
                )
            }
            return BegunLogin(login: login, invitation: invitation)
        } catch {
            let failure = error as? Failure ?? Failure(.internal, code: "internal", message: "")
            try await supervisor.apply(.ended(.failed(failure)), to: login, accounts)
            throw error
        }
    }

    private func store(_ action: String, _ provider: ProviderID, _ owner: PrincipalID) async throws -> Login {
        let now = clock.now()
        return try await audit.keeping { (login: Login) in
            let detail = LoginSupervisor.detail(login)
            return [Self.entry(action, provider, owner, detail, at: now)]
        } with: {
            try await store.begin(provider, for: owner, at: now, expires: now + loginLifetime)
        }
    }

    private func status(
        of provider: ConnectableProvider,
        _ settings: AccountSettings?,
        _ owner: PrincipalID
    ) async throws -> AccountStatus {
        var status: AccountStatus
        if let accounts = provider.accounts {
            status = try await accounts.status(of: owner)
        } else {
            let hasKey = try await store.key(of: owner, for: provider.id) != nil
            let isConnected = hasKey || provider.sources.contains(.deployment)
            status = AccountStatus(provider: provider.id, state: isConnected ? .connected : .disconnected)
        }
        status.model = settings?.model ?? provider.models.defaultModel
        return status
    }

    @discardableResult
    private func note(
        _ provider: ProviderID,
        _ owner: PrincipalID,
        _ change: (inout AccountSettings) -> Void
    ) async throws -> AccountSettings {
        try await store.note(provider, of: owner, at: clock.now(), change)
    }

    private func provider(_ id: ProviderID) -> ConnectableProvider? { providers.first { $0.id == id } }

    /// The provider that is named, else the standard one, else the first.
    private func chosen(_ id: ProviderID?, _ owner: PrincipalID) async throws -> ConnectableProvider {
        if let id {
            guard let provider = provider(id) else {
                let known = providers.map(\.id.rawValue).joined(separator: ", ")
                throw Failure(
                    .notFound,
                    code: "provider_unknown",
                    message: "There is no provider of this name to connect.",
                    hint: known.isEmpty ? "The operator configures none yet." : "Choose one of: \(known)."
                )
            }
            return provider
        }
        let settings = try await store.settings(of: owner)
        let standard = settings.first(where: \.isDefault).flatMap { provider($0.provider) }
        guard let provider = standard ?? providers.first(where: { $0.accounts != nil }) ?? providers.first
        else {
            throw Failure(
                .notFound,
                code: "provider_unknown",
                message: "There is no provider to connect.",
                hint: "The operator configures one, such as the Codex CLI with CODEX_CLI_BIN."
            )
        }
        return provider
    }

    private func accounts(_ provider: ConnectableProvider) throws -> any AccountProvider {
        guard let accounts = provider.accounts, provider.sources.contains(.account) else {
            throw Self.notAllowed(provider.id, "logins of its users")
        }
        return accounts
    }

    private static func notAllowed(_ id: ProviderID, _ what: String) -> Failure {
        Failure(
            .unprocessable,
            code: "credential_not_allowed",
            message: "The provider \(id) takes no \(what).",
            hint: "GET /v1/ai/account says what can be connected."
        )
    }

    private static let notFound = Failure(
        .notFound,
        code: "login_not_found",
        message: "There is no such login.",
        hint: "Begin one with POST /v1/ai/account/login."
    )
}

extension ConnectableProvider {
    /// How principals connect it by themselves.
    fileprivate var ways: Set<CredentialSource> {
        sources.intersection(accounts == nil ? [.user] : [.user, .account])
    }
}

extension [AccountSettings] {
    func of(_ provider: ProviderID) -> AccountSettings? { first { $0.provider == provider } }
}

extension AccountStore {
    /// Changes what an owner chose of a provider.
    func note(
        _ provider: ProviderID,
        of owner: PrincipalID,
        at now: Timestamp,
        _ change: (inout AccountSettings) -> Void
    ) async throws -> AccountSettings {
        let all = try await settings(of: owner)
        var settings = all.of(provider) ?? AccountSettings(owner: owner, provider: provider, changed: now)
        change(&settings)
        settings.changed = now
        if !all.contains(where: \.isDefault), settings.state == .connected { settings.isDefault = true }
        try await set(settings)
        return settings
    }
}

/// The keys of principals, opened where they are used.
public struct StoredUserKeys: UserKeys {
    private let store: any AccountStore
    private let sealer: any Sealer

    /// Puts it together.
    public init(store: any AccountStore, sealer: any Sealer) {
        self.store = store
        self.sealer = sealer
    }

    /// The key of an owner for a provider; nil when they brought none.
    public func key(of owner: PrincipalID, for provider: ProviderID) async throws -> Secret<String>? {
        guard let sealed = try await store.key(of: owner, for: provider),
            let bytes = sealer.open(sealed, for: Self.label(owner, provider))
        else { return nil }
        return Secret(String(decoding: bytes.reveal(), as: UTF8.self))
    }

    /// A key belongs to its owner and provider, and cannot be moved to others.
    static func label(_ owner: PrincipalID, _ provider: ProviderID) -> String {
        "key \(provider) \(owner)"
    }
}
