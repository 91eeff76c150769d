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
    private let audit: any AuditStore
    private let logger: Logger
    /// One owner's login begins, or ends with what it leaves at the provider, at a time.
    private let turns = KeyedLocks<PrincipalID>()
    private let earlier = EarlierLogins()
    private let queue = BoundedChannel<Watched>(capacity: LoginSupervisor.room)

    /// Puts it together.
    public init(
        providers: [ConnectableProvider],
        store: any AccountStore,
        audit: any AuditStore,
        clock: any WallClock,
        logger: Logger
    ) {
        self.audit = audit
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

    /// Does something to begin a login while none of the same owner's ends: so the end of an earlier one, which clears what
    /// is at the provider, takes nothing of the new one away.
    func alone<Value>(_ owner: PrincipalID, _ body: () async throws -> Value) async throws -> Value {
        try await turns.holding(owner, body)
    }

    /// Takes in what happened to a login; only the first end of it counts.
    func apply(_ event: LoginFlow.Event, to login: Login, _ accounts: any AccountProvider) async throws {
        try await turns.holding(login.owner) {
            let now = clock.now()
            var flow = LoginFlow(login)
            let action = flow.apply(event, at: now)
            let ended = flow.login
            guard action != .nothing, try await end(ended, at: now) else { return }
            if action == .clear { try await accounts.cancelLogin(nil, for: login.owner) }
            logger.info(
                "login ended",
                .init("login", login.id.rawValue),
                .init("state", LogValue.untrusted(ended.state.rawValue))
            )
        }
    }

    /// Stores the end, with the account that is connected by it and the row of the audit log; false when it was over.
    private func end(_ login: Login, at now: Timestamp) async throws -> Bool {
        let entry = AuditEntry(
            time: now,
            // Nobody did anything.
            principal: login.state == .expired ? .server : login.owner,
            action: "account.\(login.state.rawValue)",
            subject: "account/\(login.provider.rawValue)",
            detail: Self.detail(login)
        )
        return try await audit.keeping { (isEnded: Bool) in
            isEnded ? [entry] : []
        } with: {
            try await store.end(login)
        }
    }

    /// For the audit log.
    static func detail(_ login: Login) -> String {
        var members: [String: JSONValue] = [
            "login": .integer(login.id.rawValue), "owner": .string(login.owner.rawValue),
        ]
        members["reason"] = login.reason.map(JSONValue.string)
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
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
                    let now = clock.now()
                    _ = flow.apply(.serverEnded, at: now)
                    _ = try await end(flow.login, at: now)
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
