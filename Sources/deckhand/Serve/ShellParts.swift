internal import Application
internal import CLinux
internal import Core
internal import Domain
internal import Processes
internal import Storage

/// Tickets and the decisions about them, put together.
struct ShellParts: Sendable {
    let tickets: TicketService
    let outputs: OutputService
    let hub: TicketHub
    let scheduler: TicketScheduler
    let approvals: ApprovalService
    let reconciler: Reconciler
    let pruner: TicketPruner

    /// Puts them together; nothing works yet.
    init(
        _ configuration: Configuration,
        stores: Stores,
        processes: Processes,
        secrets: SecretVault,
        policy: RulePolicy,
        announcer: ApprovalAnnouncer?,
        cryptography: any Cryptography,
        metrics: MetricsRegistry,
        logger: Logger
    ) async throws {
        let clock = SystemWallClock()
        let user = try await DedicatedThread(name: "user").run {
            try RunAs.lookUp(configuration.execution.runAs)
        }
        let composer = ApprovalComposer(
            policy: policy,
            scripts: makeScriptFiles(),
            suggestions: policy,
            cryptography: cryptography,
            settings: ApprovalSettings(host: Self.hostName, user: user.name, home: user.home)
        )
        let journal = ApprovalJournal(
            hub: ApprovalHub(),
            audit: stores.audit,
            announcer: announcer,
            logger: logger
        )
        hub = TicketHub()
        scheduler = TicketScheduler(
            store: stores.tickets,
            runner: processes.runner,
            hub: hub,
            limits: configuration.scheduling.running,
            defaults: configuration.execution.limits,
            clock: clock,
            logger: logger,
            metrics: metrics,
            gate: ApprovalGate(
                store: stores.approvals,
                composer: composer,
                journal: journal,
                clock: clock,
                logger: logger
            ),
            secrets: secrets
        )
        approvals = ApprovalService(
            store: stores.approvals,
            proposals: stores.proposals,
            tickets: stores.tickets,
            runner: processes.runner,
            scheduler: scheduler,
            composer: composer,
            journal: journal,
            clock: clock,
            logger: logger
        )
        outputs = OutputService(outputs: processes.outputs)
        tickets = TicketService(
            store: stores.tickets,
            runner: processes.runner,
            scheduler: scheduler,
            outputs: processes.outputs,
            audit: stores.audit,
            policy: policy,
            hub: hub,
            cryptography: cryptography,
            clock: clock,
            maximumQueued: configuration.scheduling.queue,
            approvals: approvals,
            secrets: secrets
        )
        reconciler = Reconciler(
            store: stores.tickets,
            runner: processes.runner,
            scheduler: scheduler,
            logger: logger,
            clock: clock
        )
        pruner = TicketPruner(
            store: stores.tickets,
            outputs: processes.outputs,
            finished: hub.finished,
            clock: clock,
            logger: logger,
            keepFor: configuration.retention.age,
            keepBytes: configuration.retention.bytes
        )
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "this machine" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
