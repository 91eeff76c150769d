internal import Core
internal import Domain
internal import Synchronization

/// Works on one turn until it is over: asks the state machine what is next, records it, does it, records what came of it.
///
/// When its task is cancelled the server goes down: it leaves everything as recorded, to be taken up by the next server.
/// When its control is cancelled a person wants it to end: what the work left is recorded, and what it started is ended.
struct TurnRunner: Sendable {
    private static let contextAttempts = 3
    /// About how many bytes of a request make a token.
    private static let tokenBytes = 3

    let services: TurnServices
    let chat: Chat
    let turn: Turn
    let draft: TurnDraft
    let control: TurnControl
    let journal: TurnJournal

    /// Works from where the machine stands.
    func run(_ start: TurnMachine) async throws {
        var machine = start
        var context = Context()
        while true {
            let next = machine.next(at: services.clock.now())
            // What is over cannot be ended once more.
            if control.isCancelled, next != .nothing {
                try await cancelled(&machine, [])
                continue
            }
            switch next {
            case .callModel(let call): try await callModel(call, &machine, &context)
            case .runTool(let step): try await carryOut(step, &machine)
            case .finish(let state, let failure):
                try await record([.turnFinished(state, usage: machine.usage, failure: failure)], &machine)
            case .nothing: return remember(machine, context)
            }
        }
    }

    // MARK: The model

    private func callModel(_ call: Int, _ machine: inout TurnMachine, _ context: inout Context) async throws {
        guard let provider = services.providers.provider(turn.model.provider) else {
            return try await fail(Self.providerGone(turn.model), &machine)
        }
        guard let principal = try await principal() else {
            return try await fail(Self.ownerGone, &machine)
        }
        let window = provider.capabilities(of: turn.model.model).contextWindow * Self.tokenBytes
        do { try await loadEarlier(&context, window: window, &machine) } catch is CancellationError {
            guard control.isCancelled else { throw CancellationError() }
            return try await cancelled(&machine, [])
        }
        let request = try await request(as: principal, machine, &context, window: window)
        var facts: [ChatEventBody] = []
        if call == 1, chat.title == nil, let title = Self.title(draft) { facts.append(.chatTitled(title)) }
        if context.leftOut > context.toldLeftOut {
            facts.append(.contextTrimmed(turns: context.leftOut))
            context.toldLeftOut = context.leftOut
        }
        facts.append(.modelStarted(call: call))
        try await record(facts, &machine)

        let collector = AnswerCollector(call: call)
        let change = change(machine)
        do {
            try await control.perform { [journal] in
                try await provider.respond(to: request) { events in
                    try await journal.post(collector.take(events), change)
                }
            }
        } catch {
            return try await interrupted(call, collector, error, &machine, &context)
        }
        var answer = collector.answer(known: Self.callIDs(machine.conversation))
        let drawn = try await drawn(collector.images, in: call, as: principal)
        answer.items += drawn.remarks
        try await record(
            drawn.facts + [
                .modelFinished(call: call, items: answer.items, reason: answer.reason, usage: answer.usage)
            ],
            &machine
        )
    }

    private func interrupted(
        _ call: Int,
        _ collector: AnswerCollector,
        _ error: any Error,
        _ machine: inout TurnMachine,
        _ context: inout Context
    ) async throws {
        if error is CancellationError {
            guard control.isCancelled else { throw error }
            let fact = ChatEventBody.modelInterrupted(call: call, text: collector.text, failure: nil)
            return try await cancelled(&machine, [fact])
        }
        var failure: Failure? = error as? Failure ?? Self.internalFailure
        if error as? Failure == nil {
            services.logger.error(
                "model call failed",
                .init("error", LogValue.untrusted(String(describing: error)))
            )
        }
        if failure?.code == "context_too_long", context.attempts < Self.contextAttempts {
            // Less of what came before may fit.
            context.attempts += 1
            context.maximumBytes /= 3
            context.fittedBytes = context.sentBytes / 3
            context.isLoaded = false
            failure = nil
        }
        try await record(
            [.modelInterrupted(call: call, text: collector.text, failure: failure)],
            &machine
        )
    }

    private func request(
        as principal: Principal,
        _ machine: TurnMachine,
        _ context: inout Context,
        window: Int
    ) async throws -> ModelRequest {
        let toolContext = toolContext(principal)
        let tools: [OfferedTool]
        switch draft.options.tools {
        case .none: tools = []
        case .caller(let offered): tools = offered
        case .server: tools = try await services.tools.offered(in: toolContext)
        }
        var items = Conversation.paired(context.items + machine.conversation)
        if toolContext.hasNativeShell, !tools.contains(.shell) {
            items = Conversation.withoutNativeShell(items)
        }
        let bound = max(window * 2 / 3, context.maximumBytes)
        items = Conversation.fitted(items, maximumBytes: min(bound, context.fittedBytes ?? bound))
        context.sentBytes = Conversation.size(of: items)
        var request = ModelRequest(
            model: turn.model.model,
            instructions: await Instructions.text(
                draft.options,
                services.settings,
                mayUseShell: services.settings.shellIsOn && principal.permissions.contains(.shellRun),
                hasTools: !tools.isEmpty
            ),
            items: items,
            context: CallContext(
                principal: turn.owner,
                door: draft.options.door,
                turn: turn.id,
                place: chat.place
            )
        )
        if draft.options.tools == .server, let facts = try await services.context?.text(in: toolContext) {
            request.items.insert(ModelItem(.user([.text(facts)])), at: 0)
        }
        request.tools = tools
        request.reasoning = draft.options.reasoning ?? services.settings.reasoning
        request.verbosity = draft.options.verbosity ?? services.settings.verbosity
        request.cacheKey = "chat-\(turn.chat.rawValue)"
        return request
    }

    // MARK: Tools

    private func carryOut(_ step: ToolStep, _ machine: inout TurnMachine) async throws {
        guard let principal = try await principal() else {
            return try await fail(Self.ownerGone, &machine)
        }
        if !step.isRepeated { try await record([.toolStarted(step.id, name: step.call.name)], &machine) }
        let toolContext = toolContext(principal)
        let reports = Reports()
        let change = change(machine)
        let known =
            [
                machine.tickets[step.id].map(ToolReport.ticket),
                machine.objects[step.id].map(ToolReport.object),
            ]
            .compactMap(\.self) + (machine.artifacts[step.id] ?? []).map(ToolReport.artifact)
        let outcome: Result<ToolOutcome, any Error>
        do {
            outcome = .success(
                try await control.perform { [journal, services] in
                    try await services.tools.run(step, in: toolContext) { report in
                        // After a restart the same is said again; that is known already.
                        guard !known.contains(report) else { return }
                        let fact = report.fact(of: step.id)
                        reports.add(fact, try await journal.record([fact], change))
                    }
                }
            )
        } catch { outcome = .failure(error) }
        for report in reports.all { machine.apply(report.fact, at: report.time) }
        switch outcome {
        case .success(let outcome):
            let fact = ChatEventBody.toolFinished(step.id, outcome.result, ticket: outcome.ticket)
            try await record([fact], &machine)
        case .failure(let error):
            if error is CancellationError {
                guard control.isCancelled else { throw error }
                let result = ToolStepResult.text("The person ended this turn.", isError: true)
                return try await cancelled(&machine, [.toolFinished(step.id, result)])
            }
            services.logger.error(
                "tool failed",
                .init("error", LogValue.untrusted(String(describing: error)))
            )
            let text = "This server could not carry it out; the operator finds why in its log."
            try await record([.toolFinished(step.id, .text(text, isError: true))], &machine)
        }
    }

    /// Whoever asked, with what they may do now; nil when they have no access any more.
    private func principal() async throws -> Principal? {
        try await services.principals.principal(turn.owner, at: chat.place, in: turn.session)
    }

    private func toolContext(_ principal: Principal) -> ToolContext {
        let provider = services.providers.provider(turn.model.provider)
        return ToolContext(
            turn: turn,
            principal: principal,
            place: chat.place,
            door: draft.options.door,
            hasNativeShell: provider?.capabilities(of: turn.model.model).shellTool ?? false
        )
    }

    /// What was recorded while a step was carried out.
    private final class Reports: Sendable {
        private let reports = Mutex<[(fact: ChatEventBody, time: Timestamp)]>([])
        var all: [(fact: ChatEventBody, time: Timestamp)] { reports.withLock { $0 } }
        func add(_ fact: ChatEventBody, _ time: Timestamp) { reports.withLock { $0.append((fact, time)) } }
    }

    // MARK: The end

    /// A person ended the turn: all that it started ends with it.
    private func cancelled(_ machine: inout TurnMachine, _ facts: [ChatEventBody]) async throws {
        try await endStarted(machine)
        let end = ChatEventBody.turnFinished(.cancelled, usage: machine.usage, failure: nil)
        try await record(facts + [end], &machine)
    }

    /// Ends a turn of an earlier server whose caller went with that server.
    func endWithCaller(_ start: TurnMachine) async throws {
        var machine = start
        guard machine.next(at: services.clock.now()) != .nothing else { return }
        try await endStarted(machine)
        try await fail(Self.callerGone, &machine)
    }

    /// Ends what the turn started, also what a step could not tell any more when it was cut.
    private func endStarted(_ machine: TurnMachine) async throws {
        guard let principal = try await principal() else {
            return
        }
        let started =
            machine.tickets.values.map(ToolReport.ticket) + machine.objects.values.map(ToolReport.object)
        let open = machine.openStep.flatMap { step in
            machine.tickets[step.id] == nil && machine.objects[step.id] == nil ? step : nil
        }
        try await services.tools.end(started, open, in: toolContext(principal))
    }

    private func fail(_ failure: Failure, _ machine: inout TurnMachine) async throws {
        try await record([.turnFinished(.failed, usage: machine.usage, failure: failure)], &machine)
    }

    func record(_ facts: [ChatEventBody], _ machine: inout TurnMachine) async throws {
        var change = change(machine)
        for fact in facts {
            switch fact {
            case .modelFinished(_, _, _, let usage): change.usage = change.usage + usage
            case .contextSummarised(let summary): change.usage = change.usage + summary.usage
            case .chatTitled(let title): change.title = title
            case .turnFinished(let state, _, let failure):
                change.state = state
                change.reason = failure?.code
                change.wantsTitle = state == .completed && wantsTitle
            default: break
            }
        }
        let notes = control.takeNotes(closing: change.state.isOver)
        let time: Timestamp
        do { time = try await journal.record(notes + facts, change) } catch {
            control.putBack(notes)
            throw error
        }
        for fact in facts { machine.apply(fact, at: time) }
    }

    /// A model is to give the chat a title, unless it has one of a person or a model, or its conversation is kept elsewhere.
    private var wantsTitle: Bool {
        services.settings.titles == .model && draft.options.door == .chat && draft.history == nil
            && (chat.titleState == nil || chat.titleState == .firstLine)
    }

    private func change(_ machine: TurnMachine) -> TurnChange {
        TurnChange(state: .working, reason: nil, usage: machine.usage)
    }

    private static func callIDs(_ items: [ModelItem]) -> Set<String> {
        Set(
            items.compactMap { item in
                if case .toolCall(let call) = item.content { call.id } else { nil }
            }
        )
    }

    /// The first words of the first message.
    static func title(_ draft: TurnDraft) -> String? {
        for case .text(let text) in draft.message {
            let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }
            guard let line else { continue }
            let words = String(line).trimmed
            return words.count <= 60 ? words : String(words.prefix(59)).trimmed + "…"
        }
        return nil
    }

    private static func providerGone(_ model: ModelReference) -> Failure {
        Failure(
            .unavailable,
            code: "provider_not_configured",
            message: "The provider \(model.provider) is not configured any more.",
            hint: "Choose another model, or configure the provider again."
        )
    }

    private static let ownerGone = Failure(
        .forbidden,
        code: "owner_gone",
        message: "Whoever asked for this has no access any more."
    )

    private static let callerGone = Failure(
        .unavailable,
        code: "turn_interrupted",
        message: "The server was restarted, and the connection on which this was asked was lost with it.",
        hint: "Ask again; with a key the answer goes on over a restart."
    )

    private static let internalFailure = Failure(
        .internal,
        code: "internal",
        message: "Something went wrong on this server while the model answered.",
        hint: "Try again; if it stays, the operator finds the cause in the server's log."
    )
}
