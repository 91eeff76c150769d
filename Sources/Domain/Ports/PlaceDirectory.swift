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
    func name(of principal: PrincipalID) async throws -> String
}

/// A place as its host application calls it.
public struct PlaceName: Hashable, Sendable {
    /// The client.
    public let client: String
    /// The brand.
    public let brand: String?
    /// The location.
    public let location: String?
    /// Makes a value.
    public init(client: String, brand: String?, location: String?) {
        self.client = client
        self.brand = brand
        self.location = location
    }
}
