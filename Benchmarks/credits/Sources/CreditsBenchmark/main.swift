// Usage: CreditsBenchmark DATABASE SECONDS TASKS
// Prints one JSON object: pairs of hold and settle per second on one wallet, and pairs of a metered call with its rows.
import Core
import Domain
import SQL
import SQLite
import Storage

let words = CommandLine.arguments
guard words.count == 4, let seconds = Int(words[2]), let tasks = Int(words[3]) else {
    fatalError("usage: CreditsBenchmark DATABASE SECONDS TASKS")
}
let clock = SystemWallClock()
let database = try await openSQLite(
    path: words[1],
    readers: 2,
    logger: Logger(level: .error, sink: NullLogSink())
)
_ = try await migrate(database, at: clock.now())
let stores = makeStores(on: database)
let place = Place(client: ClientID(1), brand: BrandID(1))
let user = UserID(1).principal
let model = ModelReference(text: "p/m").unsafelyUnwrapped
let price = CallPrice(input: 1_000_000, output: 1_000_000)
let wallet = try await stores.wallets.open(WalletOwner(client: place.client), at: clock.now())
_ = try await stores.wallets.deposit(
    Deposit(.topup, .maximum, key: "first", principal: user),
    to: wallet.id,
    at: clock.now()
)

/// How many rounds a second all tasks together make.
func rate(_ round: @escaping @Sendable (String) async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    let end = start + .seconds(seconds)
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<tasks {
            group.addTask {
                var count = 0
                while ContinuousClock.now < end {
                    try await round("\(task)-\(count)")
                    count += 1
                }
                return count
            }
        }
        return try await group.reduce(0, +)
    }
    return Double(count) / start.duration(to: .now).inSeconds
}

let pairs = try await rate { key in
    let now = clock.now()
    let draft = HoldDraft(
        key: key,
        amount: Credits(minor: 100),
        place: place,
        principal: user,
        expires: now + .seconds(60),
        item: model
    )
    _ = try await stores.wallets.hold(draft, at: now)
    _ = try await stores.wallets.settle(key, used: Credits(minor: 40), at: now)
}
let before = database.statistics
let calls = try await rate { _ in
    let now = clock.now()
    let draft = CallDraft(
        model,
        for: CallContext(principal: user, door: .chat, place: place),
        inputEstimate: 20,
        hold: Credits(minor: 100),
        expires: now + .seconds(60)
    )
    let call = try await stores.meter.begin(draft, at: now)
    let usage = TokenUsage(input: 20, output: 20)
    _ = try await stores.meter.end(call, CallReport(.succeeded, usage: usage), price: price, at: now)
}
let after = database.statistics
let mistakes = try await stores.wallets.proof(of: wallet.id).mistakes
let perCommit = Double(after.writes - before.writes) / Double(max(after.commits - before.commits, 1))
await database.close()
print(
    """
    {"pairs": \(pairs), "calls": \(calls), "writes_per_commit": \(perCommit), "mistakes": \(mistakes.count)}
    """
)
