public import Domain

/// The names of places and users as the host applications gave them.
public struct TenantPlaces: PlaceDirectory {
    private let tenants: any TenantStore

    /// Makes the names on what is stored.
    public init(_ tenants: any TenantStore) { self.tenants = tenants }

    /// As the port says.
    public func place(client: String, brand: String?, location: String?, of issuer: String?) async throws
        -> Place
    {
        let client = try await self.client(client, of: issuer)
        guard let brand else {
            guard location == nil else { throw Self.unknown }
            return Place(client: client.id)
        }
        guard let key = TenantKey(checking: brand),
            let found = try await tenants.brands(of: client.id).first(where: { $0.key == key })
        else { throw Self.unknown }
        guard let location else { return Place(client: client.id, brand: found.id) }
        guard let key = TenantKey(checking: location),
            let exact = try await tenants.locations(of: found.id).first(where: { $0.key == key })
        else { throw Self.unknown }
        return Place(client: client.id, brand: found.id, location: exact.id)
    }

    /// As the port says.
    public func issuer(of client: ClientID) async throws -> String? {
        try await tenants.client(client)?.issuer
    }

    /// As the port says.
    public func user(_ name: String, of client: ClientID) async throws -> UserID {
        guard let key = TenantKey(checking: name), let issuer = try await issuer(of: client),
            let user = try await tenants.user(key, of: issuer)
        else { throw Self.unknown }
        return user.id
    }

    /// As the port says.
    public func names(of place: Place) async throws -> PlaceName {
        let client = try await tenants.client(place.client)
        var brand: Brand?
        var location: Location?
        if let id = place.brand { brand = try await tenants.brands(of: place.client).first { $0.id == id } }
        if let id = place.location { location = try await tenants.locations([id], in: place.client).first }
        return PlaceName(
            of: client?.issuer,
            client: client?.key.rawValue ?? "\(place.client)",
            brand: brand?.key.rawValue ?? place.brand.map { "\($0)" },
            location: location?.key.rawValue ?? place.location.map { "\($0)" }
        )
    }

    /// As the port says.
    public func name(of principal: PrincipalID) async throws -> PrincipalName {
        guard let id = UserID(principal), let user = try await tenants.user(id) else {
            return PrincipalName(principal.rawValue, of: nil)
        }
        return PrincipalName(user.subject.rawValue, of: user.issuer)
    }

    private func client(_ name: String, of issuer: String?) async throws -> Client {
        guard let key = TenantKey(checking: name) else { throw Self.unknown }
        if let issuer {
            guard let client = try await tenants.client(key, of: issuer) else { throw Self.unknown }
            return client
        }
        let candidates = try await tenants.clients(called: key)
        guard let client = candidates.first else { throw Self.unknown }
        guard candidates.count == 1 else {
            throw Failure(
                .unprocessable,
                code: "issuer_needed",
                message: "Several host applications have a client of this name.",
                hint: "Say whose: issuer, one of " + candidates.map(\.issuer).joined(separator: ", ") + "."
            )
        }
        return client
    }

    private static let unknown = Failure(
        .notFound,
        code: "place_unknown",
        message: "There is no such client, brand, location or user.",
        hint:
            "Send the ids of the host application. They are known here once a session or a call of its backend named them: PUT /v1/ai/clients/{client}."
    )
}
