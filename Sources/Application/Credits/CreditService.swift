public import Core
public import Domain

/// Prepaid credits: reserving and spending them, and looking after wallets.
///
/// Who may do what is decided by the callers: work reserves for the place that it is done at; ``WalletReader`` shows what
/// somebody may see; the rest is for operators, the host application and the owner of the data directory.
public struct CreditService: Sendable {
    let wallets: any WalletStore
    let meter: any MeterStore
    let audit: any AuditStore
    let clock: any WallClock
    /// What things cost; nil while nothing costs anything.
    public let prices: PriceList?

    /// Puts the service together.
    public init(
        wallets: any WalletStore,
        meter: any MeterStore,
        audit: any AuditStore,
        prices: PriceList?,
        clock: any WallClock
    ) {
        self.wallets = wallets
        self.meter = meter
        self.audit = audit
        self.prices = prices
        self.clock = clock
    }

    /// What amounts are in.
    public var unit: CreditUnit { prices?.unit ?? CreditUnit() }

    /// The time by which lots lapse.
    public var now: Timestamp { clock.now() }

    /// Who looks after wallets: a host application's backend after those of its own clients, and administrators after all.
    ///
    /// Throws `permission_missing` for everybody else.
    public func caretaker(_ principal: Principal) throws(Failure) -> PrincipalID {
        if principal.host == nil { try principal.require(.admin) }
        return principal.id
    }

    // MARK: Work

    /// Reserves an amount before work is done; the same key gives the earlier hold while it is open, and makes one that
    /// expired anew (`hold_over`, conflict, for one that was settled or released).
    ///
    /// `insufficient_credits` and `spending_cap_reached` (insufficientCredits) say what is there and what to do. A hold
    /// that nobody ends within ``PriceList/holdFor`` ends by itself.
    public func hold(
        _ amount: Credits,
        for item: ModelReference,
        key: String,
        at place: Place,
        by principal: PrincipalID
    ) async throws -> Hold {
        let now = clock.now()
        let draft = HoldDraft(
            key: key,
            amount: try Self.amount(amount),
            place: place,
            principal: principal,
            expires: now + (prices ?? PriceList()).holdFor,
            item: item
        )
        do { return try await wallets.hold(draft, at: now) } catch {
            throw CreditFailure.translated(error, prices ?? PriceList())
        }
    }

    /// Throws what a call of a model is sure to throw: nobody can pay the least that it can cost, or it has no price.
    ///
    /// `insufficient_credits` (insufficientCredits), `model_unpriced` (forbidden). Nothing is reserved; a call asks again, for
    /// the most that it can cost.
    public func requireFunds(for model: ModelReference, inputTokens: Int, at place: Place) async throws {
        guard let prices else { return }
        guard let price = prices.price(of: model) else { throw CreditFailure.unpriced(model) }
        let least = price.mostFor(input: inputTokens, output: 1)
        guard least > .zero else { return }
        let wallet = try await wallets.wallet(paying: place)
        guard let wallet, wallet.available >= least else {
            throw CreditFailure.translated(Shortage(wallet: wallet, needed: least), prices)
        }
    }

    /// Ends a hold by spending up to what it holds and what is available beyond, and keeps a usage row.
    ///
    /// The rest is given back. Nil when there is no such hold; one that was settled or released before is given back as it is.
    @discardableResult
    public func settle(_ key: String, used: Credits) async throws -> Hold? {
        guard used >= .zero, used <= .maximum else { throw Self.invalidAmount }
        return try await wallets.settle(key, used: used, at: clock.now())
    }

    /// Ends a hold without spending; nil when there is none, and one that has ended as it is.
    @discardableResult
    public func release(_ key: String) async throws -> Hold? {
        try await wallets.release(key, at: clock.now())
    }

    /// Records what a host application did itself, and charges it if `charged`: by the price list, or `cost` in its place.
    ///
    /// The same key records and charges once. `item_unpriced` (unprocessable) when it is to be charged and has no price.
    public func record(
        _ draft: ItemDraft,
        charged: Bool,
        cost: Credits? = nil
    ) async throws -> UsageRow {
        try Self.check(draft)
        var draft = draft
        if charged { draft.charge = try price(of: draft, cost) }
        draft.isCostStated = charged && cost != nil
        do { return try await meter.record(draft, at: clock.now()) } catch {
            throw CreditFailure.translated(error, prices ?? PriceList())
        }
    }

    private func price(of draft: ItemDraft, _ cost: Credits?) throws(Failure) -> Credits {
        if let cost {
            guard cost >= .zero, cost <= .maximum else { throw Self.invalidAmount }
            return cost
        }
        guard let price = prices?.items[draft.item] else {
            throw Failure(
                .unprocessable,
                code: "item_unpriced",
                message: "There is no price of '\(draft.item)'.",
                hint: "Send 'cost', or give it a price in the section prices of the configuration."
            )
        }
        let (total, overflow) = price.minor.multipliedReportingOverflow(by: Int64(draft.quantity))
        guard !overflow, total <= Credits.maximum.minor else { throw Self.invalidAmount }
        return Credits(minor: total)
    }

    // MARK: Checks

    static let invalidAmount = Failure(
        .unprocessable,
        code: "invalid_amount",
        message: "This is no amount that can be moved.",
        hint: "Send a positive number with no more decimal places than the unit has."
    )

    static func amount(_ amount: Credits) throws(Failure) -> Credits {
        guard amount > .zero, amount <= .maximum else { throw invalidAmount }
        return amount
    }

    private static func check(_ draft: ItemDraft) throws(Failure) {
        _ = try IdempotencyKey(draft.key)
        let isWord = draft.item.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isWord, (1...64).contains(draft.item.utf8.count) else {
            throw Failure(
                .unprocessable,
                code: "invalid_item",
                message: "This is not acceptable as the name of an item.",
                hint: "Use 1 to 64 letters, digits, dots, dashes and underscores, such as document."
            )
        }
        guard (1...1_000_000).contains(draft.quantity) else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'quantity' is not in its range.",
                hint: "Send 1 to 1000000."
            )
        }
    }
}
