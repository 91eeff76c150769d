internal import Core
public import Domain
internal import Testing

/// What every `ChatDeltaStore` must do, tried on an empty one.
public enum ChatDeltaStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any ChatDeltaStore>

    static func delta(_ number: Int64, turn: Int64 = 1, at second: Int64 = 0) -> ChatEvent {
        ChatEvent(
            .text(call: 1, "\(number) ä"),
            number: number,
            turn: TurnID(turn),
            at: Timestamp(seconds: second)
        )
    }

    /// All cases.
    public static var cases: [Case] {
        [
            Case("deltas come back by chat, range and turn") { store in
                let (one, two) = (ChatID(1), ChatID(2))
                #expect(try await store.lastNumber(of: one) == 0)
                try await store.append([delta(2), delta(3)], to: one)
                try await store.append([delta(7, turn: 2)], to: one)
                try await store.append([delta(4, turn: 3)], to: two)
                try await store.append([], to: two)
                func numbers(_ after: Int64, _ last: Int64, _ limit: Int) async throws -> [Int64] {
                    try await store.events(of: one, after: after, through: last, limit: limit).map(\.number)
                }
                #expect(try await numbers(0, .max, 99) == [2, 3, 7])
                #expect(try await numbers(2, 7, 99) == [3, 7])
                #expect(try await numbers(2, 6, 99) == [3])
                #expect(try await numbers(0, .max, 1) == [2])
                #expect(try await store.events(of: TurnID(1), in: one) == [delta(2), delta(3)])
                #expect(try await store.events(of: TurnID(2), in: one) == [delta(7, turn: 2)])
                #expect(try await store.events(of: TurnID(3), in: one).isEmpty)
                #expect(try await store.lastNumber(of: one) == 7)
                #expect(try await store.lastNumber(of: two) == 4)
            },
            Case("a number is not given twice") { store in
                try await store.append([delta(5)], to: ChatID(1))
                await #expect(throws: (any Error).self) { try await store.append([delta(5)], to: ChatID(1)) }
                try await store.append([delta(5)], to: ChatID(2))
            },
            Case("old deltas go, in chats that are at rest; and those of removed chats") { store in
                for chat in 1...3 {
                    for number in 1...6 {
                        let event = delta(Int64(number), at: Int64(number))
                        try await store.append([event], to: ChatID(Int64(chat)))
                    }
                }
                try await store.removeOld(before: Timestamp(seconds: 4), except: [ChatID(2)])
                func count(_ chat: Int64) async throws -> Int {
                    try await store.events(of: ChatID(chat), after: 0, through: .max, limit: 99).count
                }
                #expect(try await count(1) == 3)
                #expect(try await count(2) == 6)
                #expect(try await count(3) == 3)
                #expect(try await store.lastNumber(of: ChatID(1)) == 6)
                try await store.remove([ChatID(2), ChatID(9)])
                #expect(try await count(2) == 0)
                #expect(try await count(3) == 3)
            },
            Case("concurrent writers of many chats keep all of it") { store in
                try await withThrowingTaskGroup { group in
                    for chat in 1...40 {
                        group.addTask {
                            for number in 1...25 {
                                try await store.append([delta(Int64(number))], to: ChatID(Int64(chat)))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                for chat in 1...40 { #expect(try await store.lastNumber(of: ChatID(Int64(chat))) == 25) }
            },
        ]
    }
}

/// What every `UsageStore` must do, tried on an empty one.
public enum UsageStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any UsageStore>

    /// All cases.
    public static var cases: [Case] {
        [
            Case("a request is stored before and after, once") { store in
                let now = Timestamp(seconds: 100)
                let model = try ChatStoreSuite.model()
                let context = CallContext(principal: ChatStoreSuite.ann, door: .chat, turn: TurnID(4))
                let first = try await store.begin(model, for: context, at: now)
                let other = CallContext(principal: ChatStoreSuite.bob, door: .openai)
                let second = try await store.begin(model, for: other, at: now)
                let open = try #require(try await store.rows(of: nil, before: nil, limit: 1).elements.first)
                #expect(open.id == second && open.outcome == nil && open.finished == nil)
                let usage = TokenUsage(input: 9, cachedInput: 8, output: 7, reasoning: 6)
                try await store.end(first, usage: usage, outcome: .succeeded, at: now + .seconds(1))
                try await store.end(first, usage: nil, outcome: .failed, at: now + .seconds(2))
                let mine = try await store.rows(of: ChatStoreSuite.ann, before: nil, limit: 9).elements
                #expect(
                    mine == [
                        UsageRow(
                            id: first,
                            model: model,
                            context: context,
                            started: now,
                            finished: now + .seconds(1),
                            usage: usage,
                            outcome: .succeeded
                        )
                    ]
                )
                #expect(try await store.endInterrupted(at: now + .seconds(5)) == 1)
                #expect(try await store.endInterrupted(at: now + .seconds(5)) == 0)
                let page = try await store.rows(of: nil, before: nil, limit: 1)
                #expect(page.hasMore && page.elements.first?.outcome == .interrupted)
                #expect(page.elements.first?.usage == nil)
                #expect(
                    try await store.rows(of: nil, before: second, limit: 9).elements.map(\.id) == [first]
                )
            }
        ]
    }
}
