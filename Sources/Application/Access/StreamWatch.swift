public import Core
public import Domain
internal import Synchronization

/// Ends the streams of sign-ins, tokens or sessions that were ended by other processes, or that expired.
///
/// While streams are open, one small read each half second tells whether anything changed; otherwise it sleeps. When the
/// next one expires is known, so that its stream ends within half a second, too.
public final class StreamWatch<ID: Hashable & Sendable>: Service {
    /// What the store says of them.
    struct Source: Sendable {
        /// Those that are live.
        let live: @Sendable (Set<ID>, Timestamp) async throws -> Set<ID>
        /// A number that grows with each change that can end one.
        let changes: @Sendable () async throws -> Int64
        /// When the next of them expires; nil when none does.
        let nextEnd: @Sendable (Set<ID>, Timestamp) async throws -> Timestamp?
    }

    private let pause = Duration.milliseconds(500)
    /// Every so many rounds all are looked at, since clocks can be set.
    private let fullRound = 10

    private let hub: StreamHub<ID>
    private let source: Source
    private let clock: any WallClock
    private let logger: Logger
    private struct Seen {
        var changes: Int64?
        var nextEnd: Timestamp?
    }
    private let seen = Mutex(Seen())

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
                        "sign-ins, tokens or sessions cannot be checked",
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

    func check(all: Bool) async throws {
        let hasNew = hub.takeUnchecked()
        // Read before them, so that a change between the two is seen again the next time.
        let changes = try await source.changes()
        let now = clock.now()
        let isDue = seen.withLock { seen in
            seen.changes != changes || seen.nextEnd.map { $0 <= now } ?? false
        }
        guard all || hasNew || isDue else { return }
        let open = hub.open
        let live = try await source.live(open, now)
        hub.end(open.subtracting(live))
        let nextEnd = try await source.nextEnd(live, now)
        seen.withLock { $0 = Seen(changes: changes, nextEnd: nextEnd) }
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
                changes: { try await store.accessChanges() },
                nextEnd: { try await store.nextEnd(of: $0, after: $1) }
            ),
            clock: clock,
            logger: logger
        )
    }
}

/// Ends the streams of holders of tokens.
public typealias TokenWatch = StreamWatch<Int64>

extension StreamWatch where ID == Int64 {
    /// Makes the watch of tokens; it works while it is run.
    public convenience init(hub: TokenHub, store: any TokenStore, clock: any WallClock, logger: Logger) {
        self.init(
            hub: hub,
            source: Source(
                live: { try await store.liveTokens(among: $0, at: $1) },
                changes: { try await store.accessChanges() },
                nextEnd: { try await store.nextEnd(of: $0, after: $1) }
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
                changes: { try await store.accessChanges() },
                nextEnd: { try await store.nextEnd(of: $0, after: $1) }
            ),
            clock: clock,
            logger: logger
        )
    }
}
