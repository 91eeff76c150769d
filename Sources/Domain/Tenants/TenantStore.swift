public import Core

/// What changes about a client; nil leaves a thing as it is.
public struct ClientChange: Sendable, Equatable {
    /// What people call it.
    public var name: String?
    /// Whether its users may change anything.
    public var state: TenantState?
    /// Whether its plan has AI.
    public var hasAI: Bool?
    /// The host application's name for the plan.
    public var plan: String?
    /// Changes nothing.
    public init() {}
}

/// Whether a brand has AI.
public enum BrandAI: String, Sendable, CaseIterable {
    case on, off
    /// As the client's plan says.
    case inherit
}

/// What changes about a brand; nil leaves a thing as it is.
public struct BrandChange: Sendable, Equatable {
    /// What people call it.
    public var name: String?
    /// Whether anything of it may be changed.
    public var state: TenantState?
    /// Whether it has AI.
    public var ai: BrandAI?
    /// Changes nothing.
    public init() {}
}

/// Clients, brands, locations and users of host applications.
///
/// What an issuer calls things is unique for that issuer. A thing of another issuer does not exist for it.
public protocol TenantStore: Sendable {
    /// Changes a client, which is made when it is new (without AI, unless the change says so).
    func putClient(_ key: TenantKey, of issuer: String, _ change: ClientChange, at now: Timestamp)
        async throws
        -> Client
    /// The client, or nil.
    func client(_ key: TenantKey, of issuer: String) async throws -> Client?
    /// The client with this id, of whatever issuer; for those who were shown the id.
    func client(_ id: ClientID) async throws -> Client?
    /// The clients that issuers call so, one of each at most.
    func clients(called key: TenantKey) async throws -> [Client]
    /// The clients of an issuer, oldest first.
    func clients(of issuer: String, after client: ClientID?, limit: Int) async throws -> Page<Client>
    /// Changes a brand, which is made when it is new; `brand_elsewhere` (conflict) when another client has it.
    func putBrand(_ key: TenantKey, of client: Client, _ change: BrandChange, at now: Timestamp) async throws
        -> Brand
    /// The brands of a client, oldest first; bounded by what a client may have.
    func brands(of client: ClientID) async throws -> [Brand]
    /// Names a location, which is made when it is new; `location_elsewhere` (conflict) when another brand has it.
    func putLocation(_ key: TenantKey, of brand: Brand, in client: Client, name: String?, at now: Timestamp)
        async throws -> Location
    /// The locations of a brand, oldest first; bounded as brands are.
    func locations(of brand: BrandID) async throws -> [Location]
    /// The locations with these ids, those of other clients left out.
    func locations(_ ids: Set<LocationID>, in client: ClientID) async throws -> [Location]
    /// The locations that the host application calls so, those of other clients left out.
    func locations(called keys: Set<TenantKey>, in client: ClientID) async throws -> [Location]
    /// Sets what a user is granted by name, in place of what they were granted before: in one client, or everywhere (nil).
    /// Makes the user when they are new, and shows them as ``user(_:of:in:)`` does.
    func grant(
        _ rights: UserRights,
        to subject: TenantKey,
        of issuer: String,
        in client: ClientID?,
        at now: Timestamp
    ) async throws -> HostUser
    /// The user, or nil; with what they are granted in one client beside the rest, or with what they are granted everywhere.
    func user(_ subject: TenantKey, of issuer: String, in client: ClientID?) async throws -> HostUser?
    /// The user with this id, of whatever issuer, with what they are granted everywhere.
    func user(_ id: UserID) async throws -> HostUser?
    /// Turns that work in chats of a client, or for what one of its brands allows: in chats of the brand, and in those
    /// without a brand where the session that asked sees it.
    func workingTurns(in client: ClientID, brand: BrandID?) async throws -> [TurnID]
}

/// What a session begins with.
public struct UserSessionDraft: Sendable {
    /// What the host application said.
    public var claims: HostClaims
    /// The SHA-256 of the session's token.
    public var secretDigest: [UInt8]
    /// When it ends by itself.
    public var expires: Timestamp
    /// Whether a client that is new here has AI.
    public var newClientsHaveAI: Bool
    /// Live ones of one user; the oldest end first.
    public var limit: Int

    /// Makes a draft.
    public init(
        claims: HostClaims,
        secretDigest: [UInt8],
        expires: Timestamp,
        newClientsHaveAI: Bool = false,
        limit: Int = 50
    ) {
        self.claims = claims
        self.secretDigest = secretDigest
        self.expires = expires
        self.newClientsHaveAI = newClientsHaveAI
        self.limit = limit
    }
}

/// What a token named for the first time.
public struct MadePlaces: Sendable, Equatable {
    /// The client; nil for one that was known.
    public var client: Client?
    /// Brands of the client.
    public var brands: [Brand] = []
    /// Locations of its brands.
    public var locations: [Location] = []
    /// Nothing.
    public init() {}
}

/// A session that just began, with those that ended for it.
public struct BegunUserSession: Sendable {
    /// The session.
    public let known: KnownUserSession
    /// Older ones beyond the limit.
    public let ended: [UserSessionID]
    /// What was made for it.
    public let made: MadePlaces

    /// Makes a value.
    public init(known: KnownUserSession, ended: [UserSessionID], made: MadePlaces = MadePlaces()) {
        self.known = known
        self.ended = ended
        self.made = made
    }
}

/// Sessions of users; they survive the server.
public protocol UserSessionStore: Sendable {
    /// Remembers that a token was used; false when it was used before. What is over is forgotten.
    func spend(_ tokenID: String, of issuer: String, until end: Timestamp, at now: Timestamp) async throws
        -> Bool
    /// Stores a session; makes user, client, brands and locations that are new.
    ///
    /// `brand_elsewhere`, `location_elsewhere` (forbidden) when another client or brand has them, `location_unknown`
    /// (forbidden) for a new location when it is not clear to which of several brands it belongs.
    func beginSession(_ draft: UserSessionDraft, at now: Timestamp) async throws -> BegunUserSession
    /// The session with this digest, live or not.
    func session(secretDigest: [UInt8]) async throws -> KnownUserSession?
    /// The session with this id, live or not.
    func session(_ id: UserSessionID) async throws -> KnownUserSession?
    /// The newest session of a user whose scope admits a place, live or not.
    func lastSession(of user: UserID, admitting place: Place) async throws -> KnownUserSession?
    /// Ends a session; false when it was not live.
    func endSession(_ id: UserSessionID, at now: Timestamp) async throws -> Bool
    /// Ends all live sessions of a user; returns which.
    func endSessions(of user: UserID, at now: Timestamp) async throws -> [UserSessionID]
    /// Those of these sessions that are live.
    func liveSessions(among ids: Set<UserSessionID>, at now: Timestamp) async throws -> Set<UserSessionID>
    /// When the first of these that is not over yet ends by itself; nil when there is none.
    func nextEnd(of ids: Set<UserSessionID>, after now: Timestamp) async throws -> Timestamp?
    /// A number that grows with each change that can end a session, by whatever process; cheap to ask for.
    func accessChanges() async throws -> Int64
    /// Turns that work for a user.
    func workingTurns(of user: UserID) async throws -> [TurnID]
}

extension TenantStore {
    /// The user with what they are granted everywhere, or nil.
    public func user(_ subject: TenantKey, of issuer: String) async throws -> HostUser? {
        try await user(subject, of: issuer, in: nil)
    }

    /// Sets what a user is granted everywhere.
    public func grant(_ rights: UserRights, to subject: TenantKey, of issuer: String, at now: Timestamp)
        async throws -> HostUser
    {
        try await grant(rights, to: subject, of: issuer, in: nil, at: now)
    }
}
