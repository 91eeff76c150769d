internal import Core
internal import Domain
internal import SQL

extension Connection {
    /// The client, brands and locations that a host application's token names; made when they are new.
    borrowing func place(_ draft: UserSessionDraft, _ made: inout MadePlaces, at now: Timestamp) throws -> (
        TenantStanding, Scope
    ) {
        let claims = draft.claims
        guard let key = claims.client else {
            throw SQLError(.shape, message: "a session without a client was to begin")
        }
        let client = try claimedClient(key, draft, &made, at: now)
        var brands: [Brand] = []
        for key in claims.brands.sorted() {
            brands.append(try claimedBrand(key, client, &made, at: now))
        }
        var locations: [Location] = []
        for key in (claims.locations ?? []).sorted() {
            locations.append(try claimedLocation(key, client, brands, &made, at: now))
        }
        let scope = Scope(
            client: client.id,
            brands: Set(brands.map(\.id)),
            locations: claims.locations.map { _ in Set(locations.map(\.id)) },
            teams: claims.teams,
            modules: claims.modules
        )
        return (TenantStanding(client: client, brands: brands, locations: locations), scope)
    }

    private borrowing func claimedClient(
        _ key: TenantKey,
        _ draft: UserSessionDraft,
        _ made: inout MadePlaces,
        at now: Timestamp
    ) throws -> Client {
        let issuer = draft.claims.issuer
        let row = try first(
            "select \(TenantRow.clientColumns) from clients where issuer = \(issuer) and key = \(key.rawValue)"
        )
        if let row { return try TenantRow.client(row) }
        var change = ClientChange()
        change.hasAI = draft.newClientsHaveAI
        let client = try putClient(key, of: issuer, change, at: now)
        made.client = client
        return client
    }

    private borrowing func claimedBrand(
        _ key: TenantKey,
        _ client: Client,
        _ made: inout MadePlaces,
        at now: Timestamp
    ) throws -> Brand {
        let row = try first(
            """
            select \(TenantRow.brandColumns) from brands
            where issuer = \(client.issuer) and key = \(key.rawValue)
            """
        )
        guard let row else {
            let brand = try putBrand(key, of: client, BrandChange(), at: now)
            made.brands.append(brand)
            return brand
        }
        let brand = try TenantRow.brand(row)
        guard brand.client == client.id else {
            throw Self.contradiction(code: "brand_elsewhere", "brand", key)
        }
        return brand
    }

    private borrowing func claimedLocation(
        _ key: TenantKey,
        _ client: Client,
        _ brands: [Brand],
        _ made: inout MadePlaces,
        at now: Timestamp
    ) throws -> Location {
        let row = try first(
            """
            select \(TenantRow.locationColumns) from locations
            where issuer = \(client.issuer) and key = \(key.rawValue)
            """
        )
        guard let row else {
            guard brands.count == 1 else {
                throw Self.contradiction(code: "location_unknown", "location", key)
            }
            let location = try putLocation(key, of: brands[0], in: client, name: nil, at: now)
            made.locations.append(location)
            return location
        }
        let location = try TenantRow.location(row)
        guard brands.contains(where: { $0.id == location.brand }) else {
            throw Self.contradiction(code: "location_elsewhere", "location", key)
        }
        return location
    }

    private static func contradiction(code: String, _ what: String, _ key: TenantKey) -> Failure {
        let isUnknown = code == "location_unknown"
        return Failure(
            .forbidden,
            code: code,
            message: isUnknown
                ? "The token names the location “\(key)”, which is not known, with several brands or none."
                : "The token names the \(what) “\(key)”, which belongs elsewhere.",
            hint: isUnknown
                ? "Say first to which brand it belongs: PUT /v1/ai/clients/{client}/brands/{brand}/locations/{location}."
                : "A token names one client, brands of that client, and locations of those brands."
        )
    }
}
