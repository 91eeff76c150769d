internal import Core
internal import Domain

extension TurnRunner {
    /// What came before the turn, once it is loaded.
    struct Context: Sendable {
        var earlier = EarlierConversation(summary: nil, turns: [], leftOut: 0)
        var items: [ModelItem] = []
        var isLoaded = false
        /// 0 until the model is known.
        var maximumBytes = 0
        /// How often less was taken because it was too much for the model.
        var attempts = 0
        var toldLeftOut = 0
        /// What the latest request had, about.
        var sentBytes = 0
        /// What a request may have after one that was too long for the model; nil before.
        var fittedBytes: Int?

        var leftOut: Int { earlier.leftOut }
    }

    /// Loads what came before the turn, and has it summarised where it does not fit.
    func loadEarlier(_ context: inout Context, window: Int, _ machine: inout TurnMachine) async throws {
        if context.maximumBytes == 0 {
            context.maximumBytes = min(services.settings.contextBytes, window / 2)
        }
        guard !context.isLoaded else { return }
        if let history = draft.history {
            context.items = history
            context.isLoaded = true
            return
        }
        let maximum = context.maximumBytes
        var earlier = try await known(maximum)
        if services.settings.summaries, earlier.bytes > maximum, earlier.pause == 0 {
            if let shorter = try await summarised(earlier, maximum, &machine) {
                earlier = shorter
                services.earlier.store(shorter, of: turn.chat)
            } else {
                earlier.postpone()
            }
        }
        earlier.fit(maximum)
        context.earlier = earlier
        context.items = earlier.items
        context.isLoaded = true
    }

    /// The turn is over: what was said is kept for the next one.
    func remember(_ machine: TurnMachine, _ context: Context) {
        guard context.isLoaded, draft.history == nil else { return }
        var earlier = context.earlier
        earlier.append(
            EarlierConversation.Part(
                turn: turn.id,
                items: machine.conversation,
                bytes: journal.contextBytes
            )
        )
        services.earlier.store(earlier, of: turn.chat)
    }

    private func known(_ maximum: Int) async throws -> EarlierConversation {
        let last = try await services.chats.lastShownTurn(of: turn.chat, owner: turn.owner, before: turn.id)
        if let known = services.earlier.conversation(turn.chat, through: last) {
            // What was left out may fit now, with another model, or can be summarised after all.
            let isEnough =
                known.leftOut == 0
                || known.bytes > maximum / 2
                    && (!services.settings.summaries || known.pause > 0)
            if isEnough { return known }
        }
        // What goes beyond the budget is what a summary is made of.
        let found = try await services.chats.context(
            of: turn.chat,
            owner: turn.owner,
            before: turn.id,
            maximumBytes: services.settings.summaries ? 2 * maximum : maximum
        )
        return try EarlierConversation(found)
    }

    /// What came before with its older half as a summary; nil when no model gives one.
    private func summarised(
        _ earlier: EarlierConversation,
        _ maximum: Int,
        _ machine: inout TurnMachine
    ) async throws -> EarlierConversation? {
        let (covered, kept) = earlier.split(keeping: maximum / 2)
        guard let last = covered.last else { return nil }
        let call = SideCall(
            providers: services.providers,
            model: services.settings.summaryModel ?? turn.model,
            context: CallContext(
                principal: turn.owner,
                door: .summary,
                turn: turn.id,
                place: chat.place
            ),
            patience: .seconds(180)
        )
        let material = Summary.material(earlier.summary, covered, maximumBytes: maximum)
        let answer: (text: String, usage: TokenUsage)
        do {
            answer = try await control.perform {
                try await call.answer(to: material, instructions: Summary.instructions)
            }
        } catch let failure as Failure {
            services.logger.warning(
                "no summary from the model",
                .init("chat", turn.chat.rawValue),
                .init("code", LogValue.untrusted(failure.code))
            )
            return nil
        }
        let summary = ChatSummary(
            text: Summary.cut(answer.text, min(Summary.maximumBytes, maximum / 4)),
            through: last.turn,
            turns: (earlier.summary?.turns ?? 0) + earlier.leftOut + covered.count,
            usage: answer.usage
        )
        var facts = [ChatEventBody.contextSummarised(summary)]
        if earlier.leftOut > 0 { facts.insert(.contextTrimmed(turns: earlier.leftOut), at: 0) }
        try await record(facts, &machine)
        return EarlierConversation(summary: summary, turns: kept, leftOut: 0)
    }
}
