internal import Core
public import Domain
internal import Testing

/// A wallet store and the meter of the same database.
public struct CreditStores: Sendable {
    /// Wallets.
    public let wallets: any WalletStore
    /// Usage that somebody pays for.
    public let meter: any MeterStore
    /// Puts them together.
    public init(wallets: any WalletStore, meter: any MeterStore) {
        self.wallets = wallets
        self.meter = meter
    }
}

/// What every `WalletStore` and `MeterStore` must do, tried on empty ones.
public enum WalletStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<CreditStores>

    static let client = ClientID(3)
    static let brand = BrandID(31)
    static let owner = WalletOwner(client: client)
    static let place = Place(client: client, brand: brand, location: LocationID(311))
    static let ann = UserID(7).principal
    static let now = Timestamp(seconds: 1_772_357_400)
    static let later = now + .seconds(600)

    static func credits(_ minor: Int64) -> Credits { Credits(minor: minor) }

    static func deposit(
        _ amount: Int64,
        _ key: String,
        kind: DepositKind = .topup,
        priority: Int? = nil,
        expires: Timestamp? = nil
    ) -> Deposit {
        Deposit(
            kind,
            credits(amount),
            priority: priority,
            expires: expires,
            key: key,
            note: "n",
            principal: PrincipalID("operator:1")
        )
    }

    static func draft(_ amount: Int64, _ key: String, at place: Place = place) throws -> HoldDraft {
        HoldDraft(
            key: key,
            amount: credits(amount),
            place: place,
            principal: ann,
            expires: later,
            item: ModelReference(provider: try ProviderID("action"), model: "job.create")
        )
    }

    static func funded(_ stores: CreditStores, _ amount: Int64) async throws -> WalletID {
        let wallet = try await stores.wallets.open(owner, at: now)
        if amount > 0 {
            _ = try await stores.wallets.deposit(deposit(amount, "first"), to: wallet.id, at: now)
        }
        return wallet.id
    }

    static func expectSound(_ stores: CreditStores, _ id: WalletID) async throws {
        #expect(try await stores.wallets.proof(of: id).mistakes == [])
    }

    /// All cases.
    public static var cases: [Case] { walletCases + holdCases + lotCases + limitCases }

    static var walletCases: [Case] {
        [
            Case("an owner has one wallet, and a brand's own wallet pays before the client's") { stores in
                let first = try await stores.wallets.open(owner, at: now)
                #expect(try await stores.wallets.open(owner, at: later) == first)
                #expect(first.balance == .zero && first.line == .zero && first.created == now)
                #expect(try await stores.wallets.wallet(paying: place) == first)
                let own = try await stores.wallets.open(WalletOwner(client: client, brand: brand), at: now)
                #expect(own.id != first.id)
                #expect(try await stores.wallets.wallet(paying: place) == own)
                let other = Place(client: client, brand: BrandID(32))
                #expect(try await stores.wallets.wallet(paying: other) == first)
                #expect(try await stores.wallets.wallet(paying: Place(client: client)) == first)
                // A brand's number with another client is another client's affair.
                let foreign = Place(client: ClientID(4), brand: brand)
                #expect(try await stores.wallets.wallet(paying: foreign) == nil)
                #expect(try await stores.wallets.wallet(of: owner) == first)
                #expect(try await stores.wallets.wallet(of: WalletOwner(client: ClientID(4))) == nil)
                let page = try await stores.wallets.wallets(after: nil, limit: 1)
                #expect(page.hasMore && page.elements == [first])
                #expect(try await stores.wallets.wallets(after: first.id, limit: 9).elements == [own])
            },
            Case("a deposit is made once for each key") { stores in
                let id = try await funded(stores, 0)
                let first = try await stores.wallets.deposit(deposit(50, "k"), to: id, at: now)
                #expect(first.step.amount == credits(50) && first.balance == credits(50))
                #expect(first.key == "k" && first.note == "n")
                let again = try await stores.wallets.deposit(deposit(50, "k"), to: id, at: later)
                #expect(again == first)
                var remark = deposit(50, "k")
                remark.note = "m"
                let others = [
                    deposit(51, "k"), deposit(50, "k", kind: .grant, priority: 100),
                    deposit(50, "k", priority: 99), deposit(50, "k", expires: later), remark,
                ]
                for (other, what) in zip(others, ["amount", "kind", "priority", "time", "note"]) {
                    await #expect("\(what)") {
                        try await stores.wallets.deposit(other, to: id, at: now)
                    } throws: {
                        let failure = $0 as? Failure
                        return failure?.code == "key_reused" && failure?.kind == .conflict
                            && failure?.message.contains("another \(what)") == true
                    }
                }
                // A key is the client's, whichever of its wallets it fills; another client's is another one.
                let brand = try await stores.wallets.open(WalletOwner(client: client, brand: brand), at: now)
                await #expect {
                    try await stores.wallets.deposit(deposit(50, "k"), to: brand.id, at: now)
                } throws: {
                    ($0 as? Failure)?.message.contains("another wallet") == true
                }
                let foreign = try await stores.wallets.open(WalletOwner(client: ClientID(4)), at: now)
                _ = try await stores.wallets.deposit(deposit(50, "k"), to: foreign.id, at: now)
                #expect(try await stores.wallets.wallet(brand.id)?.balance == .zero)
                // What lapses does so by the time of the request, which a repeated one makes later.
                let gift = deposit(10, "g", kind: .grant, expires: now + .seconds(86_400))
                let given = try await stores.wallets.deposit(gift, to: foreign.id, at: now)
                var repeated = gift
                repeated.expires = later + .seconds(86_400)
                #expect(try await stores.wallets.deposit(repeated, to: foreign.id, at: later) == given)
                await #expect {
                    try await stores.wallets.deposit(deposit(1, "x"), to: WalletID(99), at: now)
                } throws: {
                    ($0 as? Failure)?.code == "wallet_not_found"
                }
                #expect(try await stores.wallets.wallet(id)?.balance == credits(50))
                try await expectSound(stores, id)
            },
            Case("the line is not made shorter than what is in use, and a top-up pays what is owed") {
                stores in
                let id = try await funded(stores, 0)
                #expect(try await stores.wallets.setLine(credits(100), of: id).line == credits(100))
                _ = try await stores.wallets.hold(draft(80, "h"), at: now)
                await #expect { try await stores.wallets.setLine(credits(79), of: id) } throws: {
                    ($0 as? Failure)?.code == "line_in_use"
                }
                _ = try await stores.wallets.settle("h", used: credits(60), at: now)
                #expect(try await stores.wallets.wallet(id)?.balance == credits(-60))
                #expect(try await stores.wallets.setLine(credits(60), of: id).available == .zero)
                _ = try await stores.wallets.deposit(deposit(100, "k"), to: id, at: now)
                #expect(try await stores.wallets.lots(of: id).map(\.remaining) == [credits(40)])
                try await expectSound(stores, id)
            },
            Case("transfers are listed newest first, with what they took from which lot") { stores in
                let id = try await funded(stores, 100)
                _ = try await stores.wallets.hold(draft(30, "h"), at: now)
                _ = try await stores.wallets.settle("h", used: credits(20), at: later)
                let all = try await stores.wallets.transfers(of: id, before: nil, limit: 9).elements
                #expect(all.map(\.step.kind) == [.settle, .hold, .topup])
                #expect(all.map(\.step.amount.minor) == [-20, 0, 100])
                #expect(all.map(\.step.held.minor) == [-30, 30, 0])
                #expect(all.map(\.balance.minor) == [80, 100, 100])
                #expect(all[0].step.draws.map(\.amount.minor) == [20])
                #expect(all[0].hold == all[1].hold && all[0].usage != nil && all[0].principal == ann)
                let page = try await stores.wallets.transfers(of: id, before: all[0].id, limit: 1)
                #expect(page.hasMore && page.elements == [all[1]])
            },
        ]
    }
}
