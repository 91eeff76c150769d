public import Core
public import Domain
internal import Synchronization

/// Ends the streams of sign-ins or sessions that were ended by other processes, or that expired.
///
/// While streams are open, one small read each half second tells whether anything changed; otherwise it sleeps.
public final class StreamWatch<ID: Hashable & Sendable>: Service {
    /// What the store says of them.
    struct Source: Sendable {
        /// Those that are live.
        let live: @Sendable (Set<ID>, Timestamp) async throws -> Set<ID>
        /// A number that grows with each change that can end one.
        let changes: @Sendable () async throws -> Int64
    }

    private let pause = Duration.milliseconds(500)
    /// Every so many rounds all are looked at, since expiry changes nothing in the store.
    private let fullRound = 10

    private let hub: StreamHub<ID>
    private let source: Source
    private let clock: any WallClock
    private let logger: Logger
    private let seen = Mutex<Int64?>(nil)

    /// Makes the watch; it works while it is run.
    init(hub: StreamHub<ID>, source: Source, clock: any WallClock, logger: Logger) {
        self.hub = hub
        self.source = source
        self.clock = clock
        self.logger = logger
    }

    /// Watches until the task is cancelled.
    public func run() async throws {
        while await hub.waitForStreams() {
            var round = 0
            while !hub.open.isEmpty {
                do { try await check(all: round.isMultiple(of: fullRound)) } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    logger.warning(
                        "sign-ins or sessions cannot be checked",
                        .init("error", LogValue.error(error))
                    )
                }
                round += 1
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Looks now; for whoever was told that something changed.
    public func check() async throws { try await check(all: true) }

    private func check(all: Bool) async throws {
        let hasNew = hub.takeUnchecked()
        // Read before them, so that a change between the two is seen again the next time.
        let changes = try await source.changes()
        guard all || hasNew || seen.withLock({ $0 }) != changes else { return }
        let open = hub.open
        let live = try await source.live(open, clock.now())
        hub.end(open.subtracting(live))
        seen.withLock { $0 = changes }
    }
}

/// Ends the streams of operators.
public typealias SignInWatch = StreamWatch<SignInID>

extension StreamWatch where ID == SignInID {
    /// Makes the watch of sign-ins; it works while it is run.
    public convenience init(
        hub: SignInHub,
        store: any SignInStore,
        clock: any WallClock,
        logger: Logger
    ) {
        self.init(
            hub: hub,
            source: Source(
                live: { try await store.liveSignIns(among: $0, at: $1) },
                changes: { try await store.accessChanges() }
            ),
            clock: clock,
            logger: logger
        )
    }
}

/// Ends the streams of users of host applications.
public typealias UserSessionWatch = StreamWatch<UserSessionID>

extension StreamWatch where ID == UserSessionID {
    /// Makes the watch of sessions; it works while it is run.
    public convenience init(
        hub: UserSessionHub,
        store: any UserSessionStore,
        clock: any WallClock,
        logger: Logger
    ) {
        self.init(
            hub: hub,
            source: Source(
                live: { try await store.liveSessions(among: $0, at: $1) },
                changes: { try await store.accessChanges() }
            ),
            clock: clock,
            logger: logger
        )
    }
}
