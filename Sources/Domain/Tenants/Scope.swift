/// Where in a host application something is done or belongs: whose it is, and who pays.
public struct Place: Hashable, Sendable {
    /// The client.
    public let client: ClientID
    /// The brand; nil for what belongs to the client as a whole.
    public let brand: BrandID?
    /// The location; nil for what belongs to the brand as a whole.
    public let location: LocationID?

    /// Makes a place.
    public init(client: ClientID, brand: BrandID? = nil, location: LocationID? = nil) {
        self.client = client
        self.brand = brand
        self.location = location
    }
}

/// What a user of a host application may see: limits every query, and grants no permission.
public struct Scope: Sendable, Equatable {
    /// The client.
    public let client: ClientID
    /// The brands.
    public let brands: Set<BrandID>
    /// The locations; nil for all of the brands.
    public let locations: Set<LocationID>?
    /// Names of teams, as the host application calls them.
    public let teams: Set<String>
    /// Names of modules, as the host application calls them.
    public let modules: Set<String>

    /// Makes a scope.
    public init(
        client: ClientID,
        brands: Set<BrandID>,
        locations: Set<LocationID>? = nil,
        teams: Set<String> = [],
        modules: Set<String> = []
    ) {
        self.client = client
        self.brands = brands
        self.locations = locations
        self.teams = teams
        self.modules = modules
    }

    /// Says whether a user may see what somebody used or reserved at a place: everything at the places in the scope, and of
    /// what goes beyond them, for a whole client or brand, what is their own.
    public func admitsUsage(of principal: PrincipalID, at place: Place, for user: PrincipalID) -> Bool {
        guard admits(place) else { return false }
        let isWithin = place.brand != nil && (locations == nil || place.location != nil)
        return isWithin || principal == user
    }

    /// Says whether something that belongs to a place may be seen.
    ///
    /// What belongs to a client or brand as a whole is seen by everybody who may see the brand (or any of the client's).
    public func admits(_ place: Place) -> Bool {
        guard place.client == client else { return false }
        if let brand = place.brand, !brands.contains(brand) { return false }
        if let location = place.location, let locations, !locations.contains(location) { return false }
        return true
    }
}
