/// What a person at a terminal does with one turn, and what becomes of it: pure.
struct ChatTurnDesk: Sendable {
    /// What is to be done.
    enum Effect: Sendable, Equatable {
        case show(ChatPiece)
        /// Ask the server for the approval, and give it to ``loaded(_:at:)``.
        case load(approval: Int64)
        case decide(ApprovalView, ApprovalPrompt.Answer)
        /// From now on whole lines are read, or single keys.
        case read(lines: Bool)
        /// Ask the server to end the turn.
        case cancel
        /// The person goes; the turn does what it does.
        case leave
        /// The turn is over, in this state.
        case finish(state: String)
    }

    private let paint: TerminalPaint
    /// A person is there who can press keys.
    private let canDecide: Bool
    private var transcript: ChatTranscript
    private var prompt: ApprovalPrompt?
    /// The step whose approval is asked for.
    private var step: ChatEventView.Step?
    private var asked: Set<Int64> = []
    private var isCancelling = false

    init(paint: TerminalPaint, canDecide: Bool, showsReasoning: Bool) {
        self.paint = paint
        self.canDecide = canDecide
        transcript = ChatTranscript(paint: paint, showsReasoning: showsReasoning)
    }

    /// Keys count now, and lines do not.
    var isAsking: Bool { prompt != nil }

    mutating func take(_ event: ChatEventView.Body) -> [Effect] {
        var effects = transcript.take(event).map(Effect.show)
        switch event {
        case .toolTicket(let step, _, let state, let approval):
            if let approval, state == "awaiting_approval" || approval > 0 && !isOver(state) {
                effects += ask(approval, for: step)
            } else if self.step == step {
                effects += withdraw()
            }
        case .toolApproval(let step, let approval, true): effects += ask(approval, for: step)
        case .toolApproval(let step, _, false) where self.step == step: effects += withdraw()
        case .toolFinished(let step, _) where self.step == step: effects += withdraw()
        case .turnFinished(let state, _, _, _):
            prompt = nil
            effects.append(.finish(state: state))
        default: break
        }
        return effects
    }

    private func isOver(_ state: String) -> Bool {
        !["awaiting_approval", "queued", "starting", "running"].contains(state)
    }

    private mutating func ask(_ approval: Int64, for step: ChatEventView.Step) -> [Effect] {
        guard asked.insert(approval).inserted else { return [] }
        self.step = step
        guard canDecide else {
            let place = "at /approve/\(approval) of the server, or with deckhand chat --last at a terminal"
            return say(paint.attention("waits for approval \(approval): decide it \(place)"))
        }
        return [.load(approval: approval)]
    }

    /// Somebody else decided, or the turn went on without.
    private mutating func withdraw() -> [Effect] {
        step = nil
        guard let prompt else { return [] }
        self.prompt = nil
        return say(paint.faint("  decided elsewhere")) + (prompt.isWriting ? [.read(lines: false)] : [])
    }

    /// The approval is there, or why it is not.
    mutating func loaded(_ approval: Result<ApprovalView, ChatTrouble>, at now: ContinuousClock.Instant)
        -> [Effect]
    {
        switch approval {
        case .success(let approval):
            guard approval.isAwaiting else { return [] }
            let prompt = ApprovalPrompt(approval, at: now)
            self.prompt = prompt
            return say(approval.text(paint) + "\n" + prompt.help)
        case .failure(let trouble):
            return say(paint.bad("  the approval cannot be decided here: \(trouble.text)"))
        }
    }

    mutating func typed(_ keys: [UInt8], at now: ContinuousClock.Instant) -> [Effect] {
        guard var prompt else { return [] }
        let readsLines = prompt.isWriting
        let reaction = prompt.press(keys, at: now)
        self.prompt = prompt
        switch reaction {
        case .nothing: return []
        case .say(let text): return say(text)
        case .write(let text): return say(text) + [.read(lines: true)]
        case .back(let text): return say(text) + [.read(lines: false)]
        case .answer(let answer):
            self.prompt = nil
            let word =
                switch answer {
                case .approve(false): "approved"
                case .approve(true): "approved; the rule is proposed"
                case .deny(nil): "denied"
                case .deny(.some): "denied, with your note"
                }
            return (readsLines ? [.read(lines: false)] : []) + say(paint.bold("  \(word)"))
                + [.decide(prompt.approval, answer)]
        }
    }

    /// A decision was refused: the question is asked again if it is still one.
    mutating func refused(_ approval: ApprovalView, _ trouble: ChatTrouble) -> [Effect] {
        say(paint.bad("  not taken: \(trouble.text)")) + [.load(approval: approval.id)]
    }

    /// Ctrl-C: the first ends the turn, the second leaves.
    mutating func interrupt() -> [Effect] {
        guard !isCancelling else { return [.leave] }
        isCancelling = true
        return say(paint.faint("deckhand: ending the turn; again to leave")) + [.cancel]
    }

    mutating func say(_ text: String) -> [Effect] { transcript.note(text).map(Effect.show) }
}

/// Why something did not work, for the person.
struct ChatTrouble: Error, Equatable {
    let text: String
}
