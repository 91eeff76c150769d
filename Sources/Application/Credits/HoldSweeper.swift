public import Core
public import Domain

/// Ends what nobody else ends: calls that were cut by the end of an earlier server, holds whose time is over, and lots
/// that lapse; and says in the log which thresholds were reached.
public struct HoldSweeper: Service {
    private static let batch = 200

    private let wallets: any WalletStore
    private let meter: any MeterStore
    private let prices: PriceList?
    private let delivered: DeliveredOutput
    private let clock: any WallClock
    private let logger: Logger
    private let interval: Duration

    /// Puts the service together.
    public init(
        wallets: any WalletStore,
        meter: any MeterStore,
        prices: PriceList?,
        delivered: DeliveredOutput,
        clock: any WallClock,
        logger: Logger,
        interval: Duration = .seconds(15)
    ) {
        self.wallets = wallets
        self.meter = meter
        self.prices = prices
        self.delivered = delivered
        self.clock = clock
        self.logger = logger
        self.interval = interval
    }

    /// Ends the calls that were under way when the server was ended, each once; returns how many.
    ///
    /// What of an answer was kept is settled by estimate, the rest is given back. To be called before anything is
    /// metered, and before turns go on.
    public func recover() async throws -> Int {
        var count = 0
        while true {
            let calls = try await meter.openCalls(limit: Self.batch)
            guard !calls.isEmpty else { return count }
            let bytes = try await delivered.bytes(of: calls)
            for call in calls {
                let report = CallReport(.interrupted, usage: nil, deliveredBytes: bytes[call.id] ?? 0)
                let price = prices?.price(of: call.model)
                _ = try await meter.end(call.id, report, price: price, at: clock.now())
                count += 1
            }
        }
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        var seen: Int64?
        while !Task.isCancelled {
            do {
                try await sweep()
                seen = try await report(after: seen)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("holds cannot be swept", .init("error", LogValue.error(error)))
            }
            try await Task.sleep(for: interval)
        }
    }

    /// Ends all that is due now.
    public func sweep() async throws {
        var expired = 0
        while true {
            let count = try await wallets.expireHolds(at: clock.now(), limit: Self.batch)
            expired += count
            if count < Self.batch { break }
        }
        if expired > 0 { logger.notice("holds expired", .init("holds.expired", expired)) }
        let lapsed = try await wallets.lapseLots(at: clock.now(), limit: Self.batch)
        if lapsed > 0 { logger.notice("credits lapsed", .init("lots.lapsed", lapsed)) }
    }

    /// Says which thresholds were reached since; at the first time only where the events end.
    private func report(after seen: Int64?) async throws -> Int64 {
        guard let seen else { return try await wallets.lastEvent() }
        let events = try await wallets.events(of: nil, after: seen, limit: Self.batch).elements
        for event in events {
            logger.notice(
                "wallet threshold reached",
                .init("wallet", event.wallet.rawValue),
                .init("threshold", event.threshold.minor),
                .init("balance", event.balance.minor)
            )
        }
        return events.last?.id ?? seen
    }
}
