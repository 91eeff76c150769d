/// What host applications call clients, brands, locations and users.
public protocol PlaceDirectory: Sendable {
    /// The place of these names; `place_unknown` (notFound) when one of them is not known.
    func place(client: String, brand: String?, location: String?) async throws -> Place
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

/// Names that are the numbers of the rows, for installations whose host applications name nothing.
public struct NumberedPlaces: PlaceDirectory {
    /// Makes the names; they have no state.
    public init() {}

    /// As the port says.
    public func place(client: String, brand: String?, location: String?) async throws -> Place {
        Place(
            client: ClientID(try Self.number(client)),
            brand: try brand.map { BrandID(try Self.number($0)) },
            location: try location.map { LocationID(try Self.number($0)) }
        )
    }

    /// As the port says.
    public func user(_ name: String, of client: ClientID) async throws -> UserID {
        UserID(try Self.number(name))
    }

    /// As the port says.
    public func names(of place: Place) async throws -> PlaceName {
        PlaceName(
            client: "\(place.client)",
            brand: place.brand.map { "\($0)" },
            location: place.location.map { "\($0)" }
        )
    }

    /// As the port says.
    public func name(of principal: PrincipalID) async throws -> String {
        UserID(principal)?.description ?? principal.rawValue
    }

    private static func number(_ text: String) throws(Failure) -> Int64 {
        guard let number = Int64(text), number > 0 else {
            throw Failure(
                .notFound,
                code: "place_unknown",
                message: "There is no such client, brand, location or user.",
                hint: "Send the numbers that the lists show."
            )
        }
        return number
    }
}
