internal import Core
internal import Domain
internal import Testing

extension ChatStoreSuite {
    static let turnCases: [Case] = [
        Case("a turn is begun, recorded and ended; the chat shows it") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            let begun = try await store.begin(try draft("hi"), in: chat, owner: ann, above: 0, at: start)
            #expect(!begun.wasRepeated)
            #expect(begun.event.number == begun.turn.firstEvent)
            #expect(begun.event.kind == .turnStarted)
            #expect(try await store.chat(chat, owner: ann)?.workingTurn == begun.turn.id)
            await expectFailure("turn_working") {
                _ = try await store.begin(try draft("again"), in: chat, owner: ann, above: 0, at: start)
            }
            let event = ChatEvent(
                .turnFinished(.stopped, usage: TokenUsage(), failure: nil),
                number: begun.event.number + 5,
                turn: begun.turn.id,
                at: start
            )
            let usage = TokenUsage(input: 1, cachedInput: 2, output: 3, reasoning: 4)
            let change = TurnChange(state: .stopped, reason: "time_capped", usage: usage, title: "Hi")
            try await store.record([event], of: begun.turn, change, reserving: 0, at: start + .seconds(3))
            let turn = try #require(try await store.turn(begun.turn.id, owner: ann))
            #expect(turn.state == .stopped && turn.reason == "time_capped" && turn.usage == usage)
            #expect(turn.finished == start + .seconds(3))
            let after = try #require(try await store.chat(chat, owner: ann))
            #expect(after.workingTurn == nil && after.title == "Hi" && after.lastEvent == event.number)
            #expect(try await store.events(of: turn.id, owner: ann) == [begun.event, event])
            #expect(
                try await store.events(of: chat, owner: ann, after: begun.event.number, limit: 9) == [event]
            )
            #expect(try await store.workingTurns().isEmpty)
            await expectFailure("turn_over") {
                try await store.record([], of: begun.turn, change, reserving: 0, at: start)
            }
        },
        Case("a wish to end a turn stands until its end, whatever is recorded meanwhile") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            let begun = try await store.begin(try draft("hi"), in: chat, owner: ann, above: 0, at: start)
            #expect(!begun.turn.isCancelWanted)
            #expect(try await store.wantCancel(of: begun.turn.id, owner: bob) == false)
            #expect(try await store.wantCancel(of: TurnID(999), owner: ann) == false)
            #expect(try await store.workingTurns().map(\.isCancelWanted) == [false])
            #expect(try await store.wantCancel(of: begun.turn.id, owner: ann))
            #expect(try await store.wantCancel(of: begun.turn.id, owner: ann), "asking twice is no error")
            func record(_ body: ChatEventBody, _ number: Int64, _ state: TurnState) async throws {
                try await store.record(
                    [ChatEvent(body, number: number, turn: begun.turn.id, at: start)],
                    of: begun.turn,
                    TurnChange(state: state, reason: nil, usage: TokenUsage()),
                    reserving: 0,
                    at: start
                )
            }
            try await record(.modelStarted(call: 1), begun.event.number + 1, .working)
            #expect(try await store.turn(begun.turn.id, owner: ann)?.isCancelWanted == true)
            #expect(try await store.workingTurns().map(\.isCancelWanted) == [true])
            let end = ChatEventBody.turnFinished(.cancelled, usage: TokenUsage(), failure: nil)
            try await record(end, begun.event.number + 2, .cancelled)
            let over = try #require(try await store.turn(begun.turn.id, owner: ann))
            #expect(over.state == .cancelled && over.reason == nil && !over.isCancelWanted)
            #expect(try await store.wantCancel(of: begun.turn.id, owner: ann) == false)
        },
        Case("the same key gives the same turn, another message with it is refused") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            let first = try await store.begin(
                try draft("x", key: "k"),
                in: chat,
                owner: ann,
                above: 0,
                at: start
            )
            let again = try await store.begin(
                try draft("x", key: "k"),
                in: chat,
                owner: ann,
                above: 50,
                at: start + .seconds(1)
            )
            #expect(again.wasRepeated && again.turn == first.turn && again.event == first.event)
            await expectFailure("key_reused") {
                _ = try await store.begin(
                    try draft("y", key: "k"),
                    in: chat,
                    owner: ann,
                    above: 0,
                    at: start
                )
            }
        },
        Case("a replaced turn and all after it are superseded, once") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            let first = try await talk(store, chat, "1", "a")
            let second = try await talk(store, chat, "2", "b")
            let third = try await talk(store, chat, "3", "c")
            let retry = try await talk(store, chat, "2'", "d", replacing: second.id)
            let turns = try await store.turns(of: chat, owner: ann, before: nil, limit: 9).elements
            #expect(turns.map(\.id) == [retry.id, third.id, second.id, first.id])
            #expect(turns.map(\.isSuperseded) == [false, true, true, false])
            for gone in [second.id, TurnID(999)] {
                await expectFailure("turn_not_found") {
                    _ = try await store.begin(
                        try draft("x", replacing: gone),
                        in: chat,
                        owner: ann,
                        above: 0,
                        at: start
                    )
                }
            }
            let page = try await store.turns(of: chat, owner: ann, before: third.id, limit: 1)
            #expect(page.elements.map(\.id) == [second.id] && page.hasMore)
        },
    ]

    static let contextCases: [Case] = [
        Case("the context is the newest turns that fit, without superseded ones, and counts the rest") {
            store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            var turns: [Turn] = []
            for index in 0..<6 { turns.append(try await talk(store, chat, "q\(index)", "a\(index)")) }
            let retry = try await talk(store, chat, "q5'", "a5'", replacing: turns[5].id)
            let now = try await store.begin(try draft("now"), in: chat, owner: ann, above: 0, at: start)
            func context(_ bytes: Int, before turn: TurnID = now.turn.id) async throws
                -> EarlierContext
            {
                try await store.context(of: chat, owner: ann, before: turn, maximumBytes: bytes)
            }
            let all = try await context(1 << 20)
            #expect(all.turns.map { $0.first?.turn } == [retry.id] + turns[0..<5].reversed().map(\.id))
            #expect(all.leftOut == 0)
            #expect(
                all.turns.allSatisfy { $0.map(\.kind) == [.turnStarted, .modelFinished, .turnFinished] }
            )
            let sizes = all.turns.map { $0.reduce(0) { $0 + $1.json.count + ($1.hidden?.count ?? 0) } }
            let three = try await context(sizes[0] + sizes[1] + sizes[2])
            #expect(three.turns == Array(all.turns.prefix(3)) && three.leftOut == 3)
            let two = try await context(sizes[0] + sizes[1] + sizes[2] - 1)
            #expect(two.turns.count == 2 && two.leftOut == 4)
            let none = try await context(sizes[0] - 1)
            #expect(none.turns.isEmpty && none.leftOut == 6)
            let earlier = try await context(1 << 20, before: turns[2].id)
            #expect(earlier.turns.count == 2)
        }
    ]

    static let numberCases: [Case] = [
        Case("200 concurrent begins on one chat are one working turn") { store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            let begun = try await withThrowingTaskGroup { group in
                for index in 0..<200 {
                    group.addTask { () -> BegunTurn? in
                        do {
                            return try await store.begin(
                                try draft("\(index)"),
                                in: chat,
                                owner: ann,
                                above: 0,
                                at: start
                            )
                        } catch let failure as Failure where failure.code == "turn_working" {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            #expect(begun.count == 1)
            #expect(try await store.workingTurns() == begun.map(\.turn))
            #expect(try await store.events(of: chat, owner: ann, after: 0, limit: 999) == begun.map(\.event))
        },
        Case("numbers rise over floor, reservation and all stored, and are refused when given before") {
            store in
            let chat = try await store.create(ChatDraft(), owner: ann, at: start).id
            #expect(try await store.reservedNumber(of: chat) == 0)
            let begun = try await store.begin(try draft("x"), in: chat, owner: ann, above: 40, at: start)
            #expect(begun.event.number == 41)
            func record(_ number: Int64, _ state: TurnState, reserving: Int64) async throws {
                try await store.record(
                    [ChatEvent(.contextTrimmed(turns: 1), number: number, turn: begun.turn.id, at: start)],
                    of: begun.turn,
                    TurnChange(state: state, reason: nil, usage: TokenUsage()),
                    reserving: reserving,
                    at: start
                )
            }
            try await record(42, .working, reserving: 1_042)
            #expect(try await store.reservedNumber(of: chat) == 1_042)
            await #expect(throws: (any Error).self) { try await record(42, .working, reserving: 0) }
            // Nothing of the refused call stays.
            #expect(try await store.events(of: chat, owner: ann, after: 41, limit: 9).count == 1)
            #expect(try await store.reservedNumber(of: chat) == 1_042)
            try await record(1_000, .completed, reserving: 0)
            #expect(try await store.reservedNumber(of: chat) == 1_000)
            let next = try await store.begin(try draft("y"), in: chat, owner: ann, above: 0, at: start)
            #expect(next.event.number == 1_001)
        },
    ]
}
