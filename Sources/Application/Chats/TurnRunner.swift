internal import Core
internal import Domain
internal import Synchronization

/// Works on one turn until it is over: asks the state machine what is next, records it, does it, records what came of it.
///
/// When its task is cancelled the server goes down: it leaves everything as recorded, to be taken up by the next server.
/// When its control is cancelled a person wants it to end: what the work left is recorded, and what it started is ended.
struct TurnRunner: Sendable {
    private static let contextAttempts = 3

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
            if control.isCancelled { return try await cancelled(&machine, []) }
            switch machine.next(at: services.clock.now()) {
            case .callModel(let call): try await callModel(call, &machine, &context)
            case .runTool(let step): try await carryOut(step, &machine)
            case .finish(let state, let failure):
                try await record([.turnFinished(state, usage: machine.usage, failure: failure)], &machine)
            case .nothing: return
            }
        }
    }

    /// What came before this turn, once it is loaded.
    private struct Context: Sendable {
        var earlier: [ModelItem]?
        var leftOut = 0
        var maximumBytes: Int?
        var attempts = 0
    }

    // MARK: The model

    private func callModel(_ call: Int, _ machine: inout TurnMachine, _ context: inout Context) async throws {
        guard let provider = services.providers.provider(turn.model.provider) else {
            return try await fail(Self.providerGone(turn.model), &machine)
        }
        guard let principal = try await services.principals.principal(turn.owner, at: chat.place) else {
            return try await fail(Self.ownerGone, &machine)
        }
        let request = try await request(to: provider, as: principal, machine, &context)
        var facts: [ChatEventBody] = []
        if call == 1, chat.title == nil, let title = Self.title(draft) { facts.append(.chatTitled(title)) }
        if call == 1, context.leftOut > 0 { facts.append(.contextTrimmed(turns: context.leftOut)) }
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
        let answer = collector.answer(known: Self.callIDs(machine.conversation))
        try await record(
            [.modelFinished(call: call, items: answer.items, reason: answer.reason, usage: answer.usage)],
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
            context.maximumBytes = (context.maximumBytes ?? services.settings.contextBytes) / 3
            context.earlier = nil
            failure = nil
        }
        try await record(
            [.modelInterrupted(call: call, text: collector.text, failure: failure)],
            &machine
        )
    }

    private func request(
        to provider: any ModelProvider,
        as principal: Principal,
        _ machine: TurnMachine,
        _ context: inout Context
    ) async throws -> ModelRequest {
        let capabilities = provider.capabilities(of: turn.model.model)
        let window = capabilities.contextWindow * 3
        let maximum = context.maximumBytes ?? min(services.settings.contextBytes, window / 2)
        context.maximumBytes = maximum
        if context.earlier == nil, let history = draft.history {
            context.earlier = history
        } else if context.earlier == nil {
            let found = try await services.chats.context(
                of: turn.chat,
                owner: turn.owner,
                before: turn.id,
                maximumBytes: maximum
            )
            context.earlier = try found.turns.reversed().flatMap(services.earlier.items)
            context.leftOut = found.leftOut
        }
        let tools: [OfferedTool]
        switch draft.options.tools {
        case .none: tools = []
        case .caller(let offered): tools = offered
        case .server:
            tools =
                services.settings.shellIsOn
                ? ShellTools.offered(
                    to: principal,
                    native: capabilities.shellTool,
                    // Typing waits for a person, which a program behind that door does not.
                    typing: draft.options.door != .openai,
                    softLimit: services.settings.softLimit
                ) : []
        }
        let items = Conversation.paired((context.earlier ?? []) + machine.conversation)
        var request = ModelRequest(
            model: turn.model.model,
            instructions: await Instructions.text(
                draft.options,
                services.settings,
                hasTools: !tools.isEmpty
            ),
            items: Conversation.fitted(items, maximumBytes: max(window * 2 / 3, maximum)),
            context: CallContext(
                principal: turn.owner,
                door: draft.options.door,
                turn: turn.id,
                place: chat.place
            )
        )
        request.tools = tools
        request.reasoning = draft.options.reasoning ?? services.settings.reasoning
        request.verbosity = draft.options.verbosity ?? services.settings.verbosity
        request.cacheKey = "chat-\(turn.chat.rawValue)"
        return request
    }

    // MARK: Tools

    private func carryOut(_ step: ToolStep, _ machine: inout TurnMachine) async throws {
        guard let principal = try await services.principals.principal(turn.owner, at: chat.place) else {
            return try await fail(Self.ownerGone, &machine)
        }
        if !step.isRepeated { try await record([.toolStarted(step.id, name: step.call.name)], &machine) }
        let steps = ToolSteps(
            turn: turn,
            tickets: services.tickets,
            outputs: services.outputs,
            principal: principal,
            settings: services.settings,
            cryptography: services.cryptography,
            door: draft.options.door,
            approval: services.approval,
            type: services.type
        )
        let reports = Reports()
        let change = change(machine)
        let known = machine.tickets[step.id]
        let outcome: Result<ToolStepResult, any Error>
        do {
            outcome = .success(
                try await control.perform { [journal] in
                    try await steps.run(step) { ticket in
                        // After a restart the same is said again; that is known already.
                        guard ticket != known else { return }
                        let fact = ChatEventBody.toolTicket(step.id, ticket)
                        reports.add(fact, try await journal.record([fact], change))
                    }
                }
            )
        } catch { outcome = .failure(error) }
        for report in reports.all { machine.apply(report.fact, at: report.time) }
        switch outcome {
        case .success(let result): try await record([.toolFinished(step.id, result)], &machine)
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

    /// What was recorded while a step was carried out.
    private final class Reports: Sendable {
        private let reports = Mutex<[(fact: ChatEventBody, time: Timestamp)]>([])
        var all: [(fact: ChatEventBody, time: Timestamp)] { reports.withLock { $0 } }
        func add(_ fact: ChatEventBody, _ time: Timestamp) { reports.withLock { $0.append((fact, time)) } }
    }

    // MARK: The end

    /// A person ended the turn: all that it started ends with it.
    private func cancelled(_ machine: inout TurnMachine, _ facts: [ChatEventBody]) async throws {
        if let principal = try await services.principals.principal(turn.owner, at: chat.place) {
            for ticket in machine.tickets.values {
                do { _ = try await services.tickets.cancel(ticket.ticket, as: principal) } catch is Failure {
                    // It was removed meanwhile: there is nothing to end.
                }
            }
        }
        let end = ChatEventBody.turnFinished(.cancelled, usage: machine.usage, failure: nil)
        try await record(facts + [end], &machine)
    }

    private func fail(_ failure: Failure, _ machine: inout TurnMachine) async throws {
        try await record([.turnFinished(.failed, usage: machine.usage, failure: failure)], &machine)
    }

    private func record(_ facts: [ChatEventBody], _ machine: inout TurnMachine) async throws {
        var change = change(machine)
        for fact in facts {
            switch fact {
            case .modelFinished(_, _, _, let usage): change.usage = change.usage + usage
            case .chatTitled(let title): change.title = title
            case .turnFinished(let state, _, let failure):
                change.state = state
                change.reason = failure?.code
            default: break
            }
        }
        let time = try await journal.record(facts, change)
        for fact in facts { machine.apply(fact, at: time) }
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

    private static let internalFailure = Failure(
        .internal,
        code: "internal",
        message: "Something went wrong on this server while the model answered.",
        hint: "Try again; if it stays, the operator finds the cause in the server's log."
    )
}
