internal import Core
internal import Domain
internal import Testing

extension TicketStoreSuite {
    static let numberingCases: [Case] = [
        Case("200 concurrent submissions get the numbers 1 to 200, each its own command") { store in
            let session = SessionReference.named(try name("s"))
            let tickets = try await withThrowingTaskGroup { group in
                for index in 0..<200 {
                    group.addTask {
                        try await store.append(
                            try draft("echo \(index)"),
                            to: session,
                            maximumQueued: 1_000,
                            at: start
                        ).ticket
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(tickets.map(\.id.number).sorted() == Array(1...200))
            #expect(Set(tickets.map(\.command)).count == 200)
            for ticket in tickets { #expect(try await store.ticket(ticket.id) == ticket) }
            #expect(try await store.queuedCount() == 200)
        },
        Case("concurrent submissions with one key are one ticket") { store in
            let appended = try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await store.append(
                            try draft("x", key: "k"),
                            to: .named(try name("s")),
                            maximumQueued: 1_000,
                            at: start
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(appended.allSatisfy { $0.ticket.id.number == 1 })
            #expect(appended.count { !$0.wasCached } == 1)
            #expect(try await store.queuedCount() == 1)
        },
        Case("in random interleavings numbers have no gaps and the counts stay true") { store in
            for _ in 0..<3 { try await interleave(SeededGenerator(), on: store) }
        },
    ]

    /// Five tasks append, start, finish, cancel and remove at random in three sessions; then all is counted.
    private static func interleave(_ generator: SeededGenerator, on store: any TicketStore) async throws {
        let seed = generator.seed
        let names = ["a", "b", "c"].map { "r\(seed)-\($0)" }
        let before = try await store.queuedCount()
        var commands = 0
        try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<5 {
                group.addTask {
                    var generator = SeededGenerator(seed: seed &+ UInt64(task))
                    var mine: [TicketID] = []
                    var stored = 0
                    for step in 0..<40 {
                        let name = names[Int.random(in: 0..<3, using: &generator)]
                        if mine.isEmpty || Int.random(in: 0..<3, using: &generator) == 0 {
                            let appended = try await store.append(
                                try draft("\(task)-\(step)"),
                                to: .named(try Self.name(name)),
                                maximumQueued: 100_000,
                                at: start
                            )
                            mine.append(appended.ticket.id)
                            stored += 1
                        } else if let id = mine.randomElement(using: &generator) {
                            try await act(Int.random(in: 0..<4, using: &generator), on: id, store)
                        }
                    }
                    return stored
                }
            }
            for try await stored in group { commands += stored }
        }
        var total = 0
        var queued = 0
        for name in names {
            guard let session = try await store.session(named: try Self.name(name)) else { continue }
            total += session.lastNumber
            let page = try await store.tickets(
                in: session.id,
                after: nil,
                limit: 1_000,
                bytes: .max,
                newestFirst: false
            )
            let numbers = page.elements.map(\.id.number)
            #expect(numbers == numbers.sorted(), "seed \(seed)")
            #expect(numbers.allSatisfy { (1...session.lastNumber).contains($0) }, "seed \(seed)")
            queued += page.elements.count { $0.state == .queued }
        }
        #expect(total == commands, "seed \(seed)")
        #expect(try await store.queuedCount() - before == queued, "seed \(seed)")
    }

    private static func act(_ choice: Int, on id: TicketID, _ store: any TicketStore) async throws {
        switch choice {
        case 0: _ = try await store.markStarting([id], bootID: "b", at: start)
        case 1:
            _ = try await store.finish(id, as: .exited(code: 1), run: nil, inlineOutput: nil, at: start)
        case 2: _ = try await store.cancel(id, at: start)
        default: try await store.remove([id])
        }
    }
}
