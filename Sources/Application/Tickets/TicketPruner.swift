public import Core
public import Domain

/// Forgets tickets that are older than agreed, or beyond the agreed size of kept output, oldest first.
///
/// Tickets that are not over are never touched.
public struct TicketPruner: Service {
    private let store: any TicketStore
    private let outputs: any OutputStore
    private let finished: FinishedTickets
    private let clock: any WallClock
    private let logger: Logger
    private let keepFor: Duration
    private let keepBytes: Int64
    private let interval: Duration

    /// Puts the service together.
    public init(
        store: any TicketStore,
        outputs: any OutputStore,
        finished: FinishedTickets = FinishedTickets(),
        clock: any WallClock,
        logger: Logger,
        keepFor: Duration,
        keepBytes: Int64,
        interval: Duration = .seconds(600)
    ) {
        self.store = store
        self.outputs = outputs
        self.finished = finished
        self.clock = clock
        self.logger = logger
        self.keepFor = keepFor
        self.keepBytes = keepBytes
        self.interval = interval
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        while !Task.isCancelled {
            do {
                let count = try await prune()
                if count > 0 { logger.notice("old tickets pruned", .init("tickets.pruned", count)) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("old tickets cannot be pruned", .init("error", LogValue.error(error)))
            }
            try await Task.sleep(for: interval)
        }
    }

    /// Prunes all that is due now; returns how many tickets were forgotten.
    public func prune() async throws -> Int {
        var count = 0
        while true {
            let due = try await store.prunable(
                finishedBefore: clock.now() - keepFor,
                maximumBytes: keepBytes,
                limit: 200
            )
            guard !due.isEmpty else { return count }
            // Files first: a crash between the two leaves a row without files, which the next round removes.
            for ticket in due { try await outputs.remove(OutputService.reference(ticket)) }
            try await store.remove(due.map(\.id))
            finished.forget(due.map(\.id))
            count += due.count
        }
    }
}
