import Application
import Core
import Domain
import Storage
import TestSupport
import Testing

/// Metered calls over a real database.
struct MeterBench {
    let installation: CreditInstallation
    let clock = ManualClock()
    let deltas = FakeDeltaStore()
    let prices = PriceList(
        models: [
            "p/*": CallPrice(input: 1_000_000, output: 1_000_000), "free/*": CallPrice(input: 0, output: 0),
        ],
        items: ["document": Credits(minor: 5)],
        assumedOutputTokens: 50
    )
    static let place = Place(client: ClientID(1), brand: BrandID(11))

    init(_ installation: CreditInstallation) { self.installation = installation }

    var stores: Stores { installation.stores }
    private var logger: Logger { Logger(level: .error, sink: NullLogSink()) }

    func meter(priced: Bool = true) -> MeteredCalls {
        MeteredCalls(
            UsageMeter(store: stores.usage, clock: clock, logger: logger),
            store: stores.meter,
            prices: priced ? prices : nil,
            clock: clock,
            logger: logger
        )
    }

    var sweeper: HoldSweeper {
        HoldSweeper(
            wallets: stores.wallets,
            meter: stores.meter,
            prices: prices,
            delivered: DeliveredOutput(chats: stores.chats, deltas: deltas),
            clock: clock,
            logger: logger
        )
    }

    var service: CreditService {
        CreditService(
            wallets: stores.wallets,
            meter: stores.meter,
            audit: stores.audit,
            prices: prices,
            clock: clock
        )
    }

    func context(_ turn: TurnID? = nil, own: Bool = false) -> CallContext {
        var context = CallContext(
            principal: UserID(7).principal,
            door: .chat,
            turn: turn,
            place: Self.place
        )
        context.isOwnAccount = own
        return context
    }

    func model(_ text: String = "p/m") throws -> ModelReference { try #require(ModelReference(text: text)) }

    func fund(_ amount: Int64) async throws -> WalletID {
        let wallet = try await service.open(WalletOwner(client: ClientID(1)), by: .hash)
        _ = try await service.deposit(
            Deposit(.topup, Credits(minor: amount), key: "first", principal: .hash),
            to: wallet.id
        )
        return wallet.id
    }
}

@Suite("Calls that somebody pays for")
struct MeteredCallsTests {
    private let size = CallSize(inputTokens: 10, maximumOutputTokens: 40)

    @Test("500 calls at the same time on a balance for one: exactly one runs")
    func parallel() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(60)
        let meter = bench.meter()
        let ran = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    do {
                        _ = try await meter.begin(bench.model(), for: bench.context(), size: size)
                        return true
                    } catch let failure as Failure {
                        #expect(
                            failure.kind == .insufficientCredits && failure.code == "insufficient_credits"
                        )
                        #expect(failure.message.contains("balance 0.0060") && failure.hint != nil)
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(ran == 1)
        let rows = try await bench.stores.meter.rows(UsageQuery(), before: nil, limit: 999).elements
        #expect(rows.count == 1)
        await meter.end(rows[0].id, CallReport(.succeeded, usage: TokenUsage(input: 9, output: 11)))
        let wallet = try #require(try await bench.stores.wallets.wallet(id))
        #expect(wallet.balance == Credits(minor: 40) && wallet.held == .zero)
        #expect(try await bench.service.verify(id).mistakes == [])
    }

    @Test("an answer longer than its limit is charged truly, as far as it is there, and never below the line")
    func tooLong() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(100)
        _ = try await bench.service.setLine(Credits(minor: 7), of: id, by: .hash)
        let meter = bench.meter()
        let report = CallReport(.succeeded, usage: TokenUsage(input: 10, output: 400))
        let other = try await meter.begin(bench.model(), for: bench.context(), size: CallSize(inputTokens: 9))
        let long = try await meter.begin(
            bench.model(),
            for: bench.context(),
            size: CallSize(inputTokens: 8, maximumOutputTokens: 20)
        )
        // 59 and 28 of 107 are reserved: 28 and the 20 that are left are there for the one that is too long.
        await meter.end(long, report)
        var wallet = try #require(try await bench.stores.wallets.wallet(id))
        #expect(wallet.balance == Credits(minor: 52) && wallet.held == Credits(minor: 59))
        #expect(wallet.available == .zero)
        let rows = try await bench.stores.meter.rows(UsageQuery(), before: nil, limit: 9).elements
        let row = try #require(rows.first { $0.id == long })
        #expect(row.cost == Credits(minor: 48) && row.usage == report.usage && !row.isEstimated)
        let last = try await bench.stores.wallets.transfers(of: id, before: nil, limit: 1).elements.first
        #expect(last?.step.writtenOff == Credits(minor: 410 - 48))
        await meter.end(other, CallReport(.failed, usage: nil))
        _ = try await bench.service.deposit(
            Deposit(.topup, Credits(minor: 1_000), key: "second", principal: .hash),
            to: id
        )
        // What is there pays all of it.
        await meter.end(try await meter.begin(bench.model(), for: bench.context(), size: size), report)
        wallet = try #require(try await bench.stores.wallets.wallet(id))
        #expect(wallet.balance == Credits(minor: 52 + 1_000 - 410) && wallet.held == .zero)
        #expect(try await bench.service.verify(id).mistakes == [])
    }

    @Test("calls have the assumed limit where somebody pays for their output, and nowhere else")
    func limits() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let meter = bench.meter()
        #expect(try meter.outputLimit(of: bench.model(), for: bench.context()) == 50)
        #expect(try meter.outputLimit(of: bench.model("free/m"), for: bench.context()) == nil)
        #expect(try meter.outputLimit(of: bench.model("other/m"), for: bench.context()) == nil)
        #expect(try meter.outputLimit(of: bench.model(), for: bench.context(own: true)) == nil)
        let operators = CallContext(principal: .hash, door: .chat)
        #expect(try meter.outputLimit(of: bench.model(), for: operators) == nil)
        #expect(try bench.meter(priced: false).outputLimit(of: bench.model(), for: bench.context()) == nil)
    }

    @Test("a call is ended although whoever asked for it was cancelled")
    func cancelled() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(100)
        let meter = bench.meter()
        let call = try await meter.begin(bench.model(), for: bench.context(), size: size)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await meter.end(call, CallReport(.cancelled, usage: nil, deliveredBytes: 6)) }
            group.cancelAll()
        }
        let wallet = try #require(try await bench.stores.wallets.wallet(id))
        #expect(wallet.held == .zero && wallet.balance == Credits(minor: 100 - 10 - 2))
    }

    @Test("operators, own accounts and installations without prices pay nothing, and all are recorded")
    func free() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let meter = bench.meter()
        let report = CallReport(.succeeded, usage: TokenUsage(input: 5, output: 5))
        let operatorContext = CallContext(principal: .hash, door: .chat)
        for (meter, context) in [
            (meter, operatorContext), (meter, bench.context(own: true)),
            (bench.meter(priced: false), bench.context()),
        ] {
            await meter.end(try await meter.begin(bench.model(), for: context, size: size), report)
        }
        let all = try await bench.stores.usage.rows(of: nil, before: nil, limit: 9).elements
        #expect(all.count == 3)
        #expect(all.allSatisfy { $0.cost == .zero && $0.outcome == .succeeded && $0.usage == report.usage })
        #expect(all.map(\.context.isOwnAccount) == [false, true, false])
    }

    @Test("a model without a price is refused, and so is a place that nobody pays for")
    func refused() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let meter = bench.meter()
        for (model, code) in [("other/m", "model_unpriced"), ("p/m", "insufficient_credits")] {
            await #expect {
                try await meter.begin(bench.model(model), for: bench.context(), size: size)
            } throws: {
                ($0 as? Failure)?.code == code
            }
        }
    }

    @Test("calls that a crash cut are settled by what was kept of them, once, before anything else")
    func recovery() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(1_000)
        let owner = UserID(7).principal
        let chat = try await bench.stores.chats.create(ChatDraft(), owner: owner, at: bench.clock.now()).id
        let draft = TurnDraft(message: [.text("x")], options: TurnOptions(model: try bench.model()))
        let turn = try await bench.stores.chats.begin(
            draft,
            in: chat,
            owner: owner,
            above: 0,
            at: bench.clock.now()
        ).turn
        // A piece of an earlier call of the same turn, which was paid for.
        let early = ChatEvent(.text(call: 1, "before"), number: 5, turn: turn.id, at: bench.clock.now())
        try await bench.deltas.append([early], to: chat)
        bench.clock.advance(by: .seconds(1))
        let first = bench.meter()
        let cut = try await first.begin(bench.model(), for: bench.context(turn.id), size: size)
        _ = try await first.begin(bench.model(), for: bench.context(), size: size)
        _ = try await first.begin(bench.model(), for: CallContext(principal: .hash, door: .chat), size: size)
        let piece = ChatEvent(.text(call: 2, "kept text"), number: 6, turn: turn.id, at: bench.clock.now())
        try await bench.deltas.append([piece], to: chat)
        // The next server.
        #expect(try await bench.sweeper.recover() == 2)
        #expect(try await bench.sweeper.recover() == 0)
        let wallet = try #require(try await bench.stores.wallets.wallet(id))
        #expect(wallet.held == .zero && wallet.balance == Credits(minor: 1_000 - 10 - 3))
        let rows = try await bench.stores.meter.rows(UsageQuery(), before: nil, limit: 9).elements
        #expect(rows.first { $0.id == cut }?.isEstimated == true)
        #expect(rows.allSatisfy { $0.outcome == .interrupted })
        // Late words of the earlier server change nothing.
        await first.end(cut, CallReport(.succeeded, usage: TokenUsage(input: 100, output: 100)))
        #expect(try await bench.stores.wallets.wallet(id) == wallet)
        #expect(try await bench.service.verify(id).mistakes == [])
    }

    @Test("the sweeper ends holds and lots whose time is over")
    func sweep() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(100)
        let hold = try await bench.service.hold(
            Credits(minor: 80),
            for: bench.model("action/a"),
            key: "k",
            at: MeterBench.place,
            by: UserID(7).principal
        )
        #expect(hold.state == .open)
        bench.clock.advance(by: bench.prices.holdFor)
        try await bench.sweeper.sweep()
        #expect(try await bench.stores.wallets.wallet(id)?.available == Credits(minor: 100))
        #expect(try await bench.service.release("k")?.state == .expired)
    }

    @Test("what a host application reports costs what the list says, or what it says itself")
    func items() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(100)
        func draft(_ key: String, _ item: String = "document") -> ItemDraft {
            ItemDraft(key: key, item: item, quantity: 3, place: MeterBench.place, principal: .hash)
        }
        #expect(try await bench.service.record(draft("a"), charged: true).cost == Credits(minor: 15))
        #expect(try await bench.service.record(draft("b"), charged: false).cost == .zero)
        let given = try await bench.service.record(draft("c", "sms"), charged: true, cost: Credits(minor: 4))
        #expect(given.cost == Credits(minor: 4))
        for (draft, code) in [(draft("d", "sms"), "item_unpriced"), (draft("e", "a b"), "invalid_item")] {
            await #expect { try await bench.service.record(draft, charged: true) } throws: {
                ($0 as? Failure)?.code == code
            }
        }
        #expect(try await bench.stores.wallets.wallet(id)?.balance == Credits(minor: 81))
    }

    @Test("users see wallets and usage as far as their scope reaches, and nothing of others")
    func reading() async throws {
        let bench = MeterBench(try await CreditInstallation())
        let id = try await bench.fund(100)
        let reader = WalletReader(
            wallets: bench.stores.wallets,
            meter: bench.stores.meter,
            places: TenantPlaces(bench.stores.tenants)
        )
        func user(_ client: Int64, _ brands: Set<BrandID>, _ permissions: Set<Permission> = [.aiWallet])
            -> Principal
        {
            Principal(
                user: UserID(7),
                permissions: permissions,
                scope: Scope(client: ClientID(client), brands: brands)
            )
        }
        let mine = user(1, [BrandID(11)])
        #expect(try await reader.wallet(of: nil, as: mine).id == id)
        _ = try await bench.service.record(
            ItemDraft(key: "k", item: "x", place: MeterBench.place, principal: .hash),
            charged: false
        )
        #expect(try await reader.usage(UsageQuery(), before: nil, limit: 9, as: mine).elements.count == 1)
        let other = user(1, [BrandID(12)])
        #expect(try await reader.usage(UsageQuery(), before: nil, limit: 9, as: other).elements.isEmpty)
        var foreign = UsageQuery()
        foreign.client = ClientID(2)
        await #expect(throws: Failure.self) {
            try await reader.usage(foreign, before: nil, limit: 9, as: mine)
        }
        await #expect(throws: Failure.self) { try await reader.wallet(of: nil, as: user(2, [])) }
        await #expect(throws: Failure.self) { try await reader.wallet(of: MeterBench.place, as: other) }
        await #expect(throws: Failure.self) { try await reader.wallet(of: nil, as: user(1, [], [.chat])) }
        await #expect { try await reader.transfers(of: nil, before: nil, limit: 9, as: mine) } throws: {
            ($0 as? Failure)?.code == "ledger_of_client"
        }
        // What others have reserved for the client as a whole is not theirs to see.
        let whole = Place(client: ClientID(1))
        for (number, place) in [(7, whole), (8, whole), (8, MeterBench.place)] as [(Int64, Place)] {
            let id = UserID(number).principal
            let key = "\(number) \(place.brand == nil)"
            let item = try bench.model("action/a")
            _ = try await bench.service.hold(Credits(minor: 1), for: item, key: key, at: place, by: id)
        }
        let wallet = try await reader.wallet(of: nil, as: mine)
        let keys = try await reader.holds(of: wallet, as: mine).map(\.draft.key)
        #expect(Set(keys) == ["7 true", "8 false"])
        let owner = WalletOwner(client: ClientID(1), brand: BrandID(11))
        let own = try await bench.service.open(owner, by: .hash)
        #expect(try await reader.wallet(of: nil, as: mine) == own)
        #expect(try await reader.transfers(of: nil, before: nil, limit: 9, as: mine).elements.isEmpty)
    }
}
