public import Domain

/// Wallets and usage: for users as far as their scope reaches, for host applications those of their clients, and for
/// administrators all of it.
public struct WalletReader: Sendable {
    private let wallets: any WalletStore
    private let meter: any MeterStore
    private let places: any PlaceDirectory

    /// Puts it together.
    public init(wallets: any WalletStore, meter: any MeterStore, places: any PlaceDirectory) {
        self.places = places
        self.wallets = wallets
        self.meter = meter
    }

    /// The wallet that pays for a place; `wallet_not_found` when there is none or it is nothing of the caller's.
    ///
    /// A user of one brand need not name it; one of several who does not gets the client's. Operators name the place.
    public func wallet(of place: Place?, as principal: Principal) async throws -> Wallet {
        try Self.admit(principal)
        guard let place = place ?? principal.ownPlace, try await sees(place, principal),
            let wallet = try await wallets.wallet(paying: place)
        else { throw CreditService.unknown }
        return wallet
    }

    /// Says whether ``wallet(of:as:)`` gives a user one without a place.
    public func hasWallet(_ user: Principal) async throws -> Bool {
        guard let place = user.ownPlace, try await sees(place, user) else { return false }
        return try await wallets.wallet(paying: place) != nil
    }

    /// What is reserved in a wallet that ``wallet(of:as:)`` gave; for a user what is reserved within the scope.
    public func holds(of wallet: Wallet, as principal: Principal) async throws -> [Hold] {
        try Self.admit(principal)
        let holds = try await wallets.openHolds(of: wallet.id, limit: 100).elements
        guard let scope = principal.scope else { return holds }
        return holds.filter {
            scope.admitsUsage(of: $0.draft.principal, at: $0.draft.place, for: principal.id)
        }
    }

    /// The ledger of the wallet that pays for a place, newest first.
    ///
    /// A client's wallet pays for all its brands: who does not see all of them does not see its rows (`forbidden`,
    /// `ledger_of_client`), and finds the own ones among the usage.
    public func transfers(
        of place: Place?,
        before: TransferID?,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<Transfer> {
        let wallet = try await wallet(of: place, as: principal)
        if principal.scope != nil, wallet.owner.brand == nil || principal.scope?.locations != nil {
            throw Failure(
                .forbidden,
                code: "ledger_of_client",
                message: "This wallet pays for more than what you may see.",
                hint: "GET /v1/ai/usage shows what was spent where you belong."
            )
        }
        return try await wallets.transfers(of: wallet.id, before: before, limit: limit)
    }

    /// Usage rows, newest first; a user's query is cut to the scope.
    public func usage(_ query: UsageQuery, before: MeteredCallID?, limit: Int, as principal: Principal)
        async throws -> Page<UsageRow>
    {
        try await meter.rows(try scoped(query, principal), before: before, limit: limit)
    }

    /// Sums of usage; a user's query is cut to the scope.
    public func sums(
        _ query: UsageQuery,
        by dimensions: Set<UsageDimension>,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<UsageSum> {
        try await meter.sums(try scoped(query, principal), by: dimensions, limit: limit)
    }

    /// Events that thresholds of the wallet of a place raised, oldest first.
    public func events(of place: Place, after: Int64, limit: Int, as principal: Principal) async throws
        -> Page<WalletEvent>
    {
        let wallet = try await wallet(of: place, as: principal)
        return try await wallets.events(of: wallet.id, after: after, limit: limit)
    }

    /// A host application's backend needs no permission: it reaches what is its own.
    private static func admit(_ principal: Principal) throws(Failure) {
        if principal.host == nil { try principal.require(.aiWallet) }
    }

    /// Users see what their scope admits, host applications what is their clients'; operators see everything with the
    /// permission to look after it all.
    private func sees(_ place: Place, _ principal: Principal) async throws -> Bool {
        if let scope = principal.scope { return scope.admits(place) }
        if let host = principal.host { return try await places.issuer(of: place.client) == host }
        return principal.user == nil && principal.permissions.contains(.admin)
    }

    private func scoped(_ query: UsageQuery, _ principal: Principal) throws(Failure) -> UsageQuery {
        try Self.admit(principal)
        if let host = principal.host {
            var own = query
            own.issuer = host
            return own
        }
        guard let scope = principal.scope else {
            guard principal.user == nil else { throw CreditService.unknown }
            try principal.require(.admin)
            return query
        }
        var scoped = query
        guard query.client == nil || query.client == scope.client else { throw CreditService.unknown }
        let limits = UsageQuery(scope, of: principal.id)
        (scoped.client, scoped.owner) = (limits.client, limits.owner)
        (scoped.brands, scoped.locations) = (limits.brands, limits.locations)
        if let brand = query.brand, !scope.brands.contains(brand) { throw CreditService.unknown }
        return scoped
    }
}
