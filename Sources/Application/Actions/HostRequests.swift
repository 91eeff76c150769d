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

    /// What the application calls the location of a place; nil where it has none.
    func locationName(of place: Place) async throws -> String? {
        guard let location = place.location else { return nil }
        // A scope that covers a brand as a whole names no locations.
        return try await tenants.locations([location], in: place.client).first?.key.rawValue
    }

    /// The body of a call; nil when the user has no session any more that sees the place.
    func body(
        _ kind: StaticString,
        _ name: String,
        key: String,
        of principal: Principal,
        at place: Place,
        _ more: @Sendable (inout JSONWriter) -> Void
    ) async throws -> [UInt8]? {
        let now = clock.now()
        guard let user = principal.user,
            let known = try await sessions.newestSession(of: user, admitting: place, at: now)
        else { return nil }
        let standing = known.standing
        // Narrowed to where the chat is: a chat of one location is told nothing of another.
        let brands = place.brand.map { [$0] } ?? known.session.scope.brands.sorted()
        let locations =
            try await locationName(of: place).map { [$0] }
            ?? known.session.scope.locations?.sorted().compactMap { standing.locations[$0]?.key.rawValue }
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("kind")
            writer.string(kind.description)
            writer.key("name")
            writer.string(name)
            writer.key("key")
            writer.string(key)
            writer.key("user")
            writer.string(known.user.subject.rawValue)
            writer.key("role")
            if let role = known.session.role { writer.string(role) } else { writer.null() }
            writer.key("client")
            writer.string(standing.client.key.rawValue)
            writer.key("brands")
            writer.array { writer in
                for brand in brands {
                    if let name = standing.brands[brand]?.key { writer.string(name.rawValue) }
                }
            }
            writer.key("locations")
            if let locations {
                writer.array { writer in for location in locations { writer.string(location) } }
            } else {
                writer.null()
            }
            writer.key("teams")
            writer.array { writer in for team in known.session.scope.teams.sorted() { writer.string(team) } }
            writer.key("modules")
            writer.array { writer in
                for module in known.session.scope.modules.sorted() { writer.string(module) }
            }
            more(&writer)
        }
        return writer.bytes
    }
}
