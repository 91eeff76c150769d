internal import Core
public import Domain
internal import Testing

/// What every `ChatStore` must do, tried on an empty one.
public enum ChatStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any ChatStore>

    /// All cases.
    public static var cases: [Case] {
        chatCases + turnCases + contextCases + numberCases + titleCases + summaryCases
    }

    static let start = Timestamp(seconds: 1_700_000_000)
    static let ann = PrincipalID("operator:1")
    static let bob = PrincipalID("operator:2")

    static func model() throws -> ModelReference {
        ModelReference(provider: try ProviderID("fake"), model: "model")
    }

    static func draft(_ text: String, key: String? = nil, replacing: TurnID? = nil) throws -> TurnDraft {
        var draft = TurnDraft(message: [.text(text)], options: TurnOptions(model: try model()))
        draft.key = try key.map { try IdempotencyKey($0) }
        draft.replacing = replacing
        return draft
    }

    static func expectFailure(
        _ code: String,
        _ location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: location) {
            try await body()
        } throws: { error in
            (error as? Failure)?.code == code
        }
    }

    /// A turn that is over: question and answer.
    @discardableResult
    static func talk(
        _ store: any ChatStore,
        _ chat: ChatID,
        _ question: String,
        _ answer: String,
        replacing: TurnID? = nil,
        owner: PrincipalID = ann,
        at now: Timestamp = start
    ) async throws -> Turn {
        let begun = try await store.begin(
            try draft(question, replacing: replacing),
            in: chat,
            owner: owner,
            above: 0,
            at: now
        )
        let number = begun.event.number
        let bodies: [ChatEventBody] = [
            .modelStarted(call: 1),
            .modelFinished(
                call: 1,
                items: [ModelItem(.assistant(answer))],
                reason: .stop,
                usage: TokenUsage(input: 3, output: 2)
            ),
            .turnFinished(.completed, usage: TokenUsage(input: 3, output: 2), failure: nil),
        ]
        let events = bodies.enumerated().map { index, body in
            ChatEvent(body, number: number + 1 + Int64(index), turn: begun.turn.id, at: now)
        }
        try await store.record(
            events,
            of: begun.turn,
            TurnChange(state: .completed, reason: nil, usage: TokenUsage(input: 3, output: 2)),
            reserving: 0,
            at: now
        )
        return begun.turn
    }

    static func changed(
        _ store: any ChatStore,
        _ chat: ChatID,
        _ change: ChatChange,
        owner: PrincipalID = ann,
        at now: Timestamp = start
    ) async throws -> ChangedChat? {
        try await store.change(chat, owner: owner, change, above: 0, at: now)
    }

    static let chatCases: [Case] = [
        Case("a chat comes back as it was made, and to nobody else") { store in
            let made = try await store.create(
                ChatDraft(key: "k", title: "Why 'ä'?", model: try model()),
                owner: ann,
                at: start
            )
            #expect(made.title == "Why 'ä'?")
            #expect(made.key == "k")
            #expect(made.model == (try model()))
            #expect(made.lastEvent == 0)
            #expect(made.workingTurn == nil)
            #expect(try await store.chat(made.id, owner: ann) == made)
            #expect(try await store.chat(key: "k", owner: ann) == made)
            #expect(try await store.create(ChatDraft(key: "k"), owner: ann, at: start) == made)
            #expect(try await store.chat(made.id, owner: bob) == nil)
            #expect(try await store.chat(key: "k", owner: bob) == nil)
            let other = try await store.create(ChatDraft(key: "k"), owner: bob, at: start)
            #expect(other.id != made.id)
        },
        Case("what belongs to another is not there for any verb") { store in
            let chat = try await store.create(ChatDraft(title: "t"), owner: ann, at: start)
            let turn = try await talk(store, chat.id, "secret question", "secret answer")
            #expect(try await changed(store, chat.id, ChatChange(title: "x"), owner: bob) == nil)
            #expect(try await store.remove(chat.id, owner: bob) == false)
            #expect(try await store.turn(turn.id, owner: bob) == nil)
            #expect(
                try await store.turns(of: chat.id, owner: bob, before: nil, limit: 9).elements.isEmpty
            )
            #expect(try await store.events(of: chat.id, owner: bob, after: 0, limit: 9).isEmpty)
            #expect(try await store.events(of: turn.id, owner: bob).isEmpty)
            let context = try await store.context(
                of: chat.id,
                owner: bob,
                before: TurnID(.max),
                maximumBytes: 1 << 20
            )
            #expect(context.turns.isEmpty && context.leftOut == 0)
            let page = try await store.chats(of: bob, matching: nil, after: nil, limit: 9)
            #expect(page.elements.isEmpty)
            #expect(
                try await store.chats(of: bob, matching: "secret", after: nil, limit: 9).elements.isEmpty
            )
            await expectFailure("chat_not_found") {
                _ = try await store.begin(try draft("x"), in: chat.id, owner: bob, above: 0, at: start)
            }
            #expect(try await store.events(of: chat.id, owner: ann, after: 0, limit: 9).count == 4)
        },
        Case("chats are listed newest first, in pages") { store in
            var ids: [ChatID] = []
            for index in 0..<5 {
                let now = start + .seconds(index / 2)
                ids.append(try await store.create(ChatDraft(title: "\(index)"), owner: ann, at: now).id)
            }
            _ = try await changed(store, ids[0], ChatChange(title: "z"), at: start + .seconds(9))
            let wanted = [ids[0]] + ids[1...].reversed()
            var seen: [ChatID] = []
            var cursor: ChatCursor?
            repeat {
                let page = try await store.chats(of: ann, matching: nil, after: cursor, limit: 2)
                seen += page.elements.map(\.id)
                cursor = page.elements.last.map { ChatCursor(updated: $0.updated, id: $0.id) }
                if !page.hasMore { cursor = nil }
            } while cursor != nil
            #expect(seen == wanted)
        },
        Case("a search finds words of titles and messages, by their beginnings, whatever their case") {
            store in
            let mail = try await store.create(ChatDraft(title: "Mail queue"), owner: ann, at: start)
            let web = try await store.create(ChatDraft(), owner: ann, at: start)
            try await talk(store, web.id, "Why does Nginx answer 502?", "PHP-FPM für ÖDE.example is down")
            func found(_ text: String) async throws -> [ChatID] {
                try await store.chats(of: ann, matching: text, after: nil, limit: 9).elements.map(\.id)
            }
            #expect(try await found("QUEUE") == [mail.id])
            #expect(try await found("queu") == [mail.id])
            #expect(try await found("ueue").isEmpty)
            #expect(try await found("nginx 502") == [web.id])
            #expect(try await found("php-fpm öde") == [web.id])
            #expect(try await found("nginx queue").isEmpty)
            #expect(try await found("\"; drop table chats --").isEmpty)
            #expect(try await found("!?").isEmpty)
            #expect(try await found(" ").count == 2)
            _ = try await changed(store, mail.id, ChatChange(title: "Disk"))
            #expect(try await found("queue").isEmpty)
            #expect(try await found("disk") == [mail.id])
            #expect(try await store.remove(web.id, owner: ann))
            #expect(try await found("nginx").isEmpty)
        },
        Case("chats that nobody used go, those at work stay, and nothing of a removed one is left") { store in
            let old = try await store.create(ChatDraft(), owner: ann, at: start)
            let turn = try await talk(store, old.id, "a", "b")
            let busy = try await store.create(ChatDraft(), owner: ann, at: start)
            let begun = try await store.begin(try draft("x"), in: busy.id, owner: ann, above: 0, at: start)
            let new = try await store.create(ChatDraft(), owner: bob, at: start + .seconds(10))
            #expect(try await store.removeUnused(since: start, limit: 9).isEmpty)
            #expect(try await store.removeUnused(since: start + .seconds(5), limit: 9) == [old.id])
            #expect(try await store.chat(old.id, owner: ann) == nil)
            #expect(try await store.turn(turn.id, owner: ann) == nil)
            #expect(try await store.events(of: turn.id, owner: ann).isEmpty)
            #expect(try await store.chat(new.id, owner: bob) != nil)
            #expect(try await store.workingTurns() == [begun.turn])
            await expectFailure("turn_working") { _ = try await store.remove(busy.id, owner: ann) }
            let next = try await store.create(ChatDraft(), owner: ann, at: start)
            #expect(next.id > new.id)
        },
        Case("a chat that its owner only reads stays, and its place in the list too") { store in
            let read = try await store.create(ChatDraft(), owner: ann, at: start)
            let foreign = try await store.create(ChatDraft(), owner: bob, at: start)
            func note(after edge: Int64, at seconds: Int64) async throws -> Int {
                try await store.noteUse(
                    of: [read.id, foreign.id],
                    owner: ann,
                    unlessSince: start + .seconds(edge),
                    at: start + .seconds(seconds)
                )
            }
            #expect(try await note(after: 0, at: 5) == 0, "it was made just now")
            #expect(try await note(after: 3, at: 5) == 1)
            #expect(try await note(after: 3, at: 6) == 0, "it is noted")
            #expect(try await store.chat(read.id, owner: ann)?.updated == start)
            #expect(try await store.removeUnused(since: start + .seconds(4), limit: 9) == [foreign.id])
            #expect(try await store.removeUnused(since: start + .seconds(6), limit: 9) == [read.id])
        },
    ]
}
