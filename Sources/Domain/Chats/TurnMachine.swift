public import Core

/// One step that is to be carried out.
public struct ToolStep: Sendable, Equatable {
    /// Which.
    public let id: ToolStepID
    /// The call that it belongs to.
    public let call: ToolCall
    /// Its start is recorded already: it may have been carried out before, in part or in full.
    public let isRepeated: Bool

    /// Makes a value.
    public init(id: ToolStepID, call: ToolCall, isRepeated: Bool) {
        self.id = id
        self.call = call
        self.isRepeated = isRepeated
    }
}

/// What a turn needs next.
public enum TurnAction: Sendable, Equatable {
    /// Record the start of this call, and make it.
    case callModel(Int)
    /// Record the start of this step unless that is done, and carry it out.
    case runTool(ToolStep)
    /// Record the end.
    case finish(TurnState, Failure?)
    /// Nothing: it is over.
    case nothing
}

/// A turn as a pure state machine: facts go in, and what is to be done next comes out.
///
/// It is rebuilt from its recorded facts after a crash, which is why all it knows comes from them.
public struct TurnMachine: Sendable {
    private let limits: TurnLimits
    private let price: ModelPrice?
    private let tools: ToolSource

    /// What the turn added to the conversation: the person's message, answers, calls and results.
    public private(set) var conversation: [ModelItem] = []
    /// What it consumed.
    public private(set) var usage = TokenUsage()
    /// The model's call that is under way, or was when the server went away.
    public private(set) var openCall: Int?
    /// The ticket of each step that has one.
    public private(set) var tickets: [ToolStepID: StepTicket] = [:]
    /// What else carries out steps.
    public private(set) var objects: [ToolStepID: StepObject] = [:]
    /// The files that each step made.
    public private(set) var artifacts: [ToolStepID: [ArtifactNote]] = [:]

    private let began: Timestamp
    private var calls = 0
    private var steps = 0
    private var failedAttempts = 0
    private var emptyAnswers = 0
    /// The model made a picture in its present answer.
    private var hasDrawn = false
    private var pending: [PendingCall] = []
    private var started: Set<ToolStepID> = []
    private var waitingSince: Timestamp?
    private var waited = Duration.zero
    private var lastFact: Timestamp
    /// While no server worked on it.
    private var away = Duration.zero
    private var lastReason = FinishReason.stop
    private var lastFailure: Failure?
    private var end: TurnState?
    private var loops = LoopDetector()

    private struct PendingCall: Sendable {
        let call: ToolCall
        let stepCount: Int
        var results: [ToolStepResult] = []
        /// The name of each step's ticket; nil where there is none.
        var tickets: [String?] = []
    }

    /// Begins with the fact that started the turn.
    public init(_ draft: TurnDraft, at time: Timestamp, limits: TurnLimits, price: ModelPrice?) {
        self.limits = limits
        self.price = price
        began = time
        lastFact = time
        tools = draft.options.tools
        conversation += draft.results.map { ModelItem(.toolResult($0)) }
        if !draft.message.isEmpty { conversation.append(ModelItem(.user(draft.message))) }
    }

    /// Takes a fact in.
    public mutating func apply(_ event: ChatEventBody, at time: Timestamp) {
        defer { lastFact = max(lastFact, time) }
        switch event {
        case .turnResumed:
            // While a person is waited for, all time is left out as it is.
            if waitingSince == nil { away += max(.zero, time - lastFact) }
        case .contextSummarised(let summary): usage = usage + summary.usage
        case .modelStarted(let call):
            calls = call
            openCall = call
            hasDrawn = false
        case .modelFinished(_, let items, let reason, let used):
            finishedCall(items, reason, used)
        case .modelInterrupted(_, _, let failure):
            openCall = nil
            failedAttempts += 1
            lastFailure = failure
        case .toolStarted(let id, _):
            if started.insert(id).inserted { steps += 1 }
        case .toolTicket(let id, let ticket):
            tickets[id] = ticket
            noteWaiting(ticket.approval != nil && ticket.state == "awaiting_approval", at: time)
        case .toolProgress(let id, let object):
            objects[id] = object
            noteWaiting(object.isWaiting, at: time)
        case .artifactMade(let note, let step):
            if let step { artifacts[step, default: []].append(note) } else { hasDrawn = true }
        case .toolFinished(let id, let result, let ticket):
            noteWaiting(false, at: time)
            // A step that looks at the ticket of another one which still runs waits for it: nothing new is no circle.
            finishedStep(
                id,
                result,
                (ticket ?? tickets[id]).map { "\($0.session)/\($0.ticket.number)" },
                isWait: tickets[id] == nil && ticket?.isOver == false
            )
        case .turnFinished(let state, _, _):
            end = state
        case .turnStarted, .contextTrimmed, .chatTitled, .text, .reasoning, .toolBegan, .toolArguments: break
        }
    }

    /// What is to be done next; asked again after each fact.
    public func next(at now: Timestamp) -> TurnAction {
        if end != nil { return .nothing }
        if let failure = stop(at: now) { return .finish(.stopped, failure) }
        if let step = nextStep { return .runTool(step) }
        if calls == 0 || hasNewResults { return .callModel(calls + 1) }
        if failedAttempts > 0 {
            if let failure = lastFailure { return .finish(.failed, failure) }
            // The server went away in the middle of a call: the call is made again from the last complete step.
            return .callModel(calls + 1)
        }
        if emptyAnswers == 1 { return .callModel(calls + 1) }
        if emptyAnswers > 1 { return .finish(.stopped, Self.emptyAnswer) }
        if lastReason == .length {
            return .finish(
                .completed,
                Failure(
                    .tooLarge,
                    code: "answer_cut",
                    message: "The answer reached the most tokens that the model may produce.",
                    hint: "Ask it to go on."
                )
            )
        }
        return .finish(.completed, nil)
    }

    /// The step that is under way, or was when the server went away; nil when none was begun.
    public var openStep: ToolStep? { nextStep.flatMap { $0.isRepeated ? $0 : nil } }

    /// What the turn costs so far, in millionths; nil without a price.
    public var cost: Int64? { price?.cost(of: usage) }

    // MARK: Facts

    private mutating func finishedCall(_ items: [ModelItem], _ reason: FinishReason, _ used: TokenUsage) {
        openCall = nil
        failedAttempts = 0
        lastFailure = nil
        lastReason = reason
        usage = usage + used
        conversation += items
        var saidSomething = reason == .contentFilter || reason == .length || hasDrawn
        for item in items {
            switch item.content {
            case .toolCall(let call):
                switch tools {
                case .server:
                    saidSomething = true
                    pending.append(PendingCall(call: call, stepCount: Self.stepCount(call)))
                case .caller: saidSomething = true
                case .none: break  // It was offered nothing: a call all the same is carried out by nobody.
                }
            case .assistant(let text), .refusal(let text):
                if !text.trimmed.isEmpty { saidSomething = true }
            default: break
            }
        }
        emptyAnswers = saidSomething ? 0 : emptyAnswers + 1
    }

    private mutating func finishedStep(
        _ id: ToolStepID,
        _ result: ToolStepResult,
        _ ticket: String?,
        isWait: Bool
    ) {
        guard let index = pending.firstIndex(where: { $0.call.id == id.call }) else { return }
        pending[index].results.append(result)
        pending[index].tickets.append(ticket)
        guard pending[index].results.count == pending[index].stepCount else { return }
        let done = pending.remove(at: index)
        if !isWait {
            loops.add(call: done.call, results: zip(done.results, done.tickets).map { ($0, $1) })
        }
        conversation.append(ModelItem(.toolResult(Self.result(of: done.call, done.results))))
    }

    private mutating func noteWaiting(_ isWaiting: Bool, at time: Timestamp) {
        if isWaiting {
            if waitingSince == nil { waitingSince = time }
        } else if let since = waitingSince {
            waited += max(.zero, time - since)
            waitingSince = nil
        }
    }

    // MARK: What next

    private var nextStep: ToolStep? {
        guard let call = pending.first else { return nil }
        let id = ToolStepID(call: call.call.id, index: call.results.count)
        return ToolStep(id: id, call: call.call, isRepeated: started.contains(id))
    }

    /// The conversation ends with something that the model has not seen.
    private var hasNewResults: Bool {
        if case .toolResult = conversation.last?.content { return openCall == nil && failedAttempts == 0 }
        return false
    }

    private func stop(at now: Timestamp) -> Failure? {
        // What was asked for is carried out to its end; caps hold for what would come next.
        if openCall != nil || nextStep?.isRepeated == true { return nil }
        if pending.isEmpty, calls > 0, !hasNewResults, failedAttempts == 0, emptyAnswers == 0 { return nil }
        if let failure = loops.failure { return failure }
        if calls >= limits.modelCalls {
            return capped("model_calls_capped", "\(limits.modelCalls) calls of the model")
        }
        if steps >= limits.toolSteps, let step = nextStep, !step.isRepeated {
            return capped("tool_calls_capped", "\(limits.toolSteps) tool calls")
        }
        if usage.total >= limits.tokens { return capped("tokens_capped", "\(limits.tokens) tokens") }
        if let cap = limits.cost, let cost, cost >= cap {
            return capped("cost_capped", "a cost of \(Double(cap) / 1_000_000)")
        }
        let waiting = waitingSince.map { max(.zero, now - $0) } ?? .zero
        if now - began - waited - waiting - away >= limits.time {
            return capped("time_capped", "\(Int(limits.time.inSeconds)) seconds of work")
        }
        return nil
    }

    private func capped(_ code: String, _ what: String) -> Failure {
        Failure(
            .tooLarge,
            code: code,
            message: "The assistant stopped because this turn reached its limit of \(what).",
            hint: "Nothing is lost: tell it to go on, or raise the limit in the configuration."
        )
    }

    private static var emptyAnswer: Failure {
        Failure(
            .unavailable,
            code: "empty_answer",
            message: "The model answered nothing, twice.",
            hint: "Try again, say it in other words, or choose another model."
        )
    }

    private static func stepCount(_ call: ToolCall) -> Int {
        if case .shell(let commands, _, _) = call.request { max(1, commands.count) } else { 1 }
    }

    /// The result of a whole call from those of its steps.
    private static func result(of call: ToolCall, _ results: [ToolStepResult]) -> ToolResult {
        guard case .shell(_, _, let maximumOutput) = call.request else {
            guard case .text(let text, let isError) = results[0] else {
                return ToolResult(callID: call.id, name: call.name, content: .parts([], isError: true))
            }
            return ToolResult(
                callID: call.id,
                name: call.name,
                content: .parts([.text(text)], isError: isError)
            )
        }
        let commands = results.map { result in
            switch result {
            case .command(let command): command
            case .text(let text, let isError):
                ShellCommandResult(
                    stdout: isError ? "" : text,
                    stderr: isError ? text : "",
                    outcome: .exit(code: isError ? 126 : 0)
                )
            }
        }
        return ToolResult(
            callID: call.id,
            name: call.name,
            content: .shell(commands, maximumOutput: maximumOutput)
        )
    }
}
