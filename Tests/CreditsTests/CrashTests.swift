import Application
import Core
import Domain
import FoundationEssentials
import Glibc
import SQL
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("Money survives crashes")
struct CrashTests {
    @Test("killed at random points of random work, again and again: sums hold, and nothing is paid twice")
    func crashes() async throws {
        let folder = try ScratchFolder()
        let (path, said) = (folder.file("deckhand.db"), folder.file("said"))
        var random = SeededGenerator()
        for _ in 0..<6 {
            let seed = random.next()
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, said = said as String, seed = seed as UInt64] in
                try await CrashTests.work(path, said: said, seed: seed)
            }
            try await Self.check(path, said: said, "seed \(seed)")
        }
    }

    // MARK: The server that is killed

    /// Counts down to the point at which the process ends itself, and says what was acknowledged.
    private final class Fate: Sendable {
        private let left: Atomic<Int>
        private let file: Int32

        init(after steps: Int, said: String) {
            left = Atomic(steps)
            file = unsafe open(said, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }

        func step() {
            if left.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
        }

        func say(_ text: String) {
            let line = Array("\(text)\n".utf8)
            _ = unsafe line.withUnsafeBytes { bytes in
                unsafe Glibc.write(file, bytes.baseAddress, bytes.count)
            }
        }
    }

    private static func work(_ path: String, said: String, seed: UInt64) async throws {
        let database = try await CreditInstallation.open(path)
        let clock = ManualClock(at: SystemWallClock().now())
        let bench = CrashBench(stores: makeStores(on: database), clock: clock)
        _ = try await bench.sweeper.recover()
        let wallet = try await bench.service.open(WalletOwner(client: ClientID(1)), by: .hash)
        _ = try await bench.service.setLine(Credits(minor: 300), of: wallet.id, by: .hash)
        var random = SeededGenerator(seed: seed)
        let fate = Fate(after: Int.random(in: 40...600, using: &random), said: said)
        let meter = bench.meter
        await withTaskGroup { group in
            for task in 0..<12 {
                let own = SeededGenerator(seed: random.next())
                group.addTask {
                    var random = own
                    for number in 0... {
                        fate.step()
                        let key = "\(seed)-\(task)-\(number)"
                        try? await act(key, bench, meter, wallet.id, fate, &random)
                    }
                }
            }
        }
    }

    private static func act(
        _ key: String,
        _ bench: CrashBench,
        _ meter: MeteredCalls,
        _ wallet: WalletID,
        _ fate: Fate,
        _ random: inout SeededGenerator
    ) async throws {
        let amount = Credits(minor: Int64.random(in: 1...200, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            let deposit = Deposit(
                Bool.random(using: &random) ? .topup : .grant,
                amount,
                expires: Bool.random(using: &random) ? bench.clock.now() + .seconds(30) : nil,
                key: key,
                principal: .hash
            )
            _ = try await bench.service.deposit(deposit, to: wallet)
            fate.say("deposit \(key) \(amount)")
        case 1:
            bench.clock.advance(by: .seconds(5))
            try await bench.sweeper.sweep()
        case 2, 3:
            let item = try #require(ModelReference(text: "action/a"))
            let place = Place(client: ClientID(1))
            let user = UserID(2).principal
            _ = try await bench.service.hold(amount, for: item, key: key, at: place, by: user)
            fate.step()
            // Sent twice, as a caller does who heard nothing.
            for _ in 0..<2 {
                let used = Credits(minor: Int64.random(in: 0...250, using: &random))
                if Bool.random(using: &random) {
                    try await bench.service.settle(key, used: used)
                } else {
                    try await bench.service.release(key)
                }
                fate.step()
            }
        default:
            let model = try #require(ModelReference(text: "p/m"))
            let context = CallContext(
                principal: UserID(1).principal,
                door: .chat,
                place: Place(client: ClientID(1), brand: BrandID(11))
            )
            let size = CallSize(inputTokens: 20, maximumOutputTokens: Int.random(in: 1...80, using: &random))
            let call = try await meter.begin(model, for: context, size: size)
            fate.step()
            let usage = TokenUsage(input: 20, output: Int.random(in: 0...120, using: &random))
            let outcome = CallOutcome.allCases.randomElement(using: &random) ?? .failed
            let bytes = Int.random(in: 0...60, using: &random)
            let report = CallReport(
                outcome,
                usage: Bool.random(using: &random) ? usage : nil,
                deliveredBytes: bytes
            )
            await meter.end(call, report)
            fate.say("call \(call.rawValue)")
            fate.step()
            await meter.end(call, CallReport(.succeeded, usage: usage))
        }
    }

    // MARK: What is found

    private static func check(_ path: String, said: String, _ label: String) async throws {
        let database = try await CreditInstallation.open(path)
        let bench = CrashBench(stores: makeStores(on: database), clock: ManualClock())
        let ended = Set(
            try await database.read { db in
                try db.all("select id from usage where outcome is not null").map {
                    try $0.get(0, as: Int64.self)
                }
            }
        )
        _ = try await bench.sweeper.recover()
        for wallet in try await bench.service.list(after: nil, limit: 9).elements {
            let proof = try await bench.service.verify(wallet.id)
            #expect(proof.mistakes == [], "\(label)")
        }
        let counts = try await database.read { db in
            try [
                // A call that has not ended; a hold of a call that has not ended.
                "select count(*) from usage where outcome is null",
                "select count(*) from holds where state = 'open' and key like 'call:%'",
                // Something that ended or was paid twice, or cost more than it held and was there.
                """
                select count(*) from (select hold_id from transfers
                    where kind in ('settle', 'release', 'expire') group by hold_id having count(*) > 1)
                """,
                """
                select count(*) from (select usage_id from transfers
                    where usage_id is not null group by usage_id having count(*) > 1)
                """,
                "select count(*) from transfers where balance < -300",
                // Sums of days that are not those of rows.
                """
                select coalesce((select sum(cost) from usage where client_id is not null), 0)
                    - coalesce((select sum(cost) from usage_days), 0)
                """,
            ].map { try db.first(SQLStatement(unsafe: $0))?.get(0, as: Int64.self) }
        }
        #expect(counts == [0, 0, 0, 0, 0, 0], "\(label)")
        let deposits = Set(
            try await database.read { db in
                try db.all("select key || ' ' || amount from transfers where key is not null").map {
                    try $0.get(0, as: String.self)
                }
            }
        )
        let lines = try String(decoding: Data(contentsOf: URL(filePath: said)), as: UTF8.self)
            .split(separator: "\n")
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            if words[0] == "deposit" { #expect(deposits.contains(words[1]), "\(label)") }
            if words[0] == "call", let id = Int64(words[1]) { #expect(ended.contains(id), "\(label)") }
        }
        #expect(!lines.isEmpty)
        await database.close()
    }
}

/// The use cases of a server that is going to be killed.
private struct CrashBench: Sendable {
    let stores: Stores
    let clock: ManualClock
    let prices = PriceList(
        models: ["p/*": CallPrice(input: 1_000_000, output: 1_000_000)],
        holdFor: .seconds(20)
    )

    private var logger: Logger { Logger(level: .error, sink: NullLogSink()) }

    var meter: MeteredCalls {
        MeteredCalls(
            UsageMeter(store: stores.usage, clock: clock, logger: logger),
            store: stores.meter,
            prices: prices,
            clock: clock,
            logger: logger
        )
    }

    var sweeper: HoldSweeper {
        HoldSweeper(
            wallets: stores.wallets,
            meter: stores.meter,
            prices: prices,
            delivered: DeliveredOutput(chats: stores.chats, deltas: FakeDeltaStore()),
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
}

extension SQLStatement {
    /// Text of this test.
    fileprivate init(unsafe text: String) { self = "\(unsafeSQL: text)" }
}
