import Application
import Core
import Domain
import Storage

/// The wallets of a data directory, for its owner, also beside a running server.
struct WalletAccess: Sendable {
    let credits: CreditService
    let places: any PlaceDirectory

    /// Hands the wallets to a closure and closes the database afterwards.
    static func withWallets(
        of configuration: Configuration,
        _ body: (WalletAccess) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { _, stores in
            let credits = CreditService(
                wallets: stores.wallets,
                meter: stores.meter,
                audit: stores.audit,
                prices: configuration.prices,
                clock: SystemWallClock()
            )
            try await body(WalletAccess(credits: credits, places: TenantPlaces(stores.tenants)))
        }
    }

    /// The owner of these names, in a host application if several have such a client.
    func owner(client: String, brand: String?, issuer: String? = nil) async throws -> WalletOwner {
        let place = try await places.place(client: client, brand: brand, location: nil, of: issuer)
        return WalletOwner(client: place.client, brand: place.brand)
    }

    /// All wallets.
    func all() async throws -> [Wallet] {
        var all: [Wallet] = []
        while true {
            let page = try await credits.list(after: all.last?.id, limit: 1_000)
            all += page.elements
            guard page.hasMore else { return all }
        }
    }

    /// The name of an owner.
    func name(of owner: WalletOwner) async throws -> PlaceName {
        try await places.names(of: Place(client: owner.client, brand: owner.brand))
    }
}
