import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("When tickets run")
struct TicketSchedulerTests {
    @Test("tickets of a sequential session run in the order of their numbers")
    func sequential() async throws {
        let harness = Harness()
        try await harness.running {
            _ = try await harness.makeSession("q", .sequential)
            var ids: [TicketID] = []
            for number in 1...5 { ids.append(try await harness.submit("c\(number)", to: "q").ticket.id) }
            for number in 1...5 {
                try await harness.started(number)
                #expect(harness.runner.started.map(\.ticket) == Array(ids.prefix(number)))
                harness.runner.finish(ids[number - 1], .exited(at: harness.clock.now()))
            }
            try await eventually("idle") { await harness.scheduler.isIdle }
        }
    }

    @Test("with a free place a ticket is stored as starting at once; one that must wait is queued")
    func heldPlace() async throws {
        let harness = Harness(limits: RunningLimits(total: 2))
        try await harness.running {
            _ = try await harness.makeSession("q", .sequential)
            try await eventually("the scheduler is at work") {
                let place = await harness.scheduler.offerPlace(to: .hash)
                if place != nil { await harness.scheduler.giveBack(placeOf: .hash) }
                return place != nil
            }
            let first = try await harness.submit("one", to: "q").ticket
            #expect(first.state == .starting)
            #expect(harness.store.calls(of: .markStarting) == 0)
            let second = try await harness.submit("two", to: "q").ticket
            #expect(second.state == .queued, "the session is sequential")
            let other = try await harness.submit("three", to: "r").ticket
            #expect(other.state == .queued, "somebody waits already")
            try await harness.started(2)
            #expect(harness.runner.started.map(\.ticket) == [first.id, other.id])
            harness.runner.finish(first.id, .exited(at: harness.clock.now()))
            try await harness.started(3)
            for id in [second.id, other.id] {
                harness.runner.finish(id, .exited(at: harness.clock.now()))
            }
            try await eventually("idle") { await harness.scheduler.isIdle }
        }
    }

    @Test("a place that was held for a submission that fails or repeats another one is free again")
    func heldForNothing() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        try await harness.running {
            harness.store.fail(.append, times: 3)
            for _ in 0..<3 { _ = try? await harness.submit("one") }
            let first = try await harness.submit("one", key: "k").ticket
            try await harness.started(1)
            harness.runner.finish(first.id, .exited(at: harness.clock.now()))
            try await harness.until(first.id, is: .exited(code: 0))
            #expect(try await harness.submit("one", key: "k").wasCached)
            let last = try await harness.submit("two").ticket
            try await harness.started(2)
            harness.runner.finish(last.id, .exited(at: harness.clock.now()))
            try await eventually("idle") { await harness.scheduler.isIdle }
        }
    }

    @Test("a ticket that is cancelled between its storing and its start is ended once it has started")
    func cancelledOnTheWay() async throws {
        let harness = Harness()
        try await harness.running {
            let session = try await harness.makeSession("q", .parallel)
            let ticket = harness.store.plant(.starting, in: session, at: harness.clock.now())
            await harness.scheduler.cancelled(ticket)
            #expect(harness.runner.ended.isEmpty)
            await harness.scheduler.enqueue(ticket, in: session)
            try await harness.started(1)
            try await eventually("it is ended") { harness.runner.ended == [ticket.id] }
        }
    }

    @Test("a run gets directory, environment and limits of session and ticket, the ticket's first")
    func request() async throws {
        let harness = Harness()
        try await harness.running {
            _ = try await harness.tickets.createSession(
                name: try SessionName("q"),
                configure: { draft in
                    draft.mode = .stateful
                    draft.workingDirectory = "/srv"
                    draft.environment = ["A": "session", "B": "session"]
                    draft.limits.time = .seconds(10)
                    draft.limits.processes = 5
                },
                as: Harness.operatorPrincipal
            )
            try await harness.submit("x", to: "q") { options in
                options.environment = ["B": "ticket"]
                options.limits.time = .seconds(1)
            }
            try await harness.started(1)
            let request = harness.runner.started[0]
            #expect(request.workingDirectory == "/srv")
            #expect(request.environment == ["A": "session", "B": "ticket"])
            #expect(request.limits == RunLimits(time: .seconds(1), processes: 5))
            #expect(request.isStateful)
        }
    }

    @Test("large commands and inputs wait in the store, not in memory, and run whole")
    func large() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        try await harness.running {
            let first = try await harness.submit("first").ticket
            let long = String(repeating: "x", count: 100_000)
            let input = [UInt8](repeating: 7, count: 500_000)
            try await harness.submit(long) { $0.input = .bytes(input) }
            try await harness.started(1)
            harness.runner.finish(first.id, .exited(at: harness.clock.now()))
            try await harness.started(2)
            #expect(harness.runner.started[1].command == long)
            #expect(harness.runner.started[1].input == .bytes(input))
        }
    }

    @Test("a runner that cannot be started is a clear state, and the next ticket runs")
    func startFails() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        harness.runner.failStarts(with: [
            Failure(.unavailable, code: "runner_unavailable", message: "There are no more processes.")
        ])
        try await harness.running {
            let first = try await harness.submit("one").ticket
            let second = try await harness.submit("two").ticket
            try await harness.until(first.id, is: .failed(reason: "There are no more processes."))
            try await harness.started(1)
            #expect(harness.runner.started[0].ticket == second.id)
            #expect(harness.log.text.contains("runner cannot be started"))
        }
    }

    @Test("the end of a ticket is stored even when the store fails for a while, and told only then")
    func finishFails() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        try await harness.running {
            let ticket = try await harness.submit("one").ticket
            try await harness.started(1)
            harness.store.fail(.finish, times: 3)
            async let waiter = harness.tickets.ticket(ticket, waiting: .seconds(30))
            harness.runner.finish(ticket.id, .exited(7, at: harness.clock.now()))
            #expect(try await waiter.state == .exited(code: 7))
            #expect(harness.store.calls(of: .finish) == 4)
        }
    }

    @Test("tickets wait for the store to recover when it cannot mark them as starting")
    func markFails() async throws {
        let harness = Harness(limits: RunningLimits(total: 2))
        harness.store.fail(.markStarting, times: 3)
        try await harness.running {
            for number in 1...3 { try await harness.submit("c\(number)") }
            try await harness.started(2)
            #expect(harness.log.text.contains("cannot be marked as starting"))
            for request in harness.runner.started {
                harness.runner.finish(request.ticket, .exited(at: harness.clock.now()))
            }
            try await harness.started(3)
            #expect(Set(harness.runner.started.map(\.ticket)).count == 3)
        }
    }

    @Test("a ticket whose record cannot be read for a while is started when it can")
    func readFails() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        try await harness.running {
            let first = try await harness.submit("first").ticket
            try await harness.started(1)
            let long = String(repeating: "y", count: 5_000)
            try await harness.submit(long)
            harness.store.fail(.ticket, times: 2)
            harness.runner.finish(first.id, .exited(at: harness.clock.now()))
            try await harness.started(2)
            #expect(harness.runner.started[1].command == long)
        }
    }

    @Test("limits hold under a stream of tickets, and all of them end")
    func limits() async throws {
        let harness = Harness(limits: RunningLimits(total: 5, perSession: 2, perPrincipal: 5))
        try await harness.running {
            for index in 0..<60 { try await harness.submit("c\(index)", to: "s\(index % 4)") }
            var over: Set<TicketID> = []
            while over.count < 60 {
                let load = await harness.scheduler.load
                #expect(load.running <= 5)
                let running = harness.runner.started.map(\.ticket).filter { !over.contains($0) }
                #expect(Dictionary(grouping: running, by: \.session).values.allSatisfy { $0.count <= 2 })
                guard let next = running.first else {
                    try await Task.sleep(for: .milliseconds(1))
                    continue
                }
                over.insert(next)
                harness.runner.finish(next, .exited(at: harness.clock.now()))
                try await harness.until(next, is: .exited(code: 0))
            }
            #expect(await harness.scheduler.isIdle)
            #expect(
                harness.metrics.prometheusText().contains(
                    "deckhand_tickets_ended_total{state=\"exited\"} 60\n"
                )
            )
        }
    }

    @Test("stopping the server ends no run, and leaves what waits queued in the store")
    func stopping() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        var running: TicketID?
        try await harness.running {
            running = try await harness.submit("one").ticket.id
            try await harness.submit("two")
            try await harness.started(1)
        }
        #expect(harness.runner.ended.isEmpty)
        #expect(try await harness.store.queuedCount() == 1)
        let id = try #require(running)
        #expect(try await harness.store.ticket(id)?.state == .starting)
    }

    @Test("old tickets are pruned with their files, running ones never")
    func pruning() async throws {
        let clock = ManualClock()
        let harness = Harness(answer: { request in
            request.command == "stay" ? nil : .exited(stdout: "12345", at: clock.now())
        })
        try await harness.running {
            let old = try await harness.submit("old", waiting: .seconds(30)).ticket
            let stay = try await harness.submit("stay").ticket
            try await harness.started(2)
            let pruner = TicketPruner(
                store: harness.store,
                outputs: harness.outputs,
                finished: harness.hub.finished,
                clock: harness.clock,
                logger: Logger(level: .error, sink: NullLogSink()),
                keepFor: .seconds(86_400),
                keepBytes: 1 << 20
            )
            #expect(try await pruner.prune() == 0)
            harness.clock.advance(by: .seconds(90_000))
            let fresh = try await harness.submit("fresh").ticket
            // Asked for, it is kept in memory; pruned, it is gone from there too.
            #expect(try await harness.state(old.id) == .exited(code: 0))
            #expect(try await pruner.prune() == 1)
            await #expect(throws: Failure.self) { try await harness.state(old.id) }
            #expect(harness.outputs.removed == ["s/\(old.id.number)"])
            #expect(try await harness.store.ticket(old.id) == nil)
            #expect(try await harness.store.ticket(stay.id) != nil)
            #expect(fresh.id.number == 3)
        }
    }
}
