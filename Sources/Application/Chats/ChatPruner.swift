public import Core
public import Domain

/// Forgets chats that nobody used for some time, and deltas whose turns are over.
///
/// Chats in which a turn works are never touched.
public struct ChatPruner: Service {
    private static let keepDeltas: Duration = .seconds(86_400)
    private let chats: any ChatStore
    private let deltas: any ChatDeltaStore
    private let clock: any WallClock
    private let logger: Logger
    private let keepFor: Duration
    private let interval: Duration

    /// Puts the service together; chats live 30 days after their last use unless told otherwise.
    public init(
        chats: any ChatStore,
        deltas: any ChatDeltaStore,
        clock: any WallClock,
        logger: Logger,
        keepFor: Duration = .seconds(30 * 86_400),
        interval: Duration = .seconds(600)
    ) {
        self.chats = chats
        self.deltas = deltas
        self.clock = clock
        self.logger = logger
        self.keepFor = keepFor
        self.interval = interval
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        while !Task.isCancelled {
            do {
                let count = try await prune()
                if count > 0 { logger.notice("unused chats pruned", .init("chats.pruned", count)) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("unused chats cannot be pruned", .init("error", LogValue.error(error)))
            }
            try await Task.sleep(for: interval)
        }
    }

    /// Prunes all that is due now; returns how many chats were forgotten.
    public func prune() async throws -> Int {
        var count = 0
        while true {
            // Few at a time: a chat's events go in one transaction.
            let removed = try await chats.removeUnused(since: clock.now() - keepFor, limit: 20)
            guard !removed.isEmpty else { break }
            // A crash between the two leaves deltas without a chat, which go with their age.
            try await deltas.remove(removed)
            count += removed.count
        }
        let working = Set(try await chats.workingTurns().map(\.chat))
        try await deltas.removeOld(before: clock.now() - Self.keepDeltas, except: working)
        return count
    }
}
