public import Domain
internal import Core
internal import Testing

/// What a `UserSessionStore` must do together with the `TenantStore` beside it, tried on empty ones.
public enum UserSessionStoreSuite: Sendable {
    /// Both stores of one installation.
    public struct Both: Sendable {
        /// Tenants.
        public let tenants: any TenantStore
        /// Sessions.
        public let sessions: any UserSessionStore
        /// Puts them together.
        public init(tenants: any TenantStore, sessions: any UserSessionStore) {
            self.tenants = tenants
            self.sessions = sessions
        }
    }

    /// A case of this suite.
    public typealias Case = ConformanceCase<Both>

    private static let start = Timestamp(seconds: 1_700_000_040)
    private static let later = start + .seconds(3_600)
    private static let shop = "https://shop.example"

    private static func keys(_ texts: [String]) throws -> Set<TenantKey> {
        Set(try texts.map { try TenantKey($0) })
    }

    private static func draft(
        _ subject: String = "ann",
        client: String = "acme",
        brands: [String] = ["north"],
        locations: [String]? = nil,
        secret: UInt8 = 1,
        issuer: String = shop,
        limit: Int = 50
    ) throws -> UserSessionDraft {
        var claims = HostClaims(
            issuer: issuer,
            subject: try TenantKey(subject),
            use: .user,
            tokenID: "t",
            end: later
        )
        claims.client = try TenantKey(client)
        claims.brands = try keys(brands)
        claims.locations = try locations.map { try keys($0) }
        claims.role = "store"
        claims.teams = ["x"]
        claims.modules = ["jobs"]
        return UserSessionDraft(
            claims: claims,
            secretDigest: [UInt8](repeating: secret, count: 32),
            expires: later,
            newClientsHaveAI: true,
            limit: limit
        )
    }

    /// All cases.
    public static var cases: [Case] { tokenCases + beginCases + endCases }

    private static var tokenCases: [Case] {
        [
            Case("a token is spent once for its issuer, and forgotten when it is over") { stores in
                let spend: @Sendable (String, String, Timestamp) async throws -> Bool = { id, issuer, now in
                    try await stores.sessions.spend(id, of: issuer, until: start + .seconds(60), at: now)
                }
                let isFirst = try await spend("a", shop, start)
                #expect(isFirst)
                #expect(try await !spend("a", shop, start + .seconds(59)))
                #expect(try await spend("A", shop, start))
                #expect(try await spend("a", "https://other.example", start))
                #expect(try await !spend("a", shop, start + .seconds(60)))
                #expect(try await spend("a", shop, start + .seconds(61)), "it could not be shown any more")
            },
            Case("of many who spend one token at the same time one does") { stores in
                let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<40 {
                        group.addTask {
                            try await stores.sessions.spend("one", of: shop, until: later, at: start)
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(count == 1)
            },
        ]
    }

    private static var beginCases: [Case] {
        [
            Case("a session makes what is new, and is found by its digest as things stand then") { stores in
                let begun = try await stores.sessions.beginSession(
                    try draft(brands: ["north"], locations: ["main"]),
                    at: start
                )
                let known = begun.known
                #expect(begun.ended == [] && known.user.subject.rawValue == "ann")
                #expect(known.session.role == "store" && known.session.expires == later)
                #expect(known.session.scope.teams == ["x"] && known.session.scope.modules == ["jobs"])
                #expect(known.standing.client.hasAI && known.standing.brands.count == 1)
                #expect(known.standing.locations.values.map(\.key.rawValue) == ["main"])
                #expect(known.session.scope.locations == Set(known.standing.locations.keys))
                let digest = [UInt8](repeating: 1, count: 32)
                #expect(try await stores.sessions.session(secretDigest: digest) == known)
                #expect(try await stores.sessions.session(known.session.id) == known)
                #expect(try await stores.sessions.session(secretDigest: [1]) == nil)
                var change = ClientChange()
                change.state = .suspended
                let key = known.standing.client.key
                _ = try await stores.tenants.putClient(key, of: shop, change, at: start)
                let rights = UserRights(permissions: [.chat])
                _ = try await stores.tenants.grant(rights, to: known.user.subject, of: shop, at: start)
                let now = try #require(try await stores.sessions.session(secretDigest: digest))
                #expect(now.standing.client.state == .suspended && now.user.granted == rights)
                #expect(now.session == known.session)
            },
            Case("a session takes up what is known, and no brand or location of others") { stores in
                let sessions = stores.sessions
                let first = try await sessions.beginSession(try draft(locations: ["main"]), at: start).known
                let again = try await sessions.beginSession(
                    try draft("bob", brands: ["north", "south"], locations: ["main"], secret: 2),
                    at: start
                ).known
                #expect(again.session.scope.brands.isSuperset(of: first.session.scope.brands))
                #expect(again.session.scope.locations == first.session.scope.locations)
                #expect(again.user.id != first.user.id)
                let wrong: [(UserSessionDraft, String)] = [
                    (try draft(client: "zeta", brands: ["north"], secret: 3), "brand_elsewhere"),
                    (try draft(brands: ["south"], locations: ["main"], secret: 3), "location_elsewhere"),
                    (
                        try draft(client: "zeta", brands: ["east"], locations: ["main"], secret: 3),
                        "location_elsewhere"
                    ),
                    (
                        try draft(brands: ["north", "south"], locations: ["new"], secret: 3),
                        "location_unknown"
                    ),
                    (try draft(brands: [], locations: ["new"], secret: 3), "location_unknown"),
                ]
                for (draft, code) in wrong {
                    let failure = await #expect(throws: Failure.self) {
                        try await sessions.beginSession(draft, at: start)
                    }
                    #expect(failure?.code == code && failure?.kind == .forbidden)
                }
                #expect(
                    try await stores.tenants.client(try TenantKey("zeta"), of: shop) == nil,
                    "nothing stays"
                )
                let far = try draft(secret: 4, issuer: "https://other.example")
                let theirs = try await sessions.beginSession(far, at: start).known
                #expect(
                    theirs.user.id != first.user.id && theirs.standing.client.id != first.standing.client.id
                )
            },
            Case("beyond the limit the oldest sessions of the user end") { stores in
                var ids: [UserSessionID] = []
                var ended: [UserSessionID] = []
                for number in 1...5 {
                    let begun = try await stores.sessions.beginSession(
                        try draft(secret: UInt8(number), limit: 3),
                        at: start
                    )
                    ids.append(begun.known.session.id)
                    ended += begun.ended
                }
                #expect(ended == Array(ids[..<2]))
                let other = try await stores.sessions.beginSession(
                    try draft("bob", secret: 9, limit: 1),
                    at: start
                )
                #expect(other.ended == [])
                let live = try await stores.sessions.liveSessions(among: Set(ids), at: start)
                #expect(live == Set(ids[2...]))
            },
        ]
    }

    private static var endCases: [Case] {
        [
            Case("sessions end one by one, all of a user's at once, and by their time") { stores in
                let sessions = stores.sessions
                var known: [KnownUserSession] = []
                for (number, name) in ["ann", "ann", "ann", "bob"].enumerated() {
                    let draft = try draft(name, secret: UInt8(number))
                    known.append(try await sessions.beginSession(draft, at: start).known)
                }
                let ids = known.map(\.session.id)
                let all = Set(ids)
                #expect(try await sessions.liveSessions(among: all, at: later - .seconds(1)) == all)
                #expect(try await sessions.liveSessions(among: all, at: later) == [])
                #expect(try await sessions.nextEnd(of: all, after: start) == later)
                #expect(try await sessions.nextEnd(of: all, after: later) == nil)
                #expect(try await sessions.nextEnd(of: [], after: start) == nil)
                let before = try await sessions.accessChanges()
                #expect(try await sessions.endSession(ids[0], at: start))
                #expect(try await !sessions.endSession(ids[0], at: start))
                #expect(try await sessions.session(ids[0])?.session.isLive(at: start) == false)
                #expect(
                    try await Set(sessions.endSessions(of: known[0].user.id, at: start)) == Set(ids[1...2])
                )
                #expect(try await sessions.endSessions(of: known[0].user.id, at: start) == [])
                #expect(try await sessions.liveSessions(among: all, at: start) == [ids[3]])
                #expect(try await sessions.accessChanges() > before)
            },
            Case("the last session that saw a place is found, live or not") { stores in
                let sessions = stores.sessions
                let wide = try await sessions.beginSession(
                    try draft(brands: ["north", "south"], secret: 1),
                    at: start
                )
                .known
                let narrow = try await sessions.beginSession(
                    try draft(brands: ["north"], secret: 2),
                    at: start
                ).known
                let away = try await sessions.beginSession(
                    try draft(client: "zeta", brands: ["east"], secret: 3),
                    at: start
                ).known
                let client = wide.standing.client.id
                let north = try #require(narrow.session.scope.brands.first)
                let south = try #require(wide.session.scope.brands.subtracting([north]).first)
                _ = try await sessions.endSession(narrow.session.id, at: start)
                _ = try await sessions.endSessions(of: wide.user.id, at: start)
                let last: @Sendable (Place) async throws -> UserSessionID? = { place in
                    try await sessions.lastSession(of: wide.user.id, admitting: place)?.session.id
                }
                #expect(try await last(Place(client: client, brand: north)) == narrow.session.id)
                #expect(try await last(Place(client: client, brand: south)) == wide.session.id)
                #expect(try await last(Place(client: away.standing.client.id)) == away.session.id)
                #expect(try await last(Place(client: ClientID(99))) == nil)
            },
        ]
    }
}
