import Core
import Domain
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("Input that a model types into a running ticket")
struct ApprovalInputTests {
    /// A ticket that takes input and runs.
    private func interactive(_ bench: ApprovalBench) async throws -> Ticket {
        let ticket = try await bench.submit("cat") { $0.options.input = .open }.ticket
        try await bench.started(1)
        bench.runner.report(started: ticket.id, at: bench.clock.now())
        try await bench.until(ticket, is: "running")
        return ticket
    }

    private func type(_ bench: ApprovalBench, _ text: String, _ ticket: Ticket, closing: Bool = false)
        async throws
        -> Approval
    {
        try #require(
            try await bench.tickets.write(
                Array(text.utf8),
                closing: closing,
                to: ticket.id,
                through: .assistant,
                reference: "turn/1/\(text)",
                as: ApprovalBench.model
            )
        )
    }

    @Test(
        "is asked for with its exact bytes, and written once when approved",
        arguments: [TicketOrigin.assistant, .bridge, .tool]
    )
    func asked(_ origin: TicketOrigin) async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let ticket = try await interactive(bench)
            let approval = try #require(
                try await bench.tickets.write(
                    [121, 10, 0, 255],
                    closing: true,
                    to: ticket.id,
                    through: origin,
                    as: ApprovalBench.model
                )
            )
            #expect(approval.subject == .input(ticket.id, bytes: [121, 10, 0, 255], closing: true))
            #expect(approval.contents.command == "cat")
            #expect(approval.contents.proposedRule == nil)
            #expect(bench.runner.written(to: ticket.id).isEmpty)
            _ = try await bench.decide(approval)
            #expect(bench.runner.written(to: ticket.id) == [121, 10, 0, 255])
            #expect(bench.runner.isClosed(ticket.id))
            _ = try await bench.decide(approval)
            #expect(bench.runner.written(to: ticket.id).count == 4, "written once")
            #expect(try await bench.state(ticket).word == "running")
            #expect(try await bench.audited() == ["approval.create", "approval.approve", "approval.input"])
        }
        await bench.close()
    }

    @Test("of a person's own door is written at once, and audited with its length and digest")
    func person() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let ticket = try await interactive(bench)
            for origin in [TicketOrigin.api, .cli, .console, .get] {
                let approval = try await bench.tickets.write(
                    [120],
                    closing: false,
                    to: ticket.id,
                    through: origin,
                    as: ApprovalBench.model
                )
                #expect(approval == nil)
            }
            #expect(bench.runner.written(to: ticket.id).count == 4)
            let entry = try await bench.stores.audit.entries(limit: 1).first
            #expect(entry?.action == "ticket.input")
            #expect(entry?.detail.contains("\"bytes\":1") == true)
            #expect(entry?.detail.contains("\"sha256\":\"") == true)
        }
        await bench.close()
    }

    @Test("that is denied, or comes too late, is never written")
    func late() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let ticket = try await interactive(bench)
            let refused = try await type(bench, "a", ticket)
            let waiting = try await type(bench, "b", ticket)
            #expect(try await type(bench, "b", ticket) == waiting, "the same question again")
            #expect(try await bench.decide(refused, .deny).state == .denied)
            bench.runner.finish(ticket.id, .exited(at: bench.clock.now()))
            try await eventually("the question is voided with its ticket") {
                try await bench.stores.approvals.approval(waiting.id)?.state.word == "voided"
            }
            let failure = await #expect(throws: Failure.self) { try await bench.decide(waiting) }
            #expect(failure?.code == "approval_decided")
            #expect(bench.runner.written(to: ticket.id).isEmpty)
        }
        await bench.close()
    }

    @Test("that was approved before a crash is written after it, and what was handed over is not typed twice")
    func restart() async throws {
        let first = try await ApprovalBench()
        var found: Ticket?
        try await first.running { found = try await interactive(first) }
        let ticket = try #require(found)
        let approved = try await type(first, "a", ticket)
        let used = try await type(first, "b", ticket)
        let decision = ApprovalDecision(by: ApprovalBench.alice.id, at: first.clock.now())
        for approval in [approved, used] {
            _ = try await first.stores.approvals.settle(approval.id, .decide(.approve, decision))
        }
        _ = try await first.stores.approvals.settle(used.id, .use(at: first.clock.now()))
        let second = first.reborn()
        second.runner.setRecovery(.running(started: first.clock.now()), of: ticket.id)
        try await second.running {
            try await eventually("it is written") { !second.runner.written(to: ticket.id).isEmpty }
            #expect(try await second.stores.approvals.openInputs().isEmpty)
            #expect(second.runner.written(to: ticket.id) == [97])
        }
        await first.close()
    }
}

@Suite("Notices about approvals")
struct ApprovalAnnouncerTests {
    @Test("are sent for each change, tried again, and say nothing but a pointer")
    func sent() async throws {
        let notifier = ScriptedNotifier(failures: 2)
        let bench = try await ApprovalBench(notifier: notifier)
        try await bench.running {
            let approval = try #require(try await bench.submit("ask secret-command").approval)
            _ = try await bench.decide(approval, .deny)
            try await eventually("both arrive") { notifier.sent.count == 2 }
            #expect(notifier.attempts == 4)
            #expect(notifier.sent.map(\.event) == ["approval.created", "approval.settled"])
            #expect(notifier.sent.map(\.state) == ["awaiting", "denied"])
            #expect(notifier.sent.first?.reason == "It changes something.")
            #expect(notifier.sent.first?.link == "https://h/approve?id=\(approval.id)")
            #expect(notifier.sent.allSatisfy { !"\($0)".contains("secret-command") })
        }
        await bench.close()
    }

    @Test("that nobody takes are given up, and hold nothing back")
    func givenUp() async throws {
        let notifier = ScriptedNotifier(failures: 3)
        let bench = try await ApprovalBench(notifier: notifier) {
            .exited(at: Timestamp(seconds: Int64($0.ticket.number)))
        }
        try await bench.running {
            let submitted = try await bench.submit("ask")
            _ = try await bench.decide(try #require(submitted.approval))
            try await bench.until(submitted.ticket, is: "exited")
            try await eventually("the second arrives after the first was given up") {
                notifier.sent.count == 1
            }
            #expect(notifier.sent.first?.event == "approval.settled")
            #expect(notifier.attempts == 4)
        }
        await bench.close()
    }
}
