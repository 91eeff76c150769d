import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Submitting, reading and ending tickets")
struct TicketServiceTests {
    private let reader = Principal(id: PrincipalID("token:9"), permissions: [.shellRead])
    private let nobody = Principal(id: PrincipalID("token:8"), permissions: [.chat])

    @Test("a ticket is queued, started, and over with its outcome")
    func life() async throws {
        let harness = Harness()
        try await harness.running {
            let ticket = try await harness.submit("uptime").ticket
            #expect([.queued, .starting].contains(ticket.state))
            #expect(ticket.id.number == 1)
            try await harness.started(1)
            #expect(harness.runner.started[0].command == "uptime")
            #expect(harness.runner.started[0].folder.rawValue == "s")
            harness.runner.report(started: ticket.id, at: harness.clock.now())
            try await harness.until(ticket.id, is: .running)
            harness.runner.finish(ticket.id, .exited(3, stdout: "up\n", at: harness.clock.now()))
            try await harness.until(ticket.id, is: .exited(code: 3))
            #expect(await harness.scheduler.isIdle)
        }
    }

    @Test("waiting answers with the end when it comes in time, and nobody stays subscribed")
    func waiting() async throws {
        let clock = ManualClock()
        let harness = Harness(answer: { _ in .exited(stdout: "hi", at: clock.now()) })
        try await harness.running {
            let appended = try await harness.submit("echo hi", waiting: .seconds(30))
            #expect(appended.ticket.state == .exited(code: 0))
            #expect(appended.ticket.inlineOutput?.combined == Array("hi".utf8))
            try await eventually("no watcher is left") { harness.hub.watcherCount == 0 }
        }
    }

    @Test("waiting answers with the present state when the time is up")
    func waitingTooShort() async throws {
        let harness = Harness()
        try await harness.running {
            let ticket = try await harness.submit("sleep 60", waiting: .milliseconds(20)).ticket
            #expect(!ticket.state.isTerminal)
            let again = try await harness.tickets.ticket(ticket, waiting: .milliseconds(20))
            #expect(!again.state.isTerminal)
            try await eventually("no watcher is left") { harness.hub.watcherCount == 0 }
        }
    }

    @Test("many waiters of one ticket are all answered")
    func waiters() async throws {
        let harness = Harness()
        try await harness.running {
            let ticket = try await harness.submit("x").ticket
            try await harness.started(1)
            try await withThrowingTaskGroup(of: Ticket.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await harness.tickets.ticket(ticket, waiting: .seconds(30)) }
                }
                try await eventually("all wait") { harness.hub.watcherCount == 50 }
                harness.runner.finish(ticket.id, .exited(at: harness.clock.now()))
                for try await answer in group { #expect(answer.state == .exited(code: 0)) }
            }
        }
    }

    @Test("the same key is the same ticket, and runs once")
    func key() async throws {
        let harness = Harness()
        try await harness.running {
            let first = try await harness.submit("date", key: "k")
            let second = try await harness.submit("date", key: "k")
            #expect(second.wasCached)
            #expect(second.ticket.id == first.ticket.id)
            let failure = await #expect(throws: Failure.self) { try await harness.submit("other", key: "k") }
            #expect(failure?.code == "key_reused")
            let elsewhere = try await harness.submit("date", to: "t", key: "k")
            #expect(!elsewhere.wasCached)
            try await harness.started(2)
            #expect(harness.runner.started.count == 2)
        }
    }

    @Test("a repeat within the window is the earlier ticket, a later one is new")
    func window() async throws {
        let harness = Harness()
        let first = try await harness.submit("date", window: .seconds(60))
        harness.clock.advance(by: .seconds(59))
        #expect(try await harness.submit("date", window: .seconds(60)).ticket.id == first.ticket.id)
        #expect(try await harness.submit("date").ticket.id.number == 2)
        harness.clock.advance(by: .seconds(60))
        #expect(try await harness.submit("date", window: .seconds(60)).ticket.id.number == 3)
    }

    @Test("waiting on a repeat of a ticket that is over answers at once")
    func cachedEnd() async throws {
        let clock = ManualClock()
        let harness = Harness(answer: { _ in .exited(at: clock.now()) })
        try await harness.running {
            let first = try await harness.submit("date", key: "k", waiting: .seconds(30))
            let second = try await harness.submit("date", key: "k", waiting: .seconds(30))
            #expect(second.wasCached)
            #expect(second.ticket.state == first.ticket.state)
            #expect(harness.runner.started.count == 1)
        }
    }

    @Test("without a name a repeat goes to the same random session")
    func randomSession() async throws {
        let harness = Harness()
        var submission = Submission(target: .random(repeatedBy: "hash|1|date"), command: "date", origin: .get)
        submission.repeatWindow = .seconds(60)
        let first = try await harness.tickets.submit(submission, as: Harness.operatorPrincipal)
        let second = try await harness.tickets.submit(submission, as: Harness.operatorPrincipal)
        #expect(second.wasCached)
        #expect(second.ticket.id == first.ticket.id)
        submission.target = .random(repeatedBy: nil)
        let third = try await harness.tickets.submit(submission, as: Harness.operatorPrincipal)
        #expect(third.session.name != first.session.name)
    }

    @Test("two hundred submissions at once get the numbers 1 to 200, and all run")
    func concurrent() async throws {
        let clock = ManualClock()
        let harness = Harness(answer: { request in .exited(stdout: request.command, at: clock.now()) })
        try await harness.running {
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let ticket = try await harness.submit("echo \(index)", waiting: .seconds(60)).ticket
                        #expect(ticket.inlineOutput?.combined == Array("echo \(index)".utf8))
                        return ticket.id.number
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...200))
        }
    }

    // MARK: Policy

    @Test("what the policy denies is stored with the reason and never started")
    func denied() async throws {
        let policy = FakePolicy { question in
            question.command.contains("rm")
                ? .deny(reason: "It deletes", rule: "no-rm", hint: "Use trash.") : .allow
        }
        let harness = Harness(policy: policy)
        try await harness.running {
            let ticket = try await harness.submit("rm -rf /", waiting: .seconds(5)).ticket
            #expect(ticket.state == .denied(reason: "It deletes (rule no-rm). Use trash."))
            try await harness.submit("ls")
            try await harness.started(1)
            #expect(harness.runner.started.map(\.command) == ["ls"])
            #expect(policy.questions.map(\.origin) == [.api, .api])
            #expect(policy.questions[0].principal == .hash)
        }
    }

    @Test(
        "what the policy asks about waits without a place, holds back its sequential session, and can be cancelled"
    )
    func asked() async throws {
        let harness = Harness(
            policy: FakePolicy { $0.command == "ask" ? .ask(reason: "Unclear", rule: "default") : .allow }
        )
        try await harness.running {
            _ = try await harness.makeSession("q", .sequential)
            let waiting = try await harness.submit("ask", to: "q").ticket
            #expect(waiting.state == .awaitingApproval)
            let behind = try await harness.submit("ls", to: "q").ticket
            try await harness.submit("pwd", to: "p")
            try await harness.started(1)
            #expect(harness.runner.started.map(\.command) == ["pwd"])
            let cancelled = try await harness.tickets.cancel(waiting.id, as: Harness.operatorPrincipal)
            #expect(cancelled.state == .cancelled)
            try await harness.started(2)
            #expect(harness.runner.started.last?.ticket == behind.id)
        }
    }

    // MARK: Cancelling

    @Test("a queued ticket is taken out, and its waiter told")
    func cancelQueued() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        try await harness.running {
            let first = try await harness.submit("one").ticket
            try await harness.started(1)
            let second = try await harness.submit("two").ticket
            async let waiter = harness.tickets.ticket(second, waiting: .seconds(30))
            try await eventually("it is watched") { harness.hub.watcherCount == 1 }
            _ = try await harness.tickets.cancel(second.id, as: Harness.operatorPrincipal)
            #expect(try await waiter.state == .cancelled)
            harness.runner.finish(first.id, .exited(at: harness.clock.now()))
            try await eventually("idle") { await harness.scheduler.isIdle }
            #expect(harness.runner.started.count == 1)
            #expect(harness.runner.ended.isEmpty)
            #expect(try await harness.audit.entries(limit: 9).map(\.action) == ["ticket.cancel"])
        }
    }

    @Test("a running ticket is ended by its runner, once started")
    func cancelRunning() async throws {
        let harness = Harness()
        try await harness.running {
            let ticket = try await harness.submit("sleep 60").ticket
            try await harness.started(1)
            try await eventually("the start has returned") {
                _ = try await harness.tickets.cancel(ticket.id, as: Harness.operatorPrincipal)
                return harness.runner.ended.contains(ticket.id)
            }
            harness.runner.finish(
                ticket.id,
                RunOutcome(
                    state: .cancelled,
                    facts: RunFacts(started: harness.clock.now(), finished: harness.clock.now()),
                    inlineOutput: nil
                )
            )
            try await harness.until(ticket.id, is: .cancelled)
            let after = try await harness.tickets.cancel(ticket.id, as: Harness.operatorPrincipal)
            #expect(after.state == .cancelled)
        }
    }

    @Test("a cancel that arrives while the runner is being started is carried out after the start")
    func cancelWhileStarting() async throws {
        let harness = Harness()
        harness.runner.holdStarts()
        try await harness.running {
            let ticket = try await harness.submit("sleep 60").ticket
            try await eventually("the start is held") { harness.runner.heldCount == 1 }
            _ = try await harness.tickets.cancel(ticket.id, as: Harness.operatorPrincipal)
            #expect(harness.runner.ended.isEmpty)
            harness.runner.releaseStarts()
            try await eventually("it is ended") { harness.runner.ended == [ticket.id] }
        }
    }

    // MARK: Input

    @Test("input reaches interactive tickets that run, and waits for those that are about to")
    func input() async throws {
        let harness = Harness(limits: RunningLimits(total: 2))
        try await harness.running {
            let plain = try await harness.submit("true").ticket
            let open = try await harness.submit("cat") { $0.input = .open }.ticket
            @Sendable func write(_ id: TicketID, closing: Bool = false) async throws {
                try await harness.tickets.write(
                    Array("x".utf8),
                    closing: closing,
                    to: id,
                    as: Harness.operatorPrincipal
                )
            }
            async let early: Void = write(open.id)
            try await eventually("it waits") { harness.hub.watcherCount == 1 }
            #expect(harness.runner.written(to: open.id) == [])
            try await harness.started(2)
            harness.runner.report(started: open.id, at: harness.clock.now())
            try await early
            try await write(open.id, closing: true)
            #expect(harness.runner.written(to: open.id) == Array("xx".utf8))
            #expect(harness.runner.isClosed(open.id))
            var failure = await #expect(throws: Failure.self) { try await write(open.id) }
            #expect(failure?.code == "input_closed")
            failure = await #expect(throws: Failure.self) { try await write(plain.id) }
            #expect(failure?.code == "not_interactive")
            harness.runner.finish(open.id, .exited(at: harness.clock.now()))
            try await harness.until(open.id, is: .exited(code: 0))
            failure = await #expect(throws: Failure.self) { try await write(open.id) }
            #expect(failure?.code == "input_closed")
            let entry = try #require(try await harness.audit.entries(limit: 1).first)
            #expect(entry.action == "ticket.input")
        }
    }

    @Test("input for a ticket that ends before its command started is refused at its end")
    func inputTooLate() async throws {
        let harness = Harness()
        let ticket = try await harness.submit("cat") { $0.input = .open }.ticket
        async let write = harness.tickets.write(
            [1],
            closing: false,
            to: ticket.id,
            as: Harness.operatorPrincipal
        )
        try await eventually("it waits") { harness.hub.watcherCount == 1 }
        _ = try await harness.tickets.cancel(ticket.id, as: Harness.operatorPrincipal)
        do {
            _ = try await write
            Issue.record("it was written")
        } catch {
            #expect((error as? Failure)?.code == "input_closed")
        }
    }

    // MARK: Permissions and bounds

    @Test("each use case asks for its permission")
    func permissions() async throws {
        let harness = Harness()
        let ticket = try await harness.submit("true").ticket
        let name = try SessionName("s")
        let submission = Submission(target: .named(name), command: "true", origin: .api)
        let asReader = reader
        let asNobody = nobody
        var interactive = submission
        interactive.options.input = .open
        let runner = Principal(id: PrincipalID("token:7"), permissions: [.shellRun])
        let attempts: [@Sendable () async throws -> Void] = [
            { _ = try await harness.tickets.submit(submission, as: asReader) },
            { [interactive] in _ = try await harness.tickets.submit(interactive, as: runner) },
            { _ = try await harness.tickets.cancel(ticket.id, as: asReader) },
            { try await harness.tickets.write([1], closing: false, to: ticket.id, as: asReader) },
            { try await harness.tickets.deleteSession(named: name, as: asReader) },
            { _ = try await harness.tickets.createSession(name: nil, configure: { _ in }, as: asReader) },
            { _ = try await harness.tickets.ticket(ticket.id, as: asNobody) },
            { _ = try await harness.tickets.ticket(number: 1, in: name, as: asNobody) },
            {
                _ = try await harness.tickets.tickets(
                    in: ticket.id.session,
                    after: nil,
                    limit: 1,
                    as: asNobody
                )
            },
            { _ = try await harness.tickets.session(named: name, as: asNobody) },
            { _ = try await harness.tickets.session(ticket.id.session, as: asNobody) },
            { _ = try await harness.tickets.sessions(after: nil, limit: 1, as: asNobody) },
        ]
        for (index, attempt) in attempts.enumerated() {
            let failure = await #expect(throws: Failure.self) { try await attempt() }
            #expect(failure?.code == "permission_missing", "attempt \(index)")
        }
        #expect(try await harness.store.queuedCount() == 1)
    }

    @Test("a full queue refuses, says when to come back, and loses nothing")
    func full() async throws {
        let harness = Harness(maximumQueued: 2)
        for number in 1...2 { #expect(try await harness.submit("c\(number)").ticket.id.number == number) }
        let failure = await #expect(throws: Failure.self) { try await harness.submit("c3") }
        #expect(failure?.code == "queue_full")
        #expect(failure?.retryAfter != nil)
        #expect(try await harness.store.queuedCount() == 2)
    }

    @Test("a session is deleted with its files, unless a ticket of it is not over")
    func deletion() async throws {
        let harness = Harness()
        try await harness.running {
            let ticket = try await harness.submit("true").ticket
            let failure = await #expect(throws: Failure.self) {
                try await harness.tickets.deleteSession(
                    named: ticket.sessionName,
                    as: Harness.operatorPrincipal
                )
            }
            #expect(failure?.code == "session_busy")
            try await harness.started(1)
            harness.runner.finish(ticket.id, .exited(at: harness.clock.now()))
            try await harness.until(ticket.id, is: .exited(code: 0))
            try await harness.tickets.deleteSession(named: ticket.sessionName, as: Harness.operatorPrincipal)
            #expect(harness.outputs.removed == ["s"])
            let gone = await #expect(throws: Failure.self) { try await harness.state(ticket.id) }
            #expect(gone?.code == "ticket_not_found")
        }
    }

    @Test("what is missing is told apart")
    func missing() async throws {
        let harness = Harness()
        try await harness.submit("true")
        let name = try SessionName("s")
        var failure = await #expect(throws: Failure.self) {
            try await harness.tickets.ticket(number: 2, in: name, as: Harness.operatorPrincipal)
        }
        #expect(failure?.code == "ticket_not_found")
        failure = await #expect(throws: Failure.self) {
            try await harness.tickets.session(named: try SessionName("none"), as: Harness.operatorPrincipal)
        }
        #expect(failure?.code == "session_not_found")
        failure = await #expect(throws: Failure.self) {
            try await harness.tickets.session(SessionID(99), as: Harness.operatorPrincipal)
        }
        #expect(failure?.code == "session_not_found")
        #expect(harness.tickets.policySummary == "Every command is allowed.")
    }
}
