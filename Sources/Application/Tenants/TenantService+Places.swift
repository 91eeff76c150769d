public import Domain

/// What a host application calls brands and locations.
public struct PlaceNames: Sendable {
    private let standing: TenantStanding
    private let locations: [LocationID: Location]

    init(_ standing: TenantStanding, _ locations: [Location]) {
        self.standing = standing
        self.locations = Dictionary(locations.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The host application's id of a brand; nil when it is not in scope.
    public func brand(_ id: BrandID) -> String? { standing.brands[id]?.key.rawValue }

    /// The host application's id of a location; nil when it is not in scope.
    public func location(_ id: LocationID) -> String? {
        (standing.locations[id] ?? locations[id])?.key.rawValue
    }
}

extension TenantService {
    /// The place in a user's scope that the host application's ids name; `place_not_found` for those beyond it.
    ///
    /// Without a brand it is the only one in scope, if there is one only; else the client as a whole.
    public func place(brand: String?, location: String?, for principal: Principal) async throws -> Place {
        guard let scope = principal.scope, let standing = principal.standing else { throw Self.noPlace }
        var found: Brand? = standing.brands.count == 1 ? standing.brands.values.first : nil
        if let brand {
            found = standing.brands.values.first { $0.key.rawValue == brand }
            guard found != nil else { throw Self.noPlace }
        }
        guard let location else { return Place(client: scope.client, brand: found?.id) }
        guard let found else {
            throw Failure(
                .unprocessable,
                code: "brand_needed",
                message: "A location belongs to a brand, and none is named.",
                hint: "Send \"brand\" beside \"location\"."
            )
        }
        let candidates =
            scope.locations == nil
            ? try await locations(of: found) : standing.locations.values.filter { $0.brand == found.id }
        guard let match = candidates.first(where: { $0.key.rawValue == location }) else { throw Self.noPlace }
        return Place(client: scope.client, brand: found.id, location: match.id)
    }

    /// What the host application calls places that a user sees.
    public func names(of places: [Place], for principal: Principal) async throws -> PlaceNames? {
        guard let standing = principal.standing else { return nil }
        let unknown = Set(places.compactMap(\.location)).subtracting(standing.locations.keys)
        guard !unknown.isEmpty else { return PlaceNames(standing, []) }
        return PlaceNames(standing, try await locations(unknown, in: standing.client.id))
    }

    static let noPlace = Failure(
        .notFound,
        code: "place_not_found",
        message: "There is no such brand or location.",
        hint: "GET /v1/ai/session lists those that you may see."
    )
}
