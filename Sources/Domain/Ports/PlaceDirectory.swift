/// What host applications call clients, brands, locations and users.
public protocol PlaceDirectory: Sendable {
    /// The place of these names in a host application; `place_unknown` (notFound) when one of them is not known.
    ///
    /// Without an issuer it is the only application that has such a client; `issuer_needed` (unprocessable) when several have.
    func place(client: String, brand: String?, location: String?, of issuer: String?) async throws -> Place
    /// The issuer of the host application that a client belongs to; nil when there is no such client.
    func issuer(of client: ClientID) async throws -> String?
    /// The user of this name with a client; `place_unknown` (notFound) when there is none.
    func user(_ name: String, of client: ClientID) async throws -> UserID
    /// The names of a place.
    func names(of place: Place) async throws -> PlaceName
    /// The name of whoever used something, if it is a user; else what is stored.
    func name(of principal: PrincipalID) async throws -> PrincipalName
}

/// Somebody as their host application calls them.
public struct PrincipalName: Hashable, Sendable {
    /// The name; what is stored of who is no user.
    public let name: String
    /// The host application's issuer; nil for who is no user.
    public let issuer: String?
    /// Makes a value.
    public init(_ name: String, of issuer: String?) {
        self.name = name
        self.issuer = issuer
    }
}

/// A place as its host application calls it.
public struct PlaceName: Hashable, Sendable {
    /// The host application's issuer, beside which several applications may have a client of this name; nil where it is
    /// not asked for.
    public let issuer: String?
    /// The client.
    public let client: String
    /// The brand.
    public let brand: String?
    /// The location.
    public let location: String?
    /// Makes a value.
    public init(of issuer: String? = nil, client: String, brand: String?, location: String?) {
        self.issuer = issuer
        self.client = client
        self.brand = brand
        self.location = location
    }
}
