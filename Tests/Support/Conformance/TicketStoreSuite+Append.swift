internal import Core
internal import Domain
internal import Testing

extension TicketStoreSuite {
    static let appendCases: [Case] = [
        Case("a ticket is stored with all that was asked for") { store in
            var asked = try draft("printf '%s' \"$A\"; # ä 日本 \u{0} end", key: "k-1")
            asked.origin = .get
            asked.submittedBy = PrincipalID("token:7")
            asked.options.workingDirectory = "/srv"
            asked.options.environment = ["A": "x", "É": "\n"]
            asked.options.input = .bytes([0, 255, 10])
            asked.options.terminal = TerminalSize(columns: 100, rows: 30)
            asked.options.limits.memoryBytes = 1 << 40
            let appended = try await store.append(
                asked,
                to: .named(try name("s")),
                maximumQueued: 10,
                at: start
            )
            #expect(!appended.wasCached)
            #expect(appended.session.lastNumber == 1)
            let ticket = appended.ticket
            #expect(ticket.id == TicketID(session: appended.session.id, number: 1))
            #expect(Array(ticket.command.utf8) == Array(asked.command.utf8))
            #expect(ticket.options == asked.options)
            #expect(ticket.origin == .get)
            #expect(ticket.submittedBy == PrincipalID("token:7"))
            #expect(ticket.key == asked.key)
            #expect(ticket.state == .queued)
            #expect(ticket.created == start)
            let stored = try await store.ticket(ticket.id)
            #expect(stored == ticket)
            #expect(stored.map { Array($0.command.utf8) } == Array(asked.command.utf8))
            #expect(try await store.ticket(number: 1, inSessionNamed: try name("s")) == ticket)
            #expect(try await store.session(ticket.id.session) == appended.session)
        },
        Case("a customer of a panel and everybody else have no session in common") { store in
            func submit(_ principal: PrincipalID, to session: String) async throws -> Ticket {
                var asked = try draft("true")
                asked.submittedBy = principal
                return try await store.append(
                    asked,
                    to: .named(try name(session)),
                    maximumQueued: 9,
                    at: start
                ).ticket
            }
            let (ann, bob) = (PrincipalID(customer: OperatorID(1)), PrincipalID(customer: OperatorID(2)))
            _ = try await submit(ann, to: "a")
            _ = try await submit(ann, to: "a")
            _ = try await submit(.hash, to: "ops")
            for (principal, session) in [
                (bob, "a"), (.hash, "a"), (OperatorID(1).principal, "a"), (ann, "ops"),
            ] {
                await expectFailure("session_not_found") { _ = try await submit(principal, to: session) }
            }
            _ = try await submit(OperatorID(1).principal, to: "ops")
            #expect(try await store.queuedCount() == 4)
            let mine = try await store.sessions(madeBy: ann, after: nil, limit: 1)
            #expect(mine.elements.map(\.name.rawValue) == ["a"] && !mine.hasMore)
            #expect(try await store.sessions(madeBy: bob, after: nil, limit: 1).elements.isEmpty)
            let last = try #require(mine.elements.last?.id)
            #expect(try await store.sessions(madeBy: ann, after: last, limit: 1).elements.isEmpty)
        },
        Case("with an offered place a ticket starts at once if its session has room") { store in
            let place = OfferedPlace(bootID: "boot", perSession: 2)
            func submit(_ session: SessionReference, place: OfferedPlace?, key: String? = nil) async throws
                -> Ticket
            {
                var asked = try draft("true", key: key)
                asked.place = place
                return try await store.append(asked, to: session, maximumQueued: 2, at: start).ticket
            }
            let parallel = SessionReference.named(try name("p"))
            let first = try await submit(parallel, place: place, key: "k")
            #expect(first.state == .starting)
            #expect(try await submit(parallel, place: place).state == .starting)
            let third = try await submit(parallel, place: place)
            #expect(third.state == .queued)
            #expect(try await submit(.named(try name("q")), place: nil).state == .queued)
            #expect(try await store.queuedCount() == 2)
            await expectFailure("queue_full") { _ = try await submit(parallel, place: place) }
            #expect(try await submit(parallel, place: place, key: "k") == first)
            let unfinished = try await store.unfinishedTickets()
            #expect(unfinished.first { $0.ticket.id == first.id }?.bootID == "boot")
            #expect(unfinished.first { $0.ticket.id == third.id }?.bootID == nil)
            let marked = try await store.markStarting([first.id, third.id], bootID: "boot", at: start)
            #expect(marked == [third.id])
            for id in [first.id, third.id] {
                _ = try await store.finish(id, as: .exited(code: 0), run: nil, inlineOutput: nil, at: start)
            }
            #expect(try await store.queuedCount() == 1)
            #expect(try await submit(parallel, place: place).state == .starting)
            var sequential = SessionDraft(name: try name("r"))
            sequential.mode = .sequential
            let session = try await store.createSession(sequential, by: .hash, at: start)
            #expect(try await submit(.existing(session.id), place: place).state == .starting)
            #expect(try await submit(.existing(session.id), place: place).state == .queued)
            var denied = try draft("false")
            denied.state = .denied(reason: "no")
            denied.place = place
            let other = SessionReference.named(try name("t"))
            let refused = try await store.append(denied, to: other, maximumQueued: 1, at: start)
            #expect(refused.ticket.state == .denied(reason: "no"))
        },
        Case("a ticket is found by its key, in its session only") { store in
            let (s, t) = (try name("s"), try name("t"))
            let key = try IdempotencyKey("k")
            #expect(try await store.ticket(key: key, inSessionNamed: s) == nil)
            for session in [s, t] {
                _ = try await store.append(
                    try draft("true"),
                    to: .named(session),
                    maximumQueued: 10,
                    at: start
                )
            }
            let appended = try await store.append(
                try draft("id", key: "k"),
                to: .named(s),
                maximumQueued: 10,
                at: start
            )
            #expect(try await store.ticket(key: key, inSessionNamed: s) == appended.ticket)
            #expect(try await store.ticket(key: key, inSessionNamed: t) == nil)
            #expect(try await store.ticket(key: try IdempotencyKey("other"), inSessionNamed: s) == nil)
        },
        Case("an interactive ticket stays interactive") { store in
            var asked = try draft("cat")
            asked.options.input = .open
            let appended = try await store.append(
                asked,
                to: .named(try name("s")),
                maximumQueued: 10,
                at: start
            )
            #expect(try await store.ticket(appended.ticket.id)?.options.input == .open)
        },
        Case("an unknown identity is not found; an unknown name makes a parallel session") { store in
            await expectFailure("session_not_found") {
                _ = try await store.append(
                    try draft("true"),
                    to: .existing(SessionID(42)),
                    maximumQueued: 10,
                    at: start
                )
            }
            let appended = try await store.append(
                try draft("true"),
                to: .named(try name("new")),
                maximumQueued: 10,
                at: start
            )
            #expect(appended.session.mode == .parallel)
        },
        Case("the queue has a bound; a refused submission leaves nothing") { store in
            for _ in 0..<3 {
                _ = try await store.append(
                    try draft("true"),
                    to: .named(try name("a")),
                    maximumQueued: 3,
                    at: start
                )
            }
            await expectFailure("queue_full") {
                _ = try await store.append(
                    try draft("true"),
                    to: .named(try name("b")),
                    maximumQueued: 3,
                    at: start
                )
            }
            #expect(try await store.session(named: try name("b")) == nil)
            #expect(try await store.queuedCount() == 3)
            let first = try #require(try await store.session(named: try name("a")))
            _ = try await store.markStarting(
                [TicketID(session: first.id, number: 1)],
                bootID: "x",
                at: start
            )
            let next = try await store.append(
                try draft("true"),
                to: .named(try name("a")),
                maximumQueued: 3,
                at: start
            )
            #expect(next.ticket.id.number == 4)
        },
        Case("denied and waiting tickets take a number, not a place in the queue") { store in
            var asked = try draft("rm -rf /")
            asked.state = .denied(reason: "destructive")
            let denied = try await store.append(
                asked,
                to: .named(try name("s")),
                maximumQueued: 0,
                at: start
            )
            #expect(denied.ticket.id.number == 1)
            asked.state = .awaitingApproval
            let waiting = try await store.append(
                asked,
                to: .named(try name("s")),
                maximumQueued: 0,
                at: start
            )
            #expect(waiting.ticket.id.number == 2)
            #expect(try await store.queuedCount() == 0)
            #expect(try await store.ticket(denied.ticket.id)?.state == .denied(reason: "destructive"))
            #expect(try await store.unfinishedTickets().map(\.ticket.id) == [waiting.ticket.id])
        },
        Case("SQL in names, commands, keys and reasons is only text") { store in
            let hostile = "'; drop table tickets; -- \" ? $1 \\"
            var asked = try draft(hostile, key: "');delete/**/from/**/tickets;--")
            asked.options.workingDirectory = hostile
            let appended = try await store.append(
                asked,
                to: .named(try name("x--")),
                maximumQueued: 10,
                at: start
            )
            let done = try await store.finish(
                appended.ticket.id,
                as: .failed(reason: hostile),
                run: nil,
                inlineOutput: nil,
                at: start
            )
            #expect(done?.state == .failed(reason: hostile))
            #expect(try await store.ticket(appended.ticket.id) == done)
        },
    ]

    static let repeatCases: [Case] = [
        Case("a key returns its ticket, whatever came between; another command with it is a conflict") {
            store in
            let session = SessionReference.named(try name("s"))
            let first = try await store.append(
                try draft("date", key: "k"),
                to: session,
                maximumQueued: 10,
                at: start
            )
            _ = try await store.append(try draft("other"), to: session, maximumQueued: 10, at: start)
            let again = try await store.append(
                try draft("date", key: "k"),
                to: session,
                maximumQueued: 0,
                at: start + .seconds(86_400)
            )
            #expect(again.wasCached)
            #expect(again.ticket == first.ticket)
            await expectFailure("key_reused") {
                _ = try await store.append(
                    try draft("date -u", key: "k"),
                    to: session,
                    maximumQueued: 10,
                    at: start
                )
            }
            let elsewhere = try await store.append(
                try draft("date", key: "k"),
                to: .named(try name("t")),
                maximumQueued: 10,
                at: start
            )
            #expect(!elsewhere.wasCached)
        },
        Case("commands that look the same but have other bytes are different") { store in
            let session = SessionReference.named(try name("s"))
            _ = try await store.append(
                try draft("echo \u{E9}", key: "k", window: .seconds(60)),
                to: session,
                maximumQueued: 10,
                at: start
            )
            await expectFailure("key_reused") {
                _ = try await store.append(
                    try draft("echo e\u{301}", key: "k"),
                    to: session,
                    maximumQueued: 10,
                    at: start
                )
            }
            let repeated = try await store.append(
                try draft("echo e\u{301}", window: .seconds(60)),
                to: session,
                maximumQueued: 10,
                at: start
            )
            #expect(!repeated.wasCached)
        },
        Case("within the window the latest submission is not run again; later, or after another one, it is") {
            store in
            let session = SessionReference.named(try name("s"))
            let window = Duration.seconds(60)
            func submit(_ command: String, after seconds: Int) async throws -> AppendedTicket {
                try await store.append(
                    try draft(command, window: window),
                    to: session,
                    maximumQueued: 10,
                    at: start + .seconds(seconds)
                )
            }
            #expect(try await submit("ls", after: 0).wasCached == false)
            let again = try await submit("ls", after: 59)
            #expect(again.wasCached)
            #expect(again.ticket.id.number == 1)
            #expect(try await submit("ls", after: 60).ticket.id.number == 2)
            #expect(try await submit("pwd", after: 61).ticket.id.number == 3)
            #expect(try await submit("ls", after: 62).ticket.id.number == 4)
        },
        Case("other options, another key or no window make a new ticket") { store in
            let session = SessionReference.named(try name("s"))
            let asked = try draft("ls", window: .seconds(60))
            _ = try await store.append(asked, to: session, maximumQueued: 10, at: start)
            var other = asked
            other.options.workingDirectory = "/"
            #expect(
                try await store.append(other, to: session, maximumQueued: 10, at: start).wasCached == false
            )
            var keyed = other
            keyed.key = try IdempotencyKey("fresh")
            #expect(
                try await store.append(keyed, to: session, maximumQueued: 10, at: start).wasCached == false
            )
            var plain = other
            plain.repeatWindow = nil
            #expect(
                try await store.append(plain, to: session, maximumQueued: 10, at: start).wasCached == false
            )
        },
        Case("the same command in two sessions is two tickets") { store in
            let asked = try draft("ls", window: .seconds(60))
            for session in ["a", "b"] {
                let appended = try await store.append(
                    asked,
                    to: .named(try name(session)),
                    maximumQueued: 10,
                    at: start
                )
                #expect(!appended.wasCached)
            }
        },
    ]
}
