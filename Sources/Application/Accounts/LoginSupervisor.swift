public import Core
public import Domain

/// Waits for open logins to end: at their provider, or because nobody confirmed them in time.
///
/// Those that a server before this one left open are expired, and what they left behind is removed.
public final class LoginSupervisor: Service {
    private struct Watched: Sendable {
        let login: Login
        let key: String
        let accounts: any AccountProvider
    }

    /// Logins that are watched at a time, at most.
    private static let room = 1_000
    /// How long ended logins are kept, for whoever asks how they ended.
    private static let memory = Duration.seconds(86_400)

    private let store: any AccountStore
    private let providers: [ConnectableProvider]
    private let clock: any WallClock
    private let logger: Logger
    private let earlier = EarlierLogins()
    private let queue = BoundedChannel<Watched>(capacity: LoginSupervisor.room)

    /// Puts it together.
    public init(
        providers: [ConnectableProvider],
        store: any AccountStore,
        clock: any WallClock,
        logger: Logger
    ) {
        self.providers = providers
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Works until its task is cancelled; logins that are open then are expired.
    public func run() async throws {
        await endEarlier()
        await withDiscardingTaskGroup { group in
            while true {
                let batch = await queue.receive()
                guard !batch.isEmpty else { return group.cancelAll() }
                for watched in batch { group.addTask { [self] in await watch(watched) } }
            }
        }
        queue.finish()
    }

    /// Ends what a server before this one left open, once; whoever begins a login calls it before, so that a new one is
    /// not taken for an earlier one.
    func endEarlier() async { await earlier.end { [self] in await clearEarlier() } }

    /// Begins to wait for the end of a login; false when the server is stopping.
    func watch(_ login: Login, _ key: String, _ accounts: any AccountProvider) -> Bool {
        queue.offer(Watched(login: login, key: key, accounts: accounts))
    }

    /// Takes in what happened to a login; only the first end of it counts.
    func apply(_ event: LoginFlow.Event, to login: Login, _ accounts: any AccountProvider) async throws {
        let now = clock.now()
        var flow = LoginFlow(login)
        let action = flow.apply(event, at: now)
        guard action != .nothing else { return }
        // Before the login shows that it is over, so that who waits for that finds the account connected.
        if action == .connect {
            _ = try await store.note(accounts.id, of: login.owner, at: now) { $0.state = .connected }
        }
        guard try await store.end(flow.login) else {
            // It was given up meanwhile, and the account with it.
            if action == .connect {
                _ = try await store.note(accounts.id, of: login.owner, at: now) { $0.state = .disconnected }
            }
            return
        }
        switch action {
        case .connect: break
        case .clear: try await accounts.cancelLogin(nil, for: login.owner)
        case .nothing: break
        }
        logger.info(
            "login ended",
            .init("login", login.id.rawValue),
            .init("state", LogValue.untrusted(flow.login.state.rawValue))
        )
    }

    // MARK: Waiting

    private func watch(_ watched: Watched) async {
        let event = await ending(of: watched)
        do { try await apply(event, to: watched.login, watched.accounts) } catch is CancellationError {
            // The next server ends it.
        } catch {
            logger.error("login cannot be ended", .init("error", LogValue.error(error)))
        }
    }

    private func ending(of watched: Watched) async -> LoginFlow.Event {
        let left = watched.login.expires - clock.now()
        return await withTaskGroup(of: LoginFlow.Event?.self) { group in
            group.addTask {
                do {
                    return .ended(
                        try await watched.accounts.loginStatus(watched.key, for: watched.login.owner)
                    )
                } catch is CancellationError { return nil } catch {
                    return .ended(.failed(error as? Failure ?? Self.unknown))
                }
            }
            group.addTask {
                do { try await Task.sleep(for: max(left, .zero)) } catch { return nil }
                return .deadline
            }
            defer { group.cancelAll() }
            return await group.next().flatMap(\.self) ?? .serverEnded
        }
    }

    private func clearEarlier() async {
        do {
            for login in try await store.openLogins() {
                guard let accounts = providers.first(where: { $0.id == login.provider })?.accounts else {
                    var flow = LoginFlow(login)
                    _ = flow.apply(.serverEnded, at: clock.now())
                    _ = try await store.end(flow.login)
                    continue
                }
                try await apply(.serverEnded, to: login, accounts)
            }
            try await store.removeLogins(endedBefore: clock.now() - Self.memory)
        } catch {
            logger.error("earlier logins cannot be ended", .init("error", LogValue.error(error)))
        }
    }

    private static let unknown = Failure(
        .unavailable,
        code: "login_interrupted",
        message: "The login broke off.",
        hint: "Begin another one."
    )
}

/// Whether logins of earlier servers were ended: the first caller does it, the others wait for that.
private actor EarlierLogins {
    private var isOver = false
    private var isWorking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func end(_ work: @Sendable () async -> Void) async {
        if isOver { return }
        guard !isWorking else { return await withCheckedContinuation { waiting.append($0) } }
        isWorking = true
        await work()
        // Also when it failed: later it could no longer tell them from newer ones.
        isOver = true
        for caller in waiting { caller.resume() }
        waiting = []
    }
}
