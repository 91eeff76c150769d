public import Core
public import Domain

/// Forgets shares that have expired.
public struct SharePruner: Service {
    private static let batch = 500
    private let shares: any ShareStore
    private let clock: any WallClock
    private let logger: Logger
    private let interval: Duration

    /// Puts the service together.
    public init(
        shares: any ShareStore,
        clock: any WallClock,
        logger: Logger,
        interval: Duration = .seconds(600)
    ) {
        self.shares = shares
        self.clock = clock
        self.logger = logger
        self.interval = interval
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        while !Task.isCancelled {
            do {
                let count = try await prune()
                if count > 0 { logger.notice("expired shares pruned", .init("shares.pruned", count)) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("expired shares cannot be pruned", .init("error", LogValue.error(error)))
            }
            try await Task.sleep(for: interval)
        }
    }

    /// Prunes all that is due now; returns how many shares were forgotten.
    public func prune() async throws -> Int {
        var count = 0
        while true {
            let removed = try await shares.removeExpiredShares(before: clock.now(), limit: Self.batch)
            count += removed
            if removed < Self.batch { return count }
        }
    }
}
