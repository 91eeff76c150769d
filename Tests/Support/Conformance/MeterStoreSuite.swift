internal import Core
internal import Domain
internal import Testing

/// What every `MeterStore` must do with its `WalletStore`, tried on empty ones.
public enum MeterStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<CreditStores>

    private typealias Base = WalletStoreSuite
    /// 1 for a token of input, 2 for one of output.
    static let price = CallPrice(input: 1_000_000, output: 2_000_000)

    static func call(_ hold: Int64, turn: TurnID? = nil, own: Bool = false) throws -> CallDraft {
        var context = CallContext(principal: Base.ann, door: .chat, turn: turn, place: Base.place)
        context.isOwnAccount = own
        return CallDraft(
            ModelReference(provider: try ProviderID("p"), model: "m"),
            for: context,
            inputEstimate: 12,
            hold: Credits(minor: hold),
            expires: Base.later
        )
    }

    /// All cases.
    public static var cases: [Case] { callCases + recordCases }

    static var callCases: [Case] {
        [
            Case("a call reserves before, and is settled once by what the provider says") { stores in
                let id = try await Base.funded(stores, 100)
                let first = try await stores.meter.begin(call(60), at: Base.now)
                await #expect(throws: Shortage.self) { try await stores.meter.begin(call(60), at: Base.now) }
                // Nothing is left of a call that was refused.
                #expect(try await stores.meter.openCalls(limit: 9).map(\.id) == [first])
                let usage = TokenUsage(input: 10, cachedInput: 4, output: 7, reasoning: 2)
                let report = CallReport(.succeeded, usage: usage, deliveredBytes: 9)
                let row = try await stores.meter.end(first, report, price: price, at: Base.later)
                #expect(row?.cost == Credits(minor: 24) && row?.usage == usage && row?.isEstimated == false)
                #expect(row?.outcome == .succeeded && row?.finished == Base.later)
                #expect(try await stores.meter.end(first, report, price: price, at: Base.later) == nil)
                let wallet = try #require(try await stores.wallets.wallet(id))
                #expect(wallet.balance == Credits(minor: 76) && wallet.held == .zero)
                try await Base.expectSound(stores, id)
            },
            Case("what was delivered is paid for however it ended, errors are free, and estimates are marked")
            {
                stores in
                let id = try await Base.funded(stores, 100_000)
                let reported = TokenUsage(input: 10, output: 1)
                let cases: [(CallReport, cost: Int64, isEstimated: Bool)] = [
                    (CallReport(.failed, usage: nil), 0, false),
                    (CallReport(.failed, usage: reported), 0, false),
                    (CallReport(.failed, usage: nil, deliveredBytes: 30), 12 + 20, true),
                    (CallReport(.failed, usage: reported, deliveredBytes: 30), 10 + 20, true),
                    (CallReport(.succeeded, usage: nil, deliveredBytes: 30), 12 + 20, true),
                    (CallReport(.succeeded, usage: reported, deliveredBytes: 30), 12, false),
                    (CallReport(.cancelled, usage: nil), 0, false),
                    (CallReport(.cancelled, usage: reported), 12, false),
                    (CallReport(.cancelled, usage: nil, deliveredBytes: 3), 12 + 2, true),
                    (CallReport(.interrupted, usage: nil, deliveredBytes: 3), 12 + 2, true),
                    (CallReport(.interrupted, usage: nil), 0, false),
                ]
                for (report, cost, isEstimated) in cases {
                    let begun = try await stores.meter.begin(call(500), at: Base.now)
                    let row = try await stores.meter.end(begun, report, price: price, at: Base.now)
                    #expect(row?.cost == Credits(minor: cost), "\(report)")
                    #expect(row?.isEstimated == isEstimated, "\(report)")
                }
                #expect(try await stores.wallets.wallet(id)?.held == .zero)
                try await Base.expectSound(stores, id)
            },
            Case("an own account and a call without a hold are recorded, and cost nothing") { stores in
                let report = CallReport(.succeeded, usage: TokenUsage(input: 5, output: 5))
                for draft in [try call(0, own: true), try call(0)] {
                    let begun = try await stores.meter.begin(draft, at: Base.now)
                    let row = try await stores.meter.end(begun, report, price: price, at: Base.now)
                    #expect(row?.cost == .zero && row?.usage == report.usage)
                    #expect(row?.context == draft.context)
                }
                #expect(try await stores.meter.rows(UsageQuery(), before: nil, limit: 9).elements.count == 2)
            },
            Case("a call that ends after its hold did is settled late, once") { stores in
                let id = try await Base.funded(stores, 100)
                let begun = try await stores.meter.begin(call(60), at: Base.now)
                #expect(try await stores.wallets.expireHolds(at: Base.later, limit: 9) == 1)
                let report = CallReport(.succeeded, usage: TokenUsage(input: 10, output: 5))
                let row = try await stores.meter.end(begun, report, price: price, at: Base.later)
                #expect(row?.cost == Credits(minor: 20))
                #expect(try await stores.meter.end(begun, report, price: price, at: Base.later) == nil)
                #expect(try await stores.wallets.wallet(id)?.balance == Credits(minor: 80))
                try await Base.expectSound(stores, id)
            },
        ]
    }

    static var recordCases: [Case] {
        [
            Case("what a host application reports is charged once for each key") { stores in
                let id = try await Base.funded(stores, 100)
                func draft(_ key: String, _ charge: Int64, quantity: Int = 2) -> ItemDraft {
                    ItemDraft(
                        key: key,
                        item: "document",
                        quantity: quantity,
                        place: Base.place,
                        principal: Base.ann,
                        charge: Credits(minor: charge)
                    )
                }
                let row = try await stores.meter.record(draft("a", 30), at: Base.now)
                #expect(row.cost == Credits(minor: 30) && row.quantity == 2 && row.context.door == .host)
                #expect(row.model.description == "host/document" && row.outcome == .succeeded)
                #expect(try await stores.meter.record(draft("a", 30), at: Base.later) == row)
                await #expect {
                    try await stores.meter.record(draft("a", 30, quantity: 3), at: Base.now)
                } throws: {
                    ($0 as? Failure)?.code == "key_reused"
                }
                // What the list says may change between two tries; what the application says does not.
                #expect(try await stores.meter.record(draft("a", 31), at: Base.later) == row)
                var stated = draft("a", 31)
                stated.isCostStated = true
                for other in [stated, draft("a", 0)] {
                    await #expect { try await stores.meter.record(other, at: Base.now) } throws: {
                        ($0 as? Failure)?.message.contains("another cost") == true
                    }
                }
                await #expect(throws: Shortage.self) {
                    try await stores.meter.record(draft("b", 71), at: Base.now)
                }
                let free = try await stores.meter.record(draft("c", 0), at: Base.now)
                #expect(free.cost == .zero)
                let rows = try await stores.meter.rows(UsageQuery(), before: nil, limit: 9).elements
                #expect(rows == [free, row])
                #expect(try await stores.wallets.wallet(id)?.balance == Credits(minor: 70))
                try await Base.expectSound(stores, id)
            },
            Case("rows and sums are cut to client, brands, locations, principal and days") { stores in
                let day = UTCDay(Base.now)
                func record(
                    _ key: String,
                    _ client: Int64,
                    _ brand: Int64?,
                    _ location: Int64?,
                    _ user: Int64
                )
                    async throws
                {
                    _ = try await stores.meter.record(
                        ItemDraft(
                            key: key,
                            item: "call",
                            place: Place(
                                client: ClientID(client),
                                brand: brand.map(BrandID.init),
                                location: location.map(LocationID.init)
                            ),
                            principal: UserID(user).principal
                        ),
                        at: key.hasPrefix("next") ? day.next.start : Base.now
                    )
                }
                try await record("whole", 1, nil, nil, 1)
                try await record("brand", 1, 11, nil, 1)
                try await record("place", 1, 11, 111, 2)
                try await record("other place", 1, 11, 112, 2)
                try await record("other brand", 1, 12, nil, 1)
                try await record("other client", 2, 21, nil, 3)
                try await record("next day", 1, 11, nil, 1)
                func count(_ query: UsageQuery) async throws -> [Int] {
                    let rows = try await stores.meter.rows(query, before: nil, limit: 99).elements.count
                    let sums = try await stores.meter.sums(query, by: [], limit: 9).elements
                    return [rows, sums.reduce(0) { $0 + $1.calls }]
                }
                var query = UsageQuery()
                #expect(try await count(query) == [7, 7])
                query.client = ClientID(1)
                #expect(try await count(query) == [6, 6])
                query.brands = [BrandID(11)]
                #expect(try await count(query) == [4, 4])
                query.locations = [LocationID(111)]
                #expect(try await count(query) == [1, 1])
                // And what goes beyond them, for the client or brand as a whole, if it is their own.
                query.owner = UserID(1).principal
                #expect(try await count(query) == [4, 4])
                query.principal = UserID(2).principal
                #expect(try await count(query) == [1, 1])
                for (user, rows) in [(1, 1), (2, 0)] as [(Int64, Int)] {
                    let none = Scope(client: ClientID(1), brands: [])
                    let own = UsageQuery(none, of: UserID(user).principal)
                    #expect(try await count(own) == [rows, rows])
                }
                query = UsageQuery()
                query.brand = BrandID(11)
                query.until = day
                #expect(try await count(query) == [3, 3])
                (query.from, query.until) = (day.next, nil)
                #expect(try await count(query) == [1, 1])
                let sums = try await stores.meter.sums(UsageQuery(), by: [.client, .day], limit: 2)
                #expect(sums.hasMore)
                #expect(sums.elements.map(\.calls) == [5, 1])
                #expect(sums.elements.map(\.client) == [ClientID(1), ClientID(2)])
                #expect(sums.elements.allSatisfy { $0.day == day && $0.principal == nil && $0.brand == nil })
                let users = try await stores.meter.sums(UsageQuery(), by: [.user, .brand], limit: 99).elements
                #expect(users.count == 5)
                let page = try await stores.meter.rows(UsageQuery(), before: nil, limit: 3)
                let last = try #require(page.elements.last)
                #expect(page.hasMore)
                #expect(
                    try await stores.meter.rows(UsageQuery(), before: last.id, limit: 9).elements.count == 4
                )
            },
        ]
    }
}
