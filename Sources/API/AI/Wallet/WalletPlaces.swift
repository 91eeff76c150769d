internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The places and users that requests about wallets name, by the ids of the caller's own host application.
struct WalletPlaces: Sendable {
    private let places: any PlaceDirectory

    init(_ credits: CreditServices) { places = credits.places }

    /// Whose ids a caller uses: a backend and a user those of their own application, an operator those of the one that is
    /// named, if several have such a client.
    static func issuer(of caller: Principal, named: String?) -> String? {
        caller.host ?? caller.standing?.client.issuer ?? named
    }

    /// The place in a body, which has to name the client.
    func place(_ body: BodyReader, for caller: Principal) async throws -> Place {
        guard let client = try body.string("client") else { throw body.wrong("client", "a client's id") }
        return try await places.place(
            client: client,
            brand: try body.string("brand"),
            location: try body.string("location"),
            of: Self.issuer(of: caller, named: try body.string("issuer"))
        )
    }

    /// The place in a query; nil when it names none.
    ///
    /// Users need not name their client.
    func place(_ query: QueryReader, for caller: Principal) async throws -> Place? {
        let issuer = Self.issuer(of: caller, named: try query.text("issuer"))
        var client = try query.text("client")
        let brand = try query.text("brand")
        if client == nil, brand != nil { client = caller.standing?.client.key.rawValue }
        guard let client else { return nil }
        return try await places.place(client: client, brand: brand, location: nil, of: issuer)
    }

    /// A user of a client's host application.
    func user(_ name: String, of client: ClientID) async throws -> UserID {
        try await places.user(name, of: client)
    }
}
