public import Core
internal import Domain
internal import Synchronization

/// Works on turns, many at a time, whether anybody looks on or not; and takes up those that an earlier server left.
public final class TurnEngine: Service {
    /// A turn to be worked on.
    struct Job: Sendable {
        let chat: Chat
        let turn: Turn
        let draft: TurnDraft
        let event: ChatEvent
    }

    private struct State {
        var working: [TurnID: TurnControl] = [:]
        /// What `run` took up at its beginning, also when it is over.
        var adopted: Set<TurnID> = []
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
        let untitled = services.settings.titles == .model ? try await services.chats.untitledChats() : []
        await withDiscardingTaskGroup { group in
            // One after the other: there is no hurry.
            group.addTask { for chat in untitled { await self.titler.work(on: chat) } }
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
    /// A turn that was begun while the engine looked for those of an earlier server may be at work already, or over.
    func start(_ job: Job) {
        let isNew = state.withLock { state in
            guard !state.adopted.contains(job.turn.id) else {
                state.admitted -= 1
                return false
            }
            state.working[job.turn.id] = TurnControl(chat: job.turn.chat)
            return true
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

    /// Changes a chat, and tells those who follow of a new title; nil when there is no such chat.
    func change(_ id: ChatID, owner: PrincipalID, _ change: ChatChange) async throws -> Chat? {
        let chats = services.chats
        var changed: ChangedChat?
        // A turn that was just over takes nothing in: then the store tells it. Turns do not follow that fast.
        for _ in 0..<4 {
            let floor = max(
                try await services.deltas.lastNumber(of: id),
                try await chats.reservedNumber(of: id)
            )
            let now = services.clock.now()
            changed = try await chats.change(id, owner: owner, change, above: floor, at: now)
            guard let changed, changed.hasNewTitle, let title = change.title else { break }
            if changed.event != nil {
                services.hub.changed(id)
                break
            }
            let control = state.withLock { $0.working.values.first { $0.chat == id } }
            if control?.tell(.chatTitled(title)) == true { break }
        }
        return changed?.chat
    }

    /// A chat is gone.
    func forget(_ chat: ChatID) { services.earlier.remove(chat) }

    /// How many turns work now.
    public var workingCount: Int { state.withLock { $0.working.count } }

    // MARK: Work

    /// Takes a turn of an earlier server in; nil when it is one of this server, begun a moment ago.
    private func adopt(_ turn: Turn) -> TurnControl? {
        state.withLock { state in
            guard state.working[turn.id] == nil else { return nil }
            let control = TurnControl(chat: turn.chat)
            state.working[turn.id] = control
            state.adopted.insert(turn.id)
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
        let number = job.event.number
        let journal = journal(job.turn, after: number, reserved: number, job.event.contextBytes)
        await whileSessionLasts(job.turn, control) { [self] in
            await attend(job.turn) {
                try await heed(job.turn, control)
                try await runner(job.chat, job.turn, job.draft, control, journal).run(machine)
            } again: {
                try await takeUp(job.turn, control)
            }
        }
        await ended(job.turn)
        // Whether a title is wanted is asked of the store only where it can be.
        if job.chat.titleState == nil || job.chat.titleState == .firstLine { await entitle(job.turn) }
    }

    private func entitle(_ turn: Turn) async {
        await titler.work(on: UntitledChat(chat: turn.chat, owner: turn.owner, turn: turn.id))
    }

    private var titler: ChatTitler {
        ChatTitler(services: services) { [self] untitled, title in
            let change = ChatChange(title: title, isModelTitle: true)
            _ = try await self.change(untitled.chat, owner: untitled.owner, change)
        }
    }

    private func workAgain(on turn: Turn, _ control: TurnControl) async {
        let adoption = Adoption()
        await whileSessionLasts(turn, control) { [self] in
            await attend(turn) {
                try await takeUp(turn, control, adoption)
            } again: {
                try await takeUp(turn, control, adoption)
            }
        }
        await ended(turn)
        await entitle(turn)
    }

    /// Does work on a turn, which is asked to end when the session ends in which a user asked for it.
    private func whileSessionLasts(
        _ turn: Turn,
        _ control: TurnControl,
        _ work: @escaping @Sendable () async -> Void
    ) async {
        guard let session = turn.session, let sessions = services.sessions else { return await work() }
        await withDiscardingTaskGroup { group in
            group.addTask { if await sessions.waitForEnd(of: session) { control.cancel() } }
            await work()
            group.cancelAll()
        }
    }

    /// Nobody works on a turn here any more: it is over, or the next server goes on with it.
    private func ended(_ turn: Turn) async {
        await services.providers.provider(turn.model.provider)?.turnEnded(turn.id)
        do { try await services.tools.turnEnded(turn.id) } catch is CancellationError {
            // The next server closes what is open.
        } catch {
            services.logger.warning(
                "what a turn left open cannot be closed",
                .init("turn", turn.id.rawValue),
                .init("error", LogValue.error(error))
            )
        }
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

    /// A wish to end the turn may have been stored before anybody worked on it here.
    private func heed(_ turn: Turn, _ control: TurnControl) async throws {
        let stored = try await services.chats.turn(turn.id, owner: turn.owner)
        if stored?.isCancelWanted == true { control.cancel() }
    }

    /// That a turn is one of an earlier server, which is recorded once.
    private final class Adoption: Sendable {
        private let recorded = Mutex(false)
        var isRecorded: Bool { recorded.withLock { $0 } }
        func record() { recorded.withLock { $0 = true } }
    }

    /// Goes on with a turn from its recorded facts.
    private func takeUp(_ turn: Turn, _ control: TurnControl, _ adoption: Adoption? = nil) async throws {
        try await heed(turn, control)
        let events = try await services.chats.events(of: turn.id, owner: turn.owner)
        guard let chat = try await services.chats.chat(turn.chat, owner: turn.owner),
            let first = events.first, let last = events.last,
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
        let bytes = events.reduce(0) { $0 + $1.contextBytes }
        let journal = journal(turn, after: number, reserved: reserved, bytes)
        var facts: [ChatEventBody] = []
        let isOver = machine.next(at: services.clock.now()) == .nothing
        if let adoption, !adoption.isRecorded, !isOver { facts.append(.turnResumed) }
        if let call = machine.openCall {
            facts.append(
                .modelInterrupted(call: call, text: try await text(of: call, in: turn), failure: nil)
            )
        }
        if !facts.isEmpty {
            let change = TurnChange(state: .working, reason: nil, usage: machine.usage)
            let now = try await journal.record(facts, change)
            for fact in facts { machine.apply(fact, at: now) }
            adoption?.record()
        }
        let runner = runner(chat, turn, draft, control, journal)
        if adoption != nil, draft.endsWithCaller, !control.isCancelled {
            try await runner.endWithCaller(machine)
        } else {
            try await runner.run(machine)
        }
    }

    private func runner(
        _ chat: Chat,
        _ turn: Turn,
        _ draft: TurnDraft,
        _ control: TurnControl,
        _ journal: TurnJournal
    ) -> TurnRunner {
        TurnRunner(
            services: services,
            chat: chat,
            turn: turn,
            draft: draft,
            control: control,
            journal: journal
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

    private func journal(_ turn: Turn, after last: Int64, reserved: Int64, _ contextBytes: Int) -> TurnJournal
    {
        TurnJournal(
            turn: turn,
            after: last,
            reserved: reserved,
            contextBytes: contextBytes,
            store: services.chats,
            deltas: services.deltas,
            hub: services.hub,
            clock: services.clock
        )
    }
}
