public import Core
public import Domain

/// What administrators see of host applications, users, accounts, actions and receipts.
///
/// Every verb needs an operator who signed in and has `admin`. Looking into what belongs to one user is recorded before
/// it is shown.
public struct OversightService: Sendable {
    /// Host applications of the configuration.
    public let hosts: [HostSettings]
    /// What their roles give.
    public let roles: RoleTable
    /// What they declare.
    public let catalogue: [Action]
    /// What amounts are in.
    public let unit: CreditUnit

    private let store: any OversightStore
    private let actions: any ActionStore
    private let tenants: any TenantStore
    private let audit: any AuditStore
    private let clock: any WallClock

    /// Puts the service together.
    public init(
        hosts: [HostSettings],
        roles: RoleTable,
        catalogue: [Action],
        unit: CreditUnit,
        store: any OversightStore,
        actions: any ActionStore,
        tenants: any TenantStore,
        audit: any AuditStore,
        clock: any WallClock
    ) {
        self.hosts = hosts
        self.roles = roles
        self.catalogue = catalogue
        self.unit = unit
        self.store = store
        self.actions = actions
        self.tenants = tenants
        self.audit = audit
        self.clock = clock
    }

    /// Now, for saying which sessions hold.
    public var now: Timestamp { clock.now() }

    /// Throws unless it is an administrator who signed in.
    public func admit(_ principal: Principal) throws(Failure) {
        try principal.requireSignIn()
        try principal.require(.admin)
    }

    // MARK: Users

    /// Users of a host application, oldest first.
    public func users(
        of issuer: String?,
        containing text: String?,
        after: UserID?,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<OverseenUser> {
        try admit(principal)
        return try await store.users(
            of: try host(issuer),
            containing: text,
            after: after,
            limit: limit,
            at: clock.now()
        )
    }

    /// The latest sessions of a user, newest first; `user_not_found`.
    public func sessions(of subject: TenantKey, of issuer: String?, as principal: Principal) async throws
        -> [OverseenSession]
    {
        try admit(principal)
        guard let user = try await tenants.user(subject, of: try host(issuer)) else {
            throw Failure(
                .notFound,
                code: "user_not_found",
                message: "There is no such user.",
                hint: "GET /v1/admin/users lists those that there are."
            )
        }
        return try await store.sessions(of: user.id, limit: 100)
    }

    /// The host application that is meant: the one that is named, or the only one.
    private func host(_ issuer: String?) throws(Failure) -> String {
        if let issuer, hosts.contains(where: { $0.issuer == issuer }) { return issuer }
        if issuer == nil, hosts.count == 1 { return hosts[0].issuer }
        throw Failure(
            .notFound,
            code: "issuer_not_found",
            message: "There is no such host application.",
            hint: "Name one of GET /v1/admin/hosts with ?issuer=…."
        )
    }

    // MARK: Accounts

    /// All accounts at providers, by owner.
    public func accounts(after: AccountCursor?, limit: Int, as principal: Principal) async throws
        -> Page<OverseenAccount>
    {
        try admit(principal)
        return try await store.accounts(after: after, limit: limit)
    }

    // MARK: Actions and receipts

    /// What models proposed, newest first.
    public func actions(
        _ filter: OverseenActionFilter,
        before: ActionID?,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<OverseenAction> {
        try admit(principal)
        return try await store.actions(filter, before: before, limit: limit)
    }

    /// One proposal with its input and result; `action_not_found`.
    ///
    /// That it was looked at is in the audit log.
    public func action(_ id: ActionID, as principal: Principal) async throws -> OverseenAction {
        try admit(principal)
        guard let found = try await store.action(id) else {
            throw Failure(
                .notFound,
                code: "action_not_found",
                message: "There is no such action.",
                hint: "GET /v1/admin/actions lists them."
            )
        }
        try await record("action.view", "action/\(id)", principal)
        return found
    }

    /// Turns that read from host applications, newest first.
    public func receipts(before: TurnID?, limit: Int, as principal: Principal) async throws
        -> Page<OverseenReceipt>
    {
        try admit(principal)
        return try await store.receipts(before: before, limit: limit)
    }

    /// What a turn read, fact by fact; `receipt_not_found`.
    ///
    /// That it was looked at is in the audit log.
    public func receipt(of turn: TurnID, as principal: Principal) async throws -> (
        OverseenReceipt, [ContextReading]
    ) {
        try admit(principal)
        guard let found = try await store.receipt(of: turn) else {
            throw Failure(
                .notFound,
                code: "receipt_not_found",
                message: "This turn read nothing from a host application, or is not there any more.",
                hint: "GET /v1/admin/context lists the turns that did."
            )
        }
        try await record("context.view", "turn/\(turn.rawValue)", principal)
        return (found, try await actions.readings(of: turn))
    }

    private func record(_ action: String, _ subject: String, _ principal: Principal) async throws {
        try await audit.record(
            AuditEntry(time: clock.now(), principal: principal.id, action: action, subject: subject)
        )
    }
}
