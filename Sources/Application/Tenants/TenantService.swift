public import Core
public import Domain

/// Clients, brands, locations and users of host applications: what the applications' backends say of them.
///
/// A backend reaches what is its own; an operator with `admin` who signed in reaches all.
public final class TenantService: Sendable {
    private let hosts: [String]
    private let tenants: any TenantStore
    private let sessions: any UserSessionStore
    private let turns: UserTurns
    private let audit: any AuditStore
    private let clock: any WallClock
    private let shares: (any ShareStore)?
    private let users: HostSessionService

    /// Puts the service together.
    public init(
        hosts: [HostSettings],
        tenants: any TenantStore,
        sessions: any UserSessionStore,
        users: HostSessionService,
        turns: UserTurns,
        audit: any AuditStore,
        clock: any WallClock,
        shares: (any ShareStore)? = nil
    ) {
        self.shares = shares
        self.hosts = hosts.map(\.issuer)
        self.tenants = tenants
        self.sessions = sessions
        self.users = users
        self.turns = turns
        self.audit = audit
        self.clock = clock
    }

    /// The issuer whose things a caller means: a backend its own, an operator the one that is named, or the only one.
    public func issuer(named name: String?, as principal: Principal) throws(Failure) -> String {
        if let own = principal.host {
            guard name == nil || name == own else { throw Self.noIssuer }
            return own
        }
        try principal.requireSignIn()
        try principal.require(.admin)
        if let name {
            guard hosts.contains(name) else { throw Self.noIssuer }
            return name
        }
        guard hosts.count == 1 else { throw Self.noIssuer }
        return hosts[0]
    }

    // MARK: Clients

    /// Changes a client, which is made when it is new.
    ///
    /// Switching AI off or suspending it ends the turns that work there, and the calls outside of chats.
    public func putClient(
        _ key: TenantKey,
        of issuer: String,
        _ change: ClientChange,
        as principal: Principal
    ) async throws -> Client {
        let now = clock.now()
        let client = try await audit.keeping { (client: Client) in
            [Self.entry("client.put", "client/\(client.id)", change.detail, principal, at: now)]
        } with: {
            try await tenants.putClient(key, of: issuer, change, at: now)
        }
        if client.state == .suspended || change.hasAI == false { try await endWork(in: client, nil) }
        return client
    }

    /// The client; `client_not_found` for those of others.
    public func client(_ key: TenantKey, of issuer: String) async throws -> Client {
        guard let client = try await tenants.client(key, of: issuer) else {
            throw Failure(
                .notFound,
                code: "client_not_found",
                message: "There is no such client.",
                hint: "PUT it first: /v1/ai/clients/{client}."
            )
        }
        return client
    }

    /// The clients of an issuer, oldest first.
    public func clients(of issuer: String, after client: ClientID?, limit: Int) async throws -> Page<Client> {
        try await tenants.clients(of: issuer, after: client, limit: limit)
    }

    // MARK: Brands and locations

    /// Changes a brand, which is made when it is new; ends turns as ``putClient(_:of:_:as:)`` does.
    public func putBrand(
        _ key: TenantKey,
        of client: Client,
        _ change: BrandChange,
        as principal: Principal
    ) async throws -> Brand {
        let now = clock.now()
        let brand = try await audit.keeping { (brand: Brand) in
            [Self.entry("brand.put", "brand/\(brand.id)", change.detail, principal, at: now)]
        } with: {
            try await tenants.putBrand(key, of: client, change, at: now)
        }
        let isOff = change.ai != nil && !(brand.hasAI ?? client.hasAI)
        if brand.state == .suspended || isOff { try await endWork(in: client, brand.id) }
        return brand
    }

    /// The brand of a client; `brand_not_found` for those of others.
    public func brand(_ key: TenantKey, of client: Client) async throws -> Brand {
        guard let brand = try await brands(of: client).first(where: { $0.key == key }) else {
            throw Failure(
                .notFound,
                code: "brand_not_found",
                message: "There is no such brand of this client.",
                hint: "PUT it first: /v1/ai/clients/{client}/brands/{brand}."
            )
        }
        return brand
    }

    /// The brands of a client, oldest first.
    public func brands(of client: Client) async throws -> [Brand] { try await tenants.brands(of: client.id) }

    /// Names a location, which is made when it is new.
    public func putLocation(
        _ key: TenantKey,
        of brand: Brand,
        in client: Client,
        name: String?,
        as principal: Principal
    ) async throws -> Location {
        let now = clock.now()
        return try await audit.keeping { (location: Location) in
            [Self.entry("location.put", "location/\(location.id)", "{}", principal, at: now)]
        } with: {
            try await tenants.putLocation(key, of: brand, in: client, name: name, at: now)
        }
    }

    /// The locations of a brand, oldest first.
    public func locations(of brand: Brand) async throws -> [Location] {
        try await tenants.locations(of: brand.id)
    }

    func locations(_ ids: Set<LocationID>, in client: ClientID) async throws -> [Location] {
        try await tenants.locations(ids, in: client)
    }

    // MARK: Users

    /// Sets what a user is granted by name, in place of what they were granted before.
    ///
    /// In one client, or everywhere (nil); it holds from their next request.
    ///
    /// `permission_not_grantable` for what no user can have.
    public func grant(
        permissions: [String],
        grants: [String],
        to subject: TenantKey,
        of issuer: String,
        in client: Client? = nil,
        as principal: Principal
    ) async throws -> HostUser {
        let known = permissions.compactMap(Permission.init(rawValue:)).filter(Permission.forUsers.contains)
        guard known.count == permissions.count else {
            throw Failure(
                .unprocessable,
                code: "permission_not_grantable",
                message: "Users of an application cannot have all of these permissions.",
                hint: "They can have: " + Permission.forUsers.sorted().map(\.rawValue).joined(separator: ", ")
                    + ". What only the application knows stands in \"grants\"."
            )
        }
        guard grants.count <= 200, grants.allSatisfy(UserRights.isGrant) else {
            throw Failure(
                .unprocessable,
                code: "invalid_grant",
                message: "These are not acceptable as grants.",
                hint: "Send at most 200, each of 1 to 64 letters, digits, “.”, “_”, “-” and “:”."
            )
        }
        let words = (known.map(\.rawValue) + grants).sorted().map(JSONValue.string)
        var members: [String: JSONValue] = ["granted": .array(words)]
        members["client"] = client.map { .integer($0.id.rawValue) }
        let detail = String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
        let now = clock.now()
        return try await audit.keeping { (user: HostUser) in
            [Self.entry("user.grant", "user/\(user.id)", detail, principal, at: now)]
        } with: {
            try await tenants.grant(
                UserRights(permissions: Set(known), grants: Set(grants)),
                to: subject,
                of: issuer,
                in: client?.id,
                at: now
            )
        }
    }

    /// The user, with what they are granted in one client, or everywhere (nil); `user_not_found` for those of others.
    public func user(_ subject: TenantKey, of issuer: String, in client: Client? = nil) async throws
        -> HostUser
    {
        guard let user = try await tenants.user(subject, of: issuer, in: client?.id) else {
            throw Failure(
                .notFound,
                code: "user_not_found",
                message: "There is no such user.",
                hint: "Users are known once they had a session or a grant."
            )
        }
        return user
    }

    /// Ends all sessions of a user, with their open streams, the turns that work for them and the links to their chats; how
    /// many sessions it were.
    @discardableResult
    public func endSessions(of subject: TenantKey, of issuer: String, as principal: Principal) async throws
        -> Int
    {
        let user = try await user(subject, of: issuer)
        let now = clock.now()
        let ended = try await audit.keeping { (ended: [UserSessionID]) in
            let detail = "{\"sessions\":\(ended.count)}"
            return [Self.entry("user_session.revoke", "user/\(user.id)", detail, principal, at: now)]
        } with: {
            try await sessions.endSessions(of: user.id, at: now)
        }
        users.hub.end(ended)
        turns.end(try await sessions.workingTurns(of: user.id))
        try await revokeShares(of: user, as: principal)
        return ended.count
    }

    private func revokeShares(of user: HostUser, as principal: Principal) async throws {
        guard let shares else { return }
        let now = clock.now()
        _ = try await audit.keeping { (ended: [Share]) in
            ended.map { ShareService.entry("share.revoke", $0, principal, at: now) }
        } with: {
            try await shares.revokeShares(of: user.id.principal, at: now)
        }
    }

    private func endWork(in client: Client, _ brand: BrandID?) async throws {
        turns.end(try await tenants.workingTurns(in: client.id, brand: brand))
        try await users.endClosedCalls()
    }

    private static func entry(
        _ action: String,
        _ subject: String,
        _ detail: String,
        _ principal: Principal,
        at now: Timestamp
    ) -> AuditEntry {
        AuditEntry(time: now, principal: principal.id, action: action, subject: subject, detail: detail)
    }

    private static let noIssuer = Failure(
        .notFound,
        code: "issuer_not_found",
        message: "There is no such host application.",
        hint:
            "Name one of the configured issuers with ?issuer=…; a host application reaches its own things only."
    )
}

extension ClientChange {
    /// For the audit log.
    fileprivate var detail: String {
        var members: [String: JSONValue] = [:]
        if let state { members["state"] = .string(state.rawValue) }
        if let hasAI { members["ai"] = .bool(hasAI) }
        if let plan { members["plan"] = .string(plan) }
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }
}

extension BrandChange {
    /// For the audit log.
    fileprivate var detail: String {
        var members: [String: JSONValue] = [:]
        if let state { members["state"] = .string(state.rawValue) }
        if let ai { members["ai"] = .string(ai.rawValue) }
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }
}
