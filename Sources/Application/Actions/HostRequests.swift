public import Core
public import Domain

/// What host applications are told about who asks: their own names of the user, and of everything in scope.
public struct HostRequests: Sendable {
    private let sessions: any UserSessionStore
    private let tenants: any TenantStore
    private let clock: any WallClock

    /// Makes it on the sessions of users, and the names of places.
    public init(sessions: any UserSessionStore, tenants: any TenantStore, clock: any WallClock) {
        self.sessions = sessions
        self.tenants = tenants
        self.clock = clock
    }

    /// The locations that the application calls so, within a client.
    func locations(called names: Set<String>, in client: ClientID) async throws -> [Location] {
        let keys = Set(names.compactMap { TenantKey(checking: $0) })
        return keys.isEmpty ? [] : try await tenants.locations(called: keys, in: client)
    }

    /// Who asks at a place, in the session of the principal; nil when that is over, does not see the place, or nothing may
    /// be changed there.
    func asker(_ principal: Principal, at place: Place) async throws -> HostAsker? {
        guard let id = principal.session, let known = try await sessions.session(id),
            known.user.id == principal.user, known.session.isLive(at: clock.now()),
            known.session.scope.admits(place)
        else { return nil }
        let (standing, scope) = (known.standing, known.session.scope)
        guard standing.hasAI(at: place), standing.suspension(at: place) == nil else { return nil }
        // Narrowed to where the chat is, and to what is open: a chat of one location is told nothing of another.
        let brands = place.brand.map { [$0] } ?? standing.openBrands.intersection(scope.brands)
        var locations = scope.locations.map { ids in
            ids.compactMap { standing.locations[$0] }.filter { brands.contains($0.brand) }
        }
        if let location = place.location {
            // A scope that covers a brand as a whole names no locations.
            locations = try await tenants.locations([location], in: place.client)
        }
        return HostAsker(
            user: known.user,
            role: known.session.role,
            client: standing.client,
            brands: brands.compactMap { standing.brands[$0] }.sorted { $0.id < $1.id },
            locations: locations?.sorted { $0.id < $1.id },
            teams: scope.teams.sorted(),
            modules: scope.modules.sorted()
        )
    }
}

/// Who asks a host application, where, and in what role: whatever it is told of them, and admits what it answers.
struct HostAsker: Sendable {
    /// What tells askers apart: an application that is told the same of two may answer the same.
    struct Identity: Hashable, Sendable {
        let user: UserID
        let role: String?
        let client: ClientID
        let brands: [BrandID]
        let locations: [LocationID]?
        let teams: [String]
        let modules: [String]
    }

    let user: HostUser
    let role: String?
    let client: Client
    /// The brands that the answer may be about.
    let brands: [Brand]
    /// The locations that it may be about; nil for all of the brands.
    let locations: [Location]?
    let teams: [String]
    let modules: [String]

    var identity: Identity {
        Identity(
            user: user.id,
            role: role,
            client: client.id,
            brands: brands.map(\.id),
            locations: locations.map { $0.map(\.id) },
            teams: teams,
            modules: modules
        )
    }

    /// The body of a call.
    func body(
        _ kind: StaticString,
        _ name: String,
        key: String,
        _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("kind")
            writer.string(kind.description)
            writer.key("name")
            writer.string(name)
            writer.key("key")
            writer.string(key)
            writer.key("user")
            writer.string(user.subject.rawValue)
            writer.key("role")
            if let role { writer.string(role) } else { writer.null() }
            writer.key("client")
            writer.string(client.key.rawValue)
            writer.key("brands")
            writer.array { writer in for brand in brands { writer.string(brand.key.rawValue) } }
            writer.key("locations")
            if let locations {
                writer.array { writer in
                    for location in locations { writer.string(location.key.rawValue) }
                }
            } else {
                writer.null()
            }
            writer.key("teams")
            writer.array { writer in for team in teams { writer.string(team) } }
            writer.key("modules")
            writer.array { writer in for module in modules { writer.string(module) } }
            more(&writer)
        }
        return writer.bytes
    }
}
