public import Core
internal import Domain
internal import Synchronization

/// Works on turns, many at a time, whether anybody looks on or not; and takes up those that an earlier server left.
public final class TurnEngine: Service {
    /// A turn to be worked on.
    struct Job: Sendable {
        let turn: Turn
        let draft: TurnDraft
        let event: ChatEvent
        let needsTitle: Bool
    }

    private struct State {
        var working: [TurnID: TurnControl] = [:]
        var admitted = 0
    }
    private let services: TurnServices
    private let machineRestarted: Bool
    private let state = Mutex(State())
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation

    /// Makes an engine; it works once it is run.
    ///
    /// After a restart of the machine deltas may be lost, so that numbers go on above all that were set aside.
    public init(services: TurnServices, machineRestarted: Bool) {
        self.services = services
        self.machineRestarted = machineRestarted
        // Bounded by the number of turns that are let in.
        (jobs, queue) = AsyncStream.makeStream(of: Job.self)
    }

    /// Works until its task is cancelled; turns under way are taken up by the next server then.
    public func run() async throws {
        let left = try await services.chats.workingTurns()
        await withDiscardingTaskGroup { group in
            for turn in left {
                guard let control = adopt(turn) else { continue }
                group.addTask { await self.workAgain(on: turn, control) }
            }
            for await job in jobs {
                guard let control = state.withLock({ $0.working[job.turn.id] }) else { continue }
                group.addTask { await self.work(on: job, control) }
            }
            group.cancelAll()
        }
    }

    // MARK: For the service

    /// Takes a place for a turn that is about to be begun; `too_many_turns` when there is none.
    func admit() throws(Failure) {
        let isAdmitted = state.withLock { state in
            guard state.admitted < services.settings.maximumWorkingTurns else { return false }
            state.admitted += 1
            return true
        }
        guard isAdmitted else {
            throw Failure(
                .rateLimited,
                code: "too_many_turns",
                message: "The assistant works on as many turns as it may.",
                hint: "Try again when one of them is over.",
                retryAfter: .seconds(5)
            )
        }
    }

    /// Gives an unused place back.
    func dismiss() { state.withLock { $0.admitted -= 1 } }

    /// Begins to work on a turn that was stored, for which a place was taken.
    ///
    /// A turn that was begun while the engine looked for those of an earlier server may be at work already.
    func start(_ job: Job) {
        let isNew = state.withLock { state in
            if state.working[job.turn.id] == nil {
                state.working[job.turn.id] = TurnControl()
                return true
            }
            state.admitted -= 1
            return false
        }
        guard isNew else { return }
        services.hub.open(job.turn.chat, for: job.turn.id, after: job.event.number - 1)
        services.hub.publish([job.event], in: job.turn.chat)
        queue.yield(job)
    }

    /// Asks to end a turn; false when it does not work here.
    func cancel(_ turn: TurnID) -> Bool {
        guard let control = state.withLock({ $0.working[turn] }) else { return false }
        control.cancel()
        return true
    }

    /// How many turns work now.
    public var workingCount: Int { state.withLock { $0.working.count } }

    // MARK: Work

    /// Takes a turn of an earlier server in; nil when it is one of this server, begun a moment ago.
    private func adopt(_ turn: Turn) -> TurnControl? {
        state.withLock { state in
            guard state.working[turn.id] == nil else { return nil }
            let control = TurnControl()
            state.working[turn.id] = control
            state.admitted += 1
            return control
        }
    }

    private func work(on job: Job, _ control: TurnControl) async {
        let machine = TurnMachine(
            job.draft,
            at: job.event.time,
            limits: services.settings.limits,
            price: services.settings.prices[job.turn.model]
        )
        let journal = journal(job.turn, after: job.event.number, reserved: job.event.number)
        await attend(job.turn) { [self] in
            try await runner(job.turn, job.draft, control, journal, needsTitle: job.needsTitle).run(machine)
        } again: { [self] in
            try await takeUp(job.turn, control)
        }
        await services.providers.provider(job.turn.model.provider)?.turnEnded(job.turn.id)
    }

    private func workAgain(on turn: Turn, _ control: TurnControl) async {
        await attend(turn) { [self] in
            try await takeUp(turn, control)
        } again: { [self] in
            try await takeUp(turn, control)
        }
        await services.providers.provider(turn.model.provider)?.turnEnded(turn.id)
    }

    /// Works until the turn is over or the server goes down; what this server could not do (a full disk) is tried again
    /// from the recorded facts.
    private func attend(
        _ turn: Turn,
        _ first: () async throws -> Void,
        again: () async throws -> Void
    ) async {
        defer { leave(turn) }
        var pause = Duration.seconds(1)
        var isFirst = true
        while !Task.isCancelled {
            do {
                if isFirst { try await first() } else { try await again() }
                return
            } catch is CancellationError { return } catch {
                services.logger.error(
                    "turn cannot go on now",
                    .init("turn", turn.id.rawValue),
                    .init("error", LogValue.untrusted(String(describing: error)))
                )
            }
            isFirst = false
            do { try await Task.sleep(for: pause) } catch { return }
            pause = min(pause * 2, .seconds(30))
        }
    }

    /// Goes on with a turn from its recorded facts.
    private func takeUp(_ turn: Turn, _ control: TurnControl) async throws {
        let events = try await services.chats.events(of: turn.id, owner: turn.owner)
        guard let first = events.first, let last = events.last,
            case .turnStarted(let draft) = try first.body()
        else { throw ChatEventError(description: "turn \(turn.id.rawValue) has no beginning") }
        var machine = TurnMachine(
            draft,
            at: first.time,
            limits: services.settings.limits,
            price: services.settings.prices[turn.model]
        )
        for event in events.dropFirst() { machine.apply(try event.body(), at: event.time) }
        let reserved = try await services.chats.reservedNumber(of: turn.chat)
        let lastDelta = try await services.deltas.lastNumber(of: turn.chat)
        let number = max(last.number, lastDelta, machineRestarted ? reserved : 0)
        services.hub.open(turn.chat, for: turn.id, after: number)
        let journal = journal(turn, after: number, reserved: reserved)
        if let call = machine.openCall {
            let fact = ChatEventBody.modelInterrupted(
                call: call,
                text: try await text(of: call, in: turn),
                failure: nil
            )
            let change = TurnChange(state: .working, reason: nil, usage: machine.usage)
            machine.apply(fact, at: try await journal.record([fact], change))
        }
        let chat = try await services.chats.chat(turn.chat, owner: turn.owner)
        try await runner(turn, draft, control, journal, needsTitle: chat?.title == nil).run(machine)
    }

    private func runner(
        _ turn: Turn,
        _ draft: TurnDraft,
        _ control: TurnControl,
        _ journal: TurnJournal,
        needsTitle: Bool
    ) -> TurnRunner {
        TurnRunner(
            services: services,
            turn: turn,
            draft: draft,
            control: control,
            journal: journal,
            needsTitle: needsTitle
        )
    }

    private func leave(_ turn: Turn) {
        state.withLock { state in
            if state.working.removeValue(forKey: turn.id) != nil { state.admitted -= 1 }
        }
        services.hub.close(turn.chat, for: turn.id)
    }

    private func text(of call: Int, in turn: Turn) async throws -> String {
        var text = ""
        for event in try await services.deltas.events(of: turn.id, in: turn.chat) where event.kind == .text {
            if case .text(call, let more) = try event.body() { text += more }
        }
        return text
    }

    private func journal(_ turn: Turn, after last: Int64, reserved: Int64) -> TurnJournal {
        TurnJournal(
            turn: turn,
            after: last,
            reserved: reserved,
            store: services.chats,
            deltas: services.deltas,
            hub: services.hub,
            clock: services.clock
        )
    }
}
