public import Core
public import Domain
internal import Synchronization

/// Ends the streams of sign-ins that were ended by other processes, or that expired.
///
/// While streams are open, one small read each half second tells whether anything changed; otherwise it sleeps.
public final class SignInWatch: Service {
    private static let pause = Duration.milliseconds(500)
    /// Every so many rounds all are looked at, since expiry changes nothing in the store.
    private static let fullRound = 10

    private let hub: SignInHub
    private let store: any SignInStore
    private let clock: any WallClock
    private let logger: Logger
    private let seen = Mutex<Int64?>(nil)

    /// Makes the watch; it works while it is run.
    public init(hub: SignInHub, store: any SignInStore, clock: any WallClock, logger: Logger) {
        self.hub = hub
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Watches until the task is cancelled.
    public func run() async throws {
        while await hub.waitForStreams() {
            var round = 0
            while !hub.open.isEmpty {
                do { try await check(all: round.isMultiple(of: Self.fullRound)) } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    logger.warning("sign-ins cannot be checked", .init("error", LogValue.error(error)))
                }
                round += 1
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Looks now; for whoever was told that something changed.
    public func check() async throws { try await check(all: true) }

    private func check(all: Bool) async throws {
        let hasNew = hub.takeUnchecked()
        // Read before the sign-ins, so that a change between the two is seen again the next time.
        let changes = try await store.accessChanges()
        guard all || hasNew || seen.withLock({ $0 }) != changes else { return }
        let open = hub.open
        let live = try await store.liveSignIns(among: open, at: clock.now())
        hub.end(open.subtracting(live))
        seen.withLock { $0 = changes }
    }
}
