import Core
import Domain
import TestSupport

@testable import Application

/// The use cases over stores and a runner in memory.
struct Harness {
    let clock = ManualClock()
    let store = MemoryTicketStore()
    let audit = MemoryAuditStore()
    let hub = TicketHub()
    let log = MemoryLogSink()
    let outputs: MemoryOutputStore
    let runner: FakeCommandRunner
    let scheduler: TicketScheduler
    let tickets: TicketService
    let metrics = MetricsRegistry()
    let secretStore = MemorySecretStore()
    let vault: SecretVault
    let secrets: SecretService

    static let operatorPrincipal = Principal(id: .hash, permissions: [.shellRead, .shellRun, .shellInput])

    init(
        limits: RunningLimits = RunningLimits(),
        policy: any CommandPolicy = AllowEverything(),
        maximumQueued: Int = 1_000,
        keys: [String] = [],
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in nil }
    ) {
        outputs = MemoryOutputStore()
        runner = FakeCommandRunner(answer: answer)
        let logger = Logger(level: .trace, sink: log, clock: clock)
        vault = SecretVault(
            store: secretStore,
            sealer: FakeSealer(),
            keys: keys.map { Secret(Array($0.utf8)) },
            own: [Secret(Array("the-installation-hash".utf8))],
            logger: logger
        )
        secrets = SecretService(
            store: secretStore,
            sealer: FakeSealer(),
            audit: audit,
            clock: clock,
            vault: vault
        )
        scheduler = TicketScheduler(
            store: store,
            runner: runner,
            hub: hub,
            limits: limits,
            defaults: RunLimits(),
            clock: clock,
            logger: logger,
            metrics: metrics,
            secrets: vault
        )
        tickets = TicketService(
            store: store,
            runner: runner,
            scheduler: scheduler,
            outputs: outputs,
            audit: audit,
            policy: policy,
            hub: hub,
            cryptography: FakeCryptography(),
            clock: clock,
            maximumQueued: maximumQueued,
            secrets: vault
        )
    }

    var reconciler: Reconciler {
        Reconciler(
            store: store,
            runner: runner,
            scheduler: scheduler,
            logger: Logger(level: .trace, sink: log, clock: clock),
            clock: clock
        )
    }

    /// Runs the scheduler for as long as `body` takes.
    func running(_ body: () async throws -> Void) async throws {
        try await withServices([scheduler], body)
    }

    @discardableResult
    func submit(
        _ command: String,
        to session: String = "s",
        key: String? = nil,
        window: Duration? = nil,
        waiting wait: Duration = .zero,
        configure: (inout TicketOptions) -> Void = { _ in }
    ) async throws -> AppendedTicket {
        var submission = Submission(target: .named(try SessionName(session)), command: command, origin: .api)
        submission.key = try key.map { text throws(Failure) in try IdempotencyKey(text) }
        submission.repeatWindow = window
        configure(&submission.options)
        return try await tickets.submit(submission, as: Self.operatorPrincipal, waiting: wait)
    }

    func state(_ id: TicketID) async throws -> TicketState {
        try await tickets.ticket(id, as: Self.operatorPrincipal).state
    }

    func makeSession(_ name: String, _ mode: SessionMode) async throws -> Session {
        try await tickets.createSession(
            name: try SessionName(name),
            configure: { $0.mode = mode },
            as: Self.operatorPrincipal
        )
    }

    /// Waits until the runner was asked for this many runs.
    func started(_ count: Int) async throws {
        try await eventually("\(count) runs started, are \(runner.started.count)") {
            runner.started.count >= count
        }
    }

    func until(_ id: TicketID, is state: TicketState) async throws {
        try await eventually("ticket \(id.number) becomes \(state.word)") {
            try await self.state(id) == state
        }
    }
}
