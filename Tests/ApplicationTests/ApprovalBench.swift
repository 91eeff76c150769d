import Core
import Domain
import SQL
import SQLite
import Storage
import Synchronization
import TestSupport

@testable import Application

/// A policy whose answers a test changes while it goes on.
final class ChangingPolicy: CommandPolicy {
    private struct State {
        var verdicts: [String: PolicyVerdict] = [:]
        var version = "v1"
    }
    private let state = Mutex(State())

    /// Asks for commands that begin with `ask`, denies those that begin with `deny`, unless told otherwise.
    func verdict(on question: PolicyQuestion) async -> PolicyVerdict {
        if let verdict = state.withLock({ $0.verdicts[question.command] }) { return verdict }
        if question.command.hasPrefix("deny") {
            return .deny(reason: "It destroys.", rule: "destroy", hint: "Look first.")
        }
        return question.command.contains("ask")
            ? .ask(reason: "It changes something.", rule: "change") : .allow
    }

    var summary: String { "The test decides." }
    var version: String { get async { state.withLock { $0.version } } }

    func set(_ verdict: PolicyVerdict, for command: String, version: String) {
        state.withLock { state in
            state.verdicts[command] = verdict
            state.version = version
        }
    }
}

/// Files that exist in a test's mind only.
final class ScriptedFiles: ScriptFiles {
    private let files = Mutex<[String: ScriptFile]>([:])

    func file(at path: String, upTo maximumBytes: Int) async -> ScriptFile? { files.withLock { $0[path] } }

    func write(_ text: String?, to path: String, isExecutable: Bool = true) {
        files.withLock {
            $0[path] = ScriptFile(contents: text.map { Array($0.utf8) }, isExecutable: isExecutable)
        }
    }
}

/// Proposes the command itself.
struct LiteralSuggestions: RuleSuggestions {
    func suggestion(for question: PolicyQuestion) async -> String? { "allow: \(question.command)" }
}

/// A receiver of notices that fails as often as it is told.
final class ScriptedNotifier: Notifier {
    private struct State {
        var failures: Int
        var sent: [ApprovalNotice] = []
        var attempts = 0
    }
    private let state: Mutex<State>

    init(failures: Int = 0) { state = Mutex(State(failures: failures)) }

    func send(_ notice: ApprovalNotice) async -> NoticeOutcome {
        state.withLock { state in
            state.attempts += 1
            guard state.failures == 0 else {
                state.failures -= 1
                return .failed("no answer")
            }
            state.sent.append(notice)
            return .delivered
        }
    }

    var sent: [ApprovalNotice] { state.withLock { $0.sent } }
    var attempts: Int { state.withLock { $0.attempts } }
}

/// The use cases over a real database and a runner that starts nothing; can be put together again on the same
/// database, as a server is that was killed.
struct ApprovalBench {
    static let alice = Principal(
        id: PrincipalID("operator:1"),
        permissions: [.shellRead, .shellRun, .approve]
    )
    static let bob = Principal(id: PrincipalID("operator:2"), permissions: [.shellRead, .approve])
    static let model = Principal(id: .hash, permissions: [.shellRead, .shellRun, .shellInput])

    let folder: ScratchFolder
    let database: any FileDatabase
    let stores: Stores
    let clock: ManualClock
    let policy: ChangingPolicy
    let files: ScriptedFiles
    let notifier: ScriptedNotifier
    let settings: ApprovalSettings

    let log = MemoryLogSink()
    let hub = TicketHub()
    let runner: FakeCommandRunner
    let scheduler: TicketScheduler
    let approvals: ApprovalService
    let tickets: TicketService
    let announcer: ApprovalAnnouncer
    let reconciler: Reconciler

    init(
        settings: ApprovalSettings = ApprovalSettings(host: "web1", user: "www", home: "/home/www"),
        limits: RunningLimits = RunningLimits(),
        notifier: ScriptedNotifier = ScriptedNotifier(),
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in nil }
    ) async throws {
        let folder = try ScratchFolder()
        let database = try await openSQLite(
            path: folder.file("deckhand.db"),
            readers: 2,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        self.init(
            folder: folder,
            database: database,
            clock: ManualClock(),
            policy: ChangingPolicy(),
            files: ScriptedFiles(),
            notifier: notifier,
            settings: settings,
            limits: limits,
            answer: answer
        )
    }

    private init(
        folder: ScratchFolder,
        database: any FileDatabase,
        clock: ManualClock,
        policy: ChangingPolicy,
        files: ScriptedFiles,
        notifier: ScriptedNotifier,
        settings: ApprovalSettings,
        limits: RunningLimits,
        answer: @escaping @Sendable (RunRequest) -> RunOutcome?
    ) {
        self.folder = folder
        self.database = database
        self.clock = clock
        self.policy = policy
        self.files = files
        self.notifier = notifier
        self.settings = settings
        stores = makeStores(on: database)
        runner = FakeCommandRunner(answer: answer)
        let logger = Logger(level: .trace, sink: log, clock: clock)
        let cryptography = FakeCryptography()
        let composer = ApprovalComposer(
            policy: policy,
            scripts: files,
            suggestions: LiteralSuggestions(),
            cryptography: cryptography,
            settings: settings
        )
        announcer = ApprovalAnnouncer(
            notifier: notifier,
            link: { "https://h/approve?id=\($0.id)" },
            tellsDetail: false,
            delays: [.milliseconds(1), .milliseconds(1)],
            logger: logger
        )
        let journal = ApprovalJournal(
            hub: ApprovalHub(),
            audit: stores.audit,
            announcer: announcer,
            logger: logger
        )
        scheduler = TicketScheduler(
            store: stores.tickets,
            runner: runner,
            hub: hub,
            limits: limits,
            defaults: RunLimits(),
            clock: clock,
            logger: logger,
            metrics: MetricsRegistry(),
            gate: ApprovalGate(
                store: stores.approvals,
                composer: composer,
                journal: journal,
                clock: clock,
                logger: logger
            )
        )
        approvals = ApprovalService(
            store: stores.approvals,
            proposals: stores.proposals,
            tickets: stores.tickets,
            runner: runner,
            scheduler: scheduler,
            composer: composer,
            journal: journal,
            clock: clock,
            logger: logger
        )
        tickets = TicketService(
            store: stores.tickets,
            runner: runner,
            scheduler: scheduler,
            outputs: MemoryOutputStore(),
            audit: stores.audit,
            policy: policy,
            hub: hub,
            cryptography: cryptography,
            clock: clock,
            maximumQueued: 100,
            approvals: approvals
        )
        reconciler = Reconciler(
            store: stores.tickets,
            runner: runner,
            scheduler: scheduler,
            logger: logger,
            clock: clock
        )
    }

    /// The same installation under a new server.
    func reborn(
        settings: ApprovalSettings? = nil,
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in nil }
    ) -> ApprovalBench {
        ApprovalBench(
            folder: folder,
            database: database,
            clock: clock,
            policy: policy,
            files: files,
            notifier: notifier,
            settings: settings ?? self.settings,
            limits: RunningLimits(),
            answer: answer
        )
    }

    /// Runs the services for as long as `body` takes, after what a server does when it starts.
    func running(_ body: () async throws -> Void) async throws {
        try await approvals.repair()
        _ = try await reconciler.reconcile()
        try await withServices([scheduler, approvals, announcer], body)
    }

    @discardableResult
    func submit(
        _ command: String,
        to session: String = "s",
        origin: TicketOrigin = .assistant,
        configure: (inout Submission) -> Void = { _ in }
    ) async throws -> AppendedTicket {
        var submission = Submission(
            target: .named(try SessionName(session)),
            command: command,
            origin: origin
        )
        configure(&submission)
        return try await tickets.submit(submission, as: Self.model)
    }

    func decide(
        _ approval: Approval,
        _ choice: ApprovalChoice = .approve,
        always: Bool = false,
        as principal: Principal = alice
    ) async throws -> Approval {
        try await approvals.decide(
            approval.id,
            choice,
            digest: approvals.digest(of: approval),
            note: "seen",
            alsoAlways: always,
            as: principal
        )
    }

    func state(_ ticket: Ticket) async throws -> TicketState {
        try await tickets.ticket(ticket.id, as: Self.model).state
    }

    func until(_ ticket: Ticket, is word: String) async throws {
        try await eventually("ticket \(ticket.id.number) becomes \(word)") {
            try await self.state(ticket).word == word
        }
    }

    func started(_ count: Int) async throws {
        try await eventually("\(count) runs started, are \(runner.started.count)") {
            runner.started.count >= count
        }
    }

    /// Actions of the audit log about approvals, oldest first.
    func audited() async throws -> [String] {
        try await stores.audit.entries(limit: 1_000).reversed().map(\.action).filter {
            $0.hasPrefix("approval.")
        }
    }

    func close() async { await database.close() }
}
