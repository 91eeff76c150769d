internal import Core
internal import Domain
internal import Testing

extension TicketStoreSuite {
    static let lifecycleCases: [Case] = [
        Case("starting is recorded once, for queued tickets only") { store in
            let session = SessionReference.named(try name("s"))
            let first = try await store.append(try draft("a"), to: session, maximumQueued: 10, at: start)
            let second = try await store.append(try draft("b"), to: session, maximumQueued: 10, at: start)
            _ = try await store.cancel(second.ticket.id, at: start)
            let missing = TicketID(session: first.session.id, number: 77)
            let claimed = try await store.markStarting(
                [first.ticket.id, second.ticket.id, missing],
                bootID: "boot",
                at: start
            )
            #expect(claimed == [first.ticket.id])
            #expect(try await store.queuedCount() == 0)
            #expect(try await store.ticket(first.ticket.id)?.state == .starting)
            let again = try await store.markStarting([first.ticket.id], bootID: "boot2", at: start)
            #expect(again.isEmpty)
            let unfinished = try await store.unfinishedTickets()
            #expect(unfinished.map(\.bootID) == ["boot"])
            #expect(unfinished.map(\.isCancelRequested) == [false])
        },
        Case("an end is stored with all its facts, and small output with it") { store in
            let appended = try await store.append(
                try draft("a"),
                to: .named(try name("s")),
                maximumQueued: 10,
                at: start
            )
            _ = try await store.markStarting([appended.ticket.id], bootID: "b", at: start)
            let run = RunFacts(
                started: start,
                finished: start + .seconds(2),
                wallTime: .milliseconds(2_001),
                userTime: .microseconds(17),
                systemTime: .microseconds(3),
                peakMemory: 1 << 33,
                outputBytes: 5_000_000_000,
                stdoutBytes: 4_999_999_990,
                stderrBytes: 10,
                omitted: OmittedRange(start: 100, end: 4_900_000_000),
                limit: "time",
                notes: ["a", "ä\n"]
            )
            let output = InlineOutput(combined: [104, 0, 255, 10], stretches: [1, 2, 1])
            let done = try #require(
                try await store.finish(
                    appended.ticket.id,
                    as: .killed(signal: 9),
                    run: run,
                    inlineOutput: output,
                    at: start
                )
            )
            #expect(done.state == .killed(signal: 9))
            #expect(done.run == run)
            #expect(done.inlineOutput == output)
            #expect(try await store.ticket(appended.ticket.id) == done)
            #expect(try await store.unfinishedTickets().isEmpty)
        },
        Case("every terminal state comes back as it was stored, and never changes again") { store in
            let states: [TicketState] = [
                .denied(reason: "r"), .expired, .exited(code: 0), .exited(code: 255), .killed(signal: 15),
                .timedOut,
                .cancelled, .lost(reason: "l"), .failed(reason: ""),
            ]
            for state in states {
                let appended = try await store.append(
                    try draft("x"),
                    to: .named(try name("s")),
                    maximumQueued: 10,
                    at: start
                )
                let id = appended.ticket.id
                let done = try await store.finish(id, as: state, run: nil, inlineOutput: nil, at: start)
                #expect(done?.state == state)
                let run = RunFacts(started: nil, finished: start)
                let late = try await store.finish(
                    id,
                    as: .exited(code: 77),
                    run: run,
                    inlineOutput: nil,
                    at: start + .seconds(1)
                )
                #expect(late == done)
                #expect(try await store.cancel(id, at: start) == done)
                #expect(try await store.markStarting([id], bootID: "b", at: start).isEmpty)
                #expect(try await store.ticket(id) == done)
            }
            #expect(try await store.queuedCount() == 0)
        },
        Case("finishing or cancelling what is not there gives nil") { store in
            let id = TicketID(session: SessionID(3), number: 4)
            let none = try await store.finish(id, as: .cancelled, run: nil, inlineOutput: nil, at: start)
            #expect(none == nil)
            #expect(try await store.cancel(id, at: start) == nil)
        },
        Case("cancelling ends what has no runner, and is remembered for what has one") { store in
            let session = SessionReference.named(try name("s"))
            let queued = try await store.append(try draft("a"), to: session, maximumQueued: 10, at: start)
            #expect(try await store.cancel(queued.ticket.id, at: start)?.state == .cancelled)
            var asked = try draft("b")
            asked.state = .awaitingApproval
            let waiting = try await store.append(asked, to: session, maximumQueued: 10, at: start)
            #expect(try await store.cancel(waiting.ticket.id, at: start)?.state == .cancelled)
            let starting = try await store.append(try draft("c"), to: session, maximumQueued: 10, at: start)
            _ = try await store.markStarting([starting.ticket.id], bootID: "b", at: start)
            #expect(try await store.cancel(starting.ticket.id, at: start)?.state == .starting)
            let unfinished = try await store.unfinishedTickets()
            #expect(unfinished.map(\.ticket.id) == [starting.ticket.id])
            #expect(unfinished.map(\.isCancelRequested) == [true])
            #expect(try await store.queuedCount() == 0)
        },
        Case("of many that race to end a ticket one wins, and all are told the same") { store in
            let appended = try await store.append(
                try draft("a"),
                to: .named(try name("s")),
                maximumQueued: 10,
                at: start
            )
            let states = try await withThrowingTaskGroup { group in
                for code in 0..<20 {
                    group.addTask {
                        try await store.finish(
                            appended.ticket.id,
                            as: .exited(code: code),
                            run: nil,
                            inlineOutput: nil,
                            at: start
                        )?.state
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let stored = try await store.ticket(appended.ticket.id)?.state
            #expect(states.allSatisfy { $0 == stored })
            #expect(try await store.queuedCount() == 0)
        },
    ]
}
