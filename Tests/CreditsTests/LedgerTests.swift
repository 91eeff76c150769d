import Core
import Domain
import TestSupport
import Testing

@Suite("The rules of a wallet")
struct LedgerTests {
    private static let now = Timestamp(seconds: 1_772_357_400)

    private static func hold(_ id: Int64, _ amount: Credits) throws -> Hold {
        Hold(
            id: HoldID(id),
            wallet: WalletID(1),
            draft: HoldDraft(
                key: "\(id)",
                amount: amount,
                place: Place(client: ClientID(1)),
                principal: UserID(1).principal,
                expires: now,
                item: ModelReference(provider: try ProviderID("p"), model: "m")
            ),
            created: now
        )
    }

    @Test("whatever is done in whatever order, sums hold and nothing goes below the line")
    func random() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let line = Credits(minor: Int64.random(in: 0...3, using: &random) * 50)
            let wallet = Wallet(
                id: WalletID(1),
                owner: WalletOwner(client: ClientID(1)),
                line: line,
                created: Self.now
            )
            var ledger = Ledger(wallet, lots: [])
            var (balance, held, clock) = (Credits.zero, Credits.zero, Self.now)
            var open: [Hold] = []
            var used = Credits.zero
            for number in 0..<120 {
                var steps: [LedgerStep] = []
                let amount = Credits(minor: Int64.random(in: 1...100, using: &random))
                switch Int.random(in: 0..<7, using: &random) {
                case 0:
                    let lot = Lot(
                        id: LotID(Int64(number)),
                        kind: .topup,
                        amount: amount,
                        remaining: amount,
                        priority: Int.random(in: 0...2, using: &random),
                        expires: Bool.random(using: &random) ? clock + .seconds(20) : nil
                    )
                    steps = [ledger.deposit(lot)]
                case 1, 2:
                    if let step = try? ledger.hold(amount) {
                        steps = [step]
                        open.append(try Self.hold(Int64(number), amount))
                    }
                case 3 where !open.isEmpty:
                    let hold = open.removeFirst()
                    steps = [ledger.settle(hold, used: amount, at: clock)]
                    used = used + amount
                case 4 where !open.isEmpty:
                    steps = [ledger.release(open.removeLast(), as: .expire)]
                case 5: steps = (try? ledger.charge(amount, at: clock)).map { [$0] } ?? []
                default:
                    clock = clock + .seconds(7)
                    steps = ledger.lapse(at: clock)
                }
                for step in steps {
                    balance = balance + step.amount
                    held = held + step.held
                    #expect(step.writtenOff >= .zero)
                }
                let wallet = ledger.wallet
                let failed = "seed \(random.seed)"
                #expect(wallet.balance == balance && wallet.held == held, "\(failed)")
                #expect(held == open.reduce(.zero) { $0 + $1.draft.amount }, "\(failed)")
                #expect(balance - held >= -line, "\(failed)")
                let left = ledger.lots.reduce(Credits.zero) { $0 + $1.remaining }
                #expect(left == max(balance, .zero), "\(failed)")
                #expect(ledger.lots.allSatisfy { $0.remaining > .zero }, "\(failed)")
            }
        }
    }

    @Test("amounts are written and read with the unit's decimal places")
    func unit() {
        let unit = CreditUnit(name: "EUR", decimals: 2)
        #expect(unit.text(Credits(minor: -5)) == "-0.05 EUR")
        #expect(unit.number(Credits(minor: 123_456)) == "1234.56")
        #expect(CreditUnit(name: "c", decimals: 0).number(Credits(minor: 7)) == "7")
        #expect(unit.amount("12.5") == Credits(minor: 1_250) && unit.amount("3") == Credits(minor: 300))
        for text in ["", ".", ".5", "1.", "1.234", "-1", "1e3", "99999999999999999", " 1", "1,5"] {
            #expect(unit.amount(text) == nil, "\(text)")
        }
    }

    @Test("prices are found by name, then by the longest pattern, and costs are rounded up once")
    func prices() throws {
        func model(_ text: String) throws -> ModelReference { try #require(ModelReference(text: text)) }
        let list = PriceList(models: [
            "a/m": CallPrice(input: 3, output: 5), "a/*": CallPrice(input: 1, output: 1),
            "a/m-*": CallPrice(input: 2, output: 2),
        ])
        #expect(list.price(of: try model("a/m"))?.input == 3)
        #expect(list.price(of: try model("a/m-x"))?.input == 2)
        #expect(list.price(of: try model("a/x"))?.input == 1)
        #expect(list.price(of: try model("b/m")) == nil)
        let price = CallPrice(input: 100, cachedInput: 10, output: 1_000, reasoning: 2_000, call: 7)
        let usage = TokenUsage(input: 1_000, cachedInput: 400, output: 300, reasoning: 100)
        // 60,000 + 4,000 + 200,000 + 200,000 millionths, which is less than one, and 7.
        #expect(price.cost(of: usage) == Credits(minor: 8))
        let large = TokenUsage(input: .max, cachedInput: .max, output: .max, reasoning: .max)
        #expect(
            CallPrice(input: .max, output: .max).cost(of: large)
                == Credits(minor: 2 * 1_000_000_000_000)
        )
        #expect(price.mostFor(input: 1_000_000, output: 1_000_000) == Credits(minor: 100 + 2_000 + 7))
    }

    @Test("days are counted in UTC, and read as they are written")
    func days() throws {
        let day = try #require(UTCDay(text: "2024-02-29"))
        #expect(day.description == "2024-02-29" && day.next.description == "2024-03-01")
        #expect(UTCDay(Timestamp(seconds: 86_399)).number == 0)
        #expect(UTCDay(day.start) == day && UTCDay(day.next.start - .microseconds(1)) == day)
        for (text, start, next) in [
            ("2024-12-31", "2024-12-01", "2025-01-01"), ("2023-02-01", "2023-02-01", "2023-03-01"),
            ("2026-01-31", "2026-01-01", "2026-02-01"),
        ] {
            let day = try #require(UTCDay(text: text))
            #expect(day.monthStart.description == start && day.nextMonthStart.description == next)
        }
        for text in ["2023-02-29", "2024-13-01", "2024-1-01", "1969-12-31", "2024-00-10", "x", "2024-02-30"] {
            #expect(UTCDay(text: text) == nil, "\(text)")
        }
    }
}
