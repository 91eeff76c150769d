import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("After a restart")
struct ReconcilerTests {
    private let harness = Harness()

    @Test("tickets that waited wait again, in order, and run")
    func queued() async throws {
        let session = try await harness.makeSession("q", .sequential)
        let first = harness.store.plant(.queued, command: "one", in: session, at: harness.clock.now())
        let second = harness.store.plant(.queued, command: "two", in: session, at: harness.clock.now())
        let summary = try await harness.reconciler.reconcile()
        #expect(summary == Reconciler.Summary(queued: 2, running: 0, restarted: 0, ended: 0))
        try await harness.running {
            try await harness.started(1)
            #expect(harness.runner.started.map(\.ticket) == [first.id])
            harness.runner.finish(first.id, .exited(at: harness.clock.now()))
            try await harness.started(2)
            #expect(harness.runner.started.map(\.ticket) == [first.id, second.id])
        }
        #expect(harness.runner.recoveries.isEmpty)
    }

    @Test("a ticket that awaits approval still does")
    func awaiting() async throws {
        let session = try await harness.makeSession("q", .sequential)
        _ = harness.store.plant(.awaitingApproval, in: session, at: harness.clock.now())
        _ = harness.store.plant(.queued, in: session, at: harness.clock.now())
        _ = try await harness.reconciler.reconcile()
        try await harness.running {
            let other = try await harness.submit("other", to: "p").ticket
            try await harness.started(1)
            #expect(harness.runner.started.map(\.ticket) == [other.id])
            #expect(await harness.scheduler.load.waiting == 2)
        }
    }

    @Test(
        "a ticket that was marked but never claimed is started once",
        arguments: ["boot-1", "boot-0", nil] as [String?]
    )
    func unclaimed(boot: String?) async throws {
        let session = try await harness.makeSession("s", .parallel)
        let ticket = harness.store.plant(
            .starting,
            command: "one",
            in: session,
            bootID: boot,
            at: harness.clock.now()
        )
        let summary = try await harness.reconciler.reconcile()
        #expect(summary == Reconciler.Summary(queued: 0, running: 0, restarted: 1, ended: 0))
        #expect(harness.runner.started.map(\.ticket) == [ticket.id])
        #expect(harness.runner.recoveries.map(\.bootID) == [boot])
    }

    @Test("a ticket whose runner is at work is watched, takes its place, and ends as it ends")
    func running() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        let session = try await harness.makeSession("s", .parallel)
        let started = harness.clock.now() - .seconds(30)
        let ticket = harness.store.plant(.starting, in: session, bootID: "boot-1", at: started)
        harness.runner.setRecovery(.running(started: started), of: ticket.id)
        let summary = try await harness.reconciler.reconcile()
        #expect(summary == Reconciler.Summary(queued: 0, running: 1, restarted: 0, ended: 0))
        let seen = try await harness.tickets.ticket(ticket.id, as: Harness.operatorPrincipal)
        #expect(seen.state == .running)
        #expect(seen.started == started)
        try await harness.running {
            let next = try await harness.submit("next").ticket
            #expect(harness.runner.started.isEmpty)
            harness.runner.finish(ticket.id, .exited(4, at: harness.clock.now()))
            try await harness.until(ticket.id, is: .exited(code: 4))
            try await harness.started(1)
            #expect(harness.runner.started.map(\.ticket) == [next.id])
        }
    }

    @Test(
        "a ticket that ended meanwhile has its true end",
        arguments: [
            TicketState.exited(code: 0), .exited(code: 9), .killed(signal: 11), .timedOut, .cancelled,
            .lost(reason: "rebooted"), .failed(reason: "no directory"),
        ]
    )
    func ended(state: TicketState) async throws {
        let session = try await harness.makeSession("s", .parallel)
        let ticket = harness.store.plant(.starting, in: session, bootID: "boot-0", at: harness.clock.now())
        let facts = RunFacts(
            started: harness.clock.now(),
            finished: harness.clock.now() + .seconds(5),
            outputBytes: 3
        )
        harness.runner.setRecovery(
            .finished(RunOutcome(state: state, facts: facts, inlineOutput: nil)),
            of: ticket.id
        )
        let summary = try await harness.reconciler.reconcile()
        #expect(summary == Reconciler.Summary(queued: 0, running: 0, restarted: 0, ended: 1))
        let stored = try #require(try await harness.store.ticket(ticket.id))
        #expect(stored.state == state)
        #expect(stored.run == facts)
        #expect(harness.runner.started.isEmpty)
    }

    @Test("a cancellation that was stored is carried out: not started, ended, or already over")
    func cancelled() async throws {
        let session = try await harness.makeSession("s", .parallel)
        let now = harness.clock.now()
        let unclaimed = harness.store.plant(
            .starting,
            in: session,
            bootID: "boot-1",
            isCancelRequested: true,
            at: now
        )
        let atWork = harness.store.plant(
            .starting,
            in: session,
            bootID: "boot-1",
            isCancelRequested: true,
            at: now
        )
        let over = harness.store.plant(
            .starting,
            in: session,
            bootID: "boot-1",
            isCancelRequested: true,
            at: now
        )
        harness.runner.setRecovery(.running(started: nil), of: atWork.id)
        harness.runner.setRecovery(.finished(.exited(1, at: now)), of: over.id)
        let summary = try await harness.reconciler.reconcile()
        #expect(summary == Reconciler.Summary(queued: 0, running: 1, restarted: 0, ended: 2))
        #expect(try await harness.store.ticket(unclaimed.id)?.state == .cancelled)
        #expect(harness.runner.ended == [atWork.id])
        #expect(try await harness.store.ticket(over.id)?.state == .exited(code: 1))
        #expect(harness.runner.started.isEmpty)
    }

    @Test("tickets found at work count before waiting ones are let in")
    func order() async throws {
        let harness = Harness(limits: RunningLimits(total: 1))
        let session = try await harness.makeSession("s", .sequential)
        let other = try await harness.makeSession("t", .parallel)
        let waiting = harness.store.plant(.queued, in: other, at: harness.clock.now())
        let atWork = harness.store.plant(.starting, in: session, bootID: "boot-1", at: harness.clock.now())
        harness.runner.setRecovery(.running(started: nil), of: atWork.id)
        try await harness.running {
            _ = try await harness.reconciler.reconcile()
            #expect(await harness.scheduler.load == (1, 1))
            harness.runner.finish(atWork.id, .exited(at: harness.clock.now()))
            try await harness.started(1)
            #expect(harness.runner.started.map(\.ticket) == [waiting.id])
        }
    }

    @Test("doing it again when all is over finds nothing to do")
    func twice() async throws {
        let session = try await harness.makeSession("s", .parallel)
        let ticket = harness.store.plant(.starting, in: session, bootID: "boot-1", at: harness.clock.now())
        harness.runner.setRecovery(.finished(.exited(at: harness.clock.now())), of: ticket.id)
        #expect(try await harness.reconciler.reconcile().ended == 1)
        #expect(try await harness.reconciler.reconcile() == Reconciler.Summary())
        #expect(harness.runner.recoveries.count == 1)
    }
}
