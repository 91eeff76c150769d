public import Core
public import Domain

/// Decides when tickets run, starts their runners, and stores how they ended.
///
/// The queue is a pure state machine; this actor feeds it and performs what it says. Nothing here is the truth: after
/// a crash, ``Reconciler`` builds the same state again from the store and the runners' journals.
public actor TicketScheduler: Service {
    private let store: any TicketStore
    private let runner: any CommandRunner
    private let hub: TicketHub
    private let defaults: RunLimits
    private let clock: any WallClock
    private let logger: Logger
    private let metrics: TicketMetrics
    private let gate: ApprovalGate?
    private let secrets: SecretVault?

    private var queue: TicketQueue
    private var plans: [TicketID: RunPlan] = [:]
    private var launching: Set<TicketID> = []
    private var endRequested: Set<TicketID> = []
    /// Tickets that were stored as starting, for which no runner was asked yet.
    private var begun: [TicketID] = []
    private var isAtWork = false
    private let limits: RunningLimits
    /// Tickets that a person let run; they are judged again before they start.
    private var approved: Set<TicketID> = []

    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Makes a scheduler; it starts nothing until it is run.
    public init(
        store: any TicketStore,
        runner: any CommandRunner,
        hub: TicketHub,
        limits: RunningLimits,
        defaults: RunLimits,
        clock: any WallClock,
        logger: Logger,
        metrics: MetricsRegistry,
        gate: ApprovalGate? = nil,
        secrets: SecretVault? = nil
    ) {
        self.store = store
        self.runner = runner
        self.hub = hub
        self.defaults = defaults
        self.clock = clock
        self.logger = logger
        self.metrics = TicketMetrics(metrics)
        self.gate = gate
        self.secrets = secrets
        self.limits = limits
        queue = TicketQueue(limits: limits)
        (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        isAtWork = true
        defer { isAtWork = false }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.consumeEvents() }
            wake.yield()
            for await _ in wakeups {
                for id in takeBegun() { group.addTask { await self.launch(id) } }
                for id in await takeAndMark() { group.addTask { await self.launch(id) } }
            }
            group.cancelAll()
        }
    }

    // MARK: Inputs

    /// Holds a free place for a ticket that is about to be stored, if nobody waits for one; it is taken or given back by
    /// ``enqueue(_:in:holdingPlace:)`` or ``giveBack(placeOf:)``.
    func offerPlace(to principal: PrincipalID) -> OfferedPlace? {
        guard isAtWork, queue.reserve(for: principal) else { return nil }
        return OfferedPlace(bootID: runner.bootID, perSession: limits.perSession)
    }

    /// Gives back a place that was held for nothing.
    func giveBack(placeOf principal: PrincipalID) {
        queue.giveBack(placeOf: principal)
        wake.yield()
    }

    /// Takes in a stored ticket that is to run in its turn, or at once if it was stored as starting.
    func enqueue(_ ticket: Ticket, in session: Session, holdingPlace: Bool = false) {
        if holdingPlace { queue.giveBack(placeOf: ticket.submittedBy) }
        if ticket.state == .starting {
            queue.occupy(ticket.id, mode: session.mode, principal: ticket.submittedBy)
            plans[ticket.id] = RunPlan(ticket: ticket, session: session)
            launching.insert(ticket.id)
            begun.append(ticket.id)
            metrics.running.set(queue.runningCount)
            wake.yield()
            return
        }
        let plan = RunPlan(ticket: ticket, session: session)
        if plan.isSmall { plans[ticket.id] = plan }
        queue.enqueue(
            ticket.id,
            mode: session.mode,
            principal: ticket.submittedBy,
            awaitsApproval: ticket.state == .awaitingApproval
        )
        metrics.queued.set(queue.waitingCount)
        wake.yield()
    }

    /// Lets a ticket run in its turn, which a person has approved; the approval is stored already.
    func approve(_ id: TicketID) {
        approved.insert(id)
        queue.approve(id)
        hub.changed(id)
        wake.yield()
    }

    /// Finds out after a restart which tickets were approved.
    func recallApprovals() async throws {
        if let gate { approved.formUnion(try await gate.approvedTickets()) }
    }

    /// Takes in a ticket whose runner was found at work after a restart.
    func adopt(_ ticket: Ticket, in session: Session, started: Timestamp?) {
        queue.occupy(ticket.id, mode: session.mode, principal: ticket.submittedBy)
        hub.started(ticket.id, at: started)
        metrics.running.set(queue.runningCount)
    }

    /// Starts a runner for a ticket that was marked as starting before a restart and never claimed.
    func relaunch(_ ticket: Ticket, in session: Session) async {
        queue.occupy(ticket.id, mode: session.mode, principal: ticket.submittedBy)
        plans[ticket.id] = RunPlan(ticket: ticket, session: session)
        await launch(ticket.id)
    }

    /// Acts on a cancellation that is already stored.
    func cancelled(_ ticket: Ticket) async {
        if ticket.state.isTerminal {
            if queue.remove(ticket.id) {
                plans[ticket.id] = nil
                metrics.queued.set(queue.waitingCount)
                wake.yield()
            }
            hub.ended(ticket)
            return
        }
        // One that is not known yet is on its way from the store.
        guard !launching.contains(ticket.id), queue.isRunning(ticket.id) else {
            endRequested.insert(ticket.id)
            return
        }
        await end(ticket.id)
    }

    // MARK: Starting

    private func takeBegun() -> [TicketID] {
        defer { begun = [] }
        if !begun.isEmpty { FaultPoint.afterMarkStarting.reach() }
        return begun
    }

    /// Takes what may run now and records it as starting, in one commit.
    private func takeAndMark() async -> [TicketID] {
        let ready = queue.takeReady()
        guard !ready.isEmpty else { return [] }
        launching.formUnion(ready)
        guard let marked = await mark(ready) else { return [] }
        for id in ready where !marked.contains(id) { release(id) }
        FaultPoint.afterMarkStarting.reach()
        metrics.queued.set(queue.waitingCount)
        metrics.running.set(queue.runningCount)
        return ready.filter(marked.contains)
    }

    /// Marks tickets as starting, trying until it is stored; nil when the server ends.
    private func mark(_ ready: [TicketID]) async -> Set<TicketID>? {
        var delay = Duration.milliseconds(100)
        var hasFailed = false
        while !Task.isCancelled {
            do {
                var marked = try await store.markStarting(ready, bootID: runner.bootID, at: clock.now())
                // A commit that was reported as failed may have happened: those tickets are ours to start.
                for id in ready where hasFailed && !marked.contains(id) {
                    if try await store.ticket(id)?.state == .starting { marked.insert(id) }
                }
                return marked
            } catch is CancellationError {
                return nil
            } catch {
                logger.error(
                    "tickets cannot be marked as starting; trying again",
                    .init("error", LogValue.error(error))
                )
                hasFailed = true
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
        return nil
    }

    private func launch(_ id: TicketID) async {
        launching.insert(id)
        hub.began(id)
        do {
            guard let plan = try await plan(for: id) else {
                launching.remove(id)
                return await finish(
                    id,
                    RunOutcome.neverRan(.failed(reason: "Its record is gone."), at: clock.now())
                )
            }
            plans[id] = nil
            let isApproved = approved.contains(id)
            let carrying = gate?.carrying(plan.ticket, isApproved: isApproved) ?? .harmless
            guard try await passes(plan) else { return }
            var request = plan.request(defaults: defaults, carrying: carrying)
            request.isReadOnly =
                await gate?.isReadOnly(plan.ticket, in: plan.session, isApproved: isApproved) ?? false
            if let secrets {
                request.secrets = try secrets.values(of: plan.ticket.options.secrets)
                request.mask = secrets.mask
            }
            try await runner.start(request)
            FaultPoint.afterSpawn.reach()
        } catch is CancellationError {
            return  // The server ends; the next start goes on from the store.
        } catch {
            let reason = (error as? Failure)?.message ?? "The runner could not be started."
            logger.error("runner cannot be started", .init("error", LogValue.error(error)))
            launching.remove(id)
            return await finish(id, RunOutcome.neverRan(.failed(reason: reason), at: clock.now()))
        }
        launching.remove(id)
        hub.changed(id)
        if endRequested.remove(id) != nil { await end(id) }
    }

    /// Judges an approved ticket again; false when it was voided, and is over.
    private func passes(_ plan: RunPlan) async throws -> Bool {
        let id = plan.ticket.id
        guard let gate, approved.remove(id) != nil else { return true }
        var delay = Duration.milliseconds(100)
        while true {
            try Task.checkCancellation()
            do {
                switch try await gate.judge(plan.ticket, in: plan.session) {
                case .start: return true
                case .voided(let ticket):
                    release(id)
                    endRequested.remove(id)
                    report(ticket)
                case .refused(let reason):
                    launching.remove(id)
                    await finish(id, RunOutcome.neverRan(.denied(reason: reason), at: clock.now()))
                }
                return false
            } catch {
                logger.error(
                    "an approved ticket cannot be judged; trying again",
                    .init("error", LogValue.error(error))
                )
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
    }

    /// What is needed to start a ticket, trying until the store answers; nil when its record is gone.
    private func plan(for id: TicketID) async throws -> RunPlan? {
        if let plan = plans[id] { return plan }
        var delay = Duration.milliseconds(100)
        while true {
            try Task.checkCancellation()
            do {
                guard let ticket = try await store.ticket(id),
                    let session = try await store.session(id.session)
                else { return nil }
                return RunPlan(ticket: ticket, session: session)
            } catch {
                logger.error("a ticket cannot be read; trying again", .init("error", LogValue.error(error)))
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
    }

    private func end(_ id: TicketID) async {
        do { try await runner.end(id) } catch {
            logger.warning("ticket cannot be ended", .init("error", LogValue.error(error)))
        }
    }

    // MARK: Ending

    private func consumeEvents() async {
        await withDiscardingTaskGroup { group in
            for await event in runner.events {
                switch event {
                case .started(let id, let time): hub.started(id, at: time)
                case .finished(let id, let outcome): group.addTask { await self.finish(id, outcome) }
                }
            }
        }
    }

    private func release(_ id: TicketID) {
        launching.remove(id)
        approved.remove(id)
        plans[id] = nil
        queue.finished(id)
        metrics.running.set(queue.runningCount)
        wake.yield()
    }

    /// Frees the place and stores the end; tries until it is stored, because the caller must not be told before.
    func finish(_ id: TicketID, _ outcome: RunOutcome) async {
        release(id)
        endRequested.remove(id)
        FaultPoint.beforeFinish.reach()
        var delay = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                let stored = try await store.finish(
                    id,
                    as: outcome.state,
                    run: outcome.facts,
                    inlineOutput: outcome.inlineOutput,
                    at: clock.now()
                )
                FaultPoint.afterFinish.reach()
                runner.settled(id)
                endRequested.remove(id)
                guard let stored else { return }
                report(stored)
                if stored.options.input == .open { await gate?.ended(stored) }
                return
            } catch {
                logger.error(
                    "the end of a ticket cannot be stored; trying again",
                    .init("error", LogValue.error(error))
                )
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
    }

    private func report(_ ticket: Ticket) {
        hub.ended(ticket)
        metrics.count(ticket)
        logger.info(
            "ticket ended",
            .init("session.id", ticket.id.session.rawValue),
            .init("ticket.number", ticket.id.number),
            .init("ticket.state", LogValue.untrusted(ticket.state.word)),
            .init("ticket.wall", ticket.run?.wallTime ?? .zero),
            .init("ticket.output", ticket.run?.outputBytes ?? 0)
        )
    }

    /// Whether nothing waits and nothing runs.
    public var isIdle: Bool { queue.waitingCount == 0 && queue.runningCount == 0 }

    /// How many tickets wait and run.
    public var load: (waiting: Int, running: Int) { (queue.waitingCount, queue.runningCount) }
}

extension RunOutcome {
    /// The outcome of a ticket whose command was never started.
    static func neverRan(_ state: TicketState, at time: Timestamp) -> RunOutcome {
        RunOutcome(state: state, facts: RunFacts(started: nil, finished: time), inlineOutput: nil)
    }
}
