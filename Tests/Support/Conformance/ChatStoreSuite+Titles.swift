internal import Core
internal import Domain
internal import Testing

extension ChatStoreSuite {
    /// A completed turn that gives the first line as title, and wants a model's.
    private static func firstTurn(_ store: any ChatStore, _ chat: ChatID) async throws -> Turn {
        let begun = try await store.begin(try draft("Hello"), in: chat, owner: ann, above: 0, at: start)
        let number = begun.event.number
        var change = TurnChange(state: .working, reason: nil, usage: TokenUsage(), title: "Hello")
        let titled = ChatEvent(.chatTitled("Hello"), number: number + 1, turn: begun.turn.id, at: start)
        try await store.record([titled], of: begun.turn, change, reserving: 9, at: start)
        change = TurnChange(state: .completed, reason: nil, usage: TokenUsage(), wantsTitle: true)
        let end = ChatEventBody.turnFinished(.completed, usage: TokenUsage(), failure: nil)
        try await store.record(
            [ChatEvent(end, number: number + 2, turn: begun.turn.id, at: start)],
            of: begun.turn,
            change,
            reserving: 0,
            at: start
        )
        return begun.turn
    }

    static let titleCases: [Case] = [
        Case("a model's title is wanted after the first completed turn, and told by an event") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            #expect(try await store.untitledChats().isEmpty)
            let turn = try await firstTurn(store, chat)
            #expect(try await store.chat(chat, owner: ann)?.titleState == .wanted)
            #expect(
                try await store.untitledChats() == [UntitledChat(chat: chat, owner: ann, turn: turn.id)]
            )
            #expect(try await store.takeTitleTry(of: chat, owner: bob) == false)
            #expect(try await store.takeTitleTry(of: chat, owner: ann))
            let change = ChatChange(title: "A greeting", isModelTitle: true)
            let changed = try #require(
                try await store.change(chat, owner: ann, change, above: 20, at: start)
            )
            #expect(changed.chat.title == "A greeting" && changed.chat.titleState == .model)
            #expect(changed.event?.number == 21 && changed.event?.turn == TurnID.none)
            #expect(try await store.events(of: chat, owner: ann, after: 20, limit: 9) == [changed.event])
            #expect(try await store.untitledChats().isEmpty)
            #expect(try await store.chat(chat, owner: ann) == changed.chat)
            let next = try await store.begin(try draft("More"), in: chat, owner: ann, above: 0, at: start)
            #expect(next.event.number == 22)
        },
        Case("a model is asked for a title twice at most, and not after it gave none") { store in
            let first = try await store.create(ChatDraft(), owner: ann, at: start).id
            _ = try await firstTurn(store, first)
            #expect(try await store.takeTitleTry(of: first, owner: ann))
            #expect(try await store.untitledChats().count == 1)
            #expect(try await store.takeTitleTry(of: first, owner: ann))
            #expect(try await store.untitledChats().isEmpty)
            #expect(try await store.takeTitleTry(of: first, owner: ann) == false)
            let second = try await store.create(ChatDraft(), owner: ann, at: start).id
            _ = try await firstTurn(store, second)
            #expect(try await store.takeTitleTry(of: second, owner: ann))
            try await store.keepTitle(of: second, owner: ann)
            #expect(try await store.takeTitleTry(of: second, owner: ann) == false)
            #expect(try await store.chat(second, owner: ann)?.title == "Hello")
        },
        Case("no first line and no model takes the place of a person's title") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            #expect(try await changed(store, chat, ChatChange(title: "Mine"))?.hasNewTitle == true)
            _ = try await firstTurn(store, chat)
            #expect(try await store.untitledChats().isEmpty)
            let refused = try await changed(store, chat, ChatChange(title: "Model", isModelTitle: true))
            #expect(refused?.hasNewTitle == false && refused?.event == nil)
            let after = try await store.chat(chat, owner: ann)
            #expect(after?.title == "Mine" && after?.titleState == .person)
            let given = try await store.create(ChatDraft(title: "Given"), owner: ann, at: start)
            #expect(given.titleState == .person)
        },
        Case("a model that was chosen stays through other changes, and can be forgotten") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            let model = ModelReference(provider: try ProviderID("fake"), model: "m")
            #expect(try await changed(store, chat, ChatChange(model: model))?.chat.model == model)
            #expect(try await changed(store, chat, ChatChange(title: "Mine"))?.chat.model == model)
            #expect(try await changed(store, chat, ChatChange(forgetsModel: true))?.chat.model == nil)
        },
        Case("while a turn works a new title has no event of its own") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            _ = try await store.begin(try draft("x"), in: chat, owner: ann, above: 0, at: start)
            let told = try await changed(store, chat, ChatChange(title: "Now"))
            #expect(told?.hasNewTitle == true && told?.event == nil && told?.chat.title == "Now")
            #expect(try await store.events(of: chat, owner: ann, after: 1, limit: 9).isEmpty)
        },
    ]

    static let summaryCases: [Case] = [
        Case("a summary stands in the place of the turns it covers, until one of them is superseded") {
            store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            var turns: [Turn] = []
            for index in 0..<5 { turns.append(try await talk(store, chat, "q\(index)", "a\(index)")) }
            func summarise(_ through: Int, in question: String) async throws -> Turn {
                let begun = try await store.begin(
                    try draft(question),
                    in: chat,
                    owner: ann,
                    above: 0,
                    at: start
                )
                let summary = ChatSummary(
                    text: "Summary \(through)",
                    through: turns[through].id,
                    turns: through + 1,
                    usage: TokenUsage()
                )
                let bodies: [ChatEventBody] = [
                    .contextSummarised(summary),
                    .turnFinished(.completed, usage: TokenUsage(), failure: nil),
                ]
                try await store.record(
                    bodies.enumerated().map { index, body in
                        let number = begun.event.number + 1 + Int64(index)
                        return ChatEvent(body, number: number, turn: begun.turn.id, at: start)
                    },
                    of: begun.turn,
                    TurnChange(state: .completed, reason: nil, usage: TokenUsage()),
                    reserving: 0,
                    at: start
                )
                return begun.turn
            }
            func context(_ bytes: Int = 1 << 20) async throws -> EarlierContext {
                try await store.context(of: chat, owner: ann, before: TurnID(.max), maximumBytes: bytes)
            }
            let first = try await summarise(1, in: "q5")
            var shown = try await context()
            #expect(shown.summary?.text == "Summary 1" && shown.summary?.turns == 2)
            #expect(shown.turns.map { $0.first?.turn } == [first.id] + turns[2...].reversed().map(\.id))
            #expect(shown.leftOut == 0)
            #expect(try await context(1).leftOut == 4, "what is neither covered nor shown")
            let second = try await summarise(3, in: "q6")
            shown = try await context()
            #expect(shown.summary?.text == "Summary 3")
            #expect(shown.turns.map { $0.first?.turn } == [second.id, first.id, turns[4].id])
            #expect(
                try await store.lastShownTurn(of: chat, owner: ann, before: TurnID(.max)) == second.id
            )
            #expect(try await store.lastShownTurn(of: chat, owner: bob, before: TurnID(.max)) == nil)
            // The second summary covers what is replaced now, the first one does not.
            let retry = try await talk(store, chat, "q3'", "a3'", replacing: turns[3].id)
            shown = try await context()
            #expect(shown.summary?.text == "Summary 1")
            #expect(shown.turns.map { $0.first?.turn } == [retry.id, turns[2].id])
            let again = try await talk(store, chat, "q0'", "a0'", replacing: turns[0].id)
            shown = try await context()
            #expect(shown.summary == nil)
            #expect(shown.turns.map { $0.first?.turn } == [again.id])
            #expect(try await store.remove(chat, owner: ann))
        }
    ]
}
