import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("Approved tickets are judged again before they start, also after a restart")
struct ApprovalRestartTests {
    private static let ended: @Sendable (RunRequest) -> RunOutcome? = { _ in
        .exited(at: Timestamp(seconds: 1_772_357_500))
    }

    /// A change between the yes and the start.
    enum Change: CaseIterable, Sendable, CustomTestStringConvertible {
        case nothing, allowed, sameRuleNewVersion, otherRule, denied, script, scriptGone, user, host
        var testDescription: String { "\(self)" }

        /// Part of the reason that the ticket then has; nil when it runs.
        var reason: String? {
            switch self {
            case .nothing, .allowed, .sameRuleNewVersion: nil
            case .otherRule: "another rule asks now, which is stricter"
            case .denied: "the rule never denies it now: Never."
            case .script, .scriptGone: "a script file is not what was approved"
            case .user: "the user is not what was approved"
            case .host: "the host is not what was approved"
            }
        }

        func make(in bench: ApprovalBench, _ settings: inout ApprovalSettings) {
            let command = "sh ask.sh"
            switch self {
            case .nothing: break
            case .allowed: bench.policy.set(.allow, for: command, version: "v2")
            case .sameRuleNewVersion:
                bench.policy.set(.ask(reason: "Other words.", rule: "change"), for: command, version: "v2")
            case .otherRule:
                bench.policy.set(.ask(reason: "It changes.", rule: "stricter"), for: command, version: "v2")
            case .denied:
                bench.policy.set(
                    .deny(reason: "Never.", rule: "never", hint: "No."),
                    for: command,
                    version: "v2"
                )
            case .script: bench.files.write("echo evil", to: "/srv/ask.sh")
            case .scriptGone: bench.files.write(nil, to: "/srv/ask.sh")
            case .user: settings.user = "root"
            case .host: settings.host = "web2"
            }
        }
    }

    @Test(
        "a stricter verdict or anything else than what was shown voids the yes",
        arguments: Change.allCases,
        [true, false]
    )
    func judged(_ change: Change, isMarkedBefore: Bool) async throws {
        let first = try await ApprovalBench(answer: Self.ended)
        first.files.write("echo good", to: "/srv/ask.sh")
        var ticket: Ticket?
        try await first.approvals.repair()
        let submitted = try await first.submit("sh ask.sh") { $0.options.workingDirectory = "/srv" }
        ticket = submitted.ticket
        // Decided under a server whose scheduler never gets to it: killed before, or after it marked the ticket.
        _ = try await first.decide(try #require(submitted.approval))
        if isMarkedBefore {
            let marked = try await first.stores.tickets.markStarting(
                [submitted.ticket.id],
                bootID: "boot-1",
                at: first.clock.now()
            )
            #expect(marked == [submitted.ticket.id])
        }
        var settings = first.settings
        change.make(in: first, &settings)
        let second = first.reborn(settings: settings, answer: Self.ended)
        let stored = try #require(ticket)
        try await second.running {
            try await eventually("the ticket ends") { try await second.state(stored).isTerminal }
            let state = try await second.state(stored)
            let approval = try #require(try await second.approvals.approval(for: stored.id))
            if let reason = change.reason {
                #expect(state.word == "denied")
                #expect(state.reason?.hasPrefix("approval_voided: ") == true)
                #expect(state.reason?.contains(reason) == true, "\(state.reason ?? "")")
                #expect(approval.state.word == "voided")
                #expect(second.runner.started.isEmpty)
                // The end is stored before it is told.
                try await eventually("it is audited") { try await second.audited().last == "approval.void" }
            } else {
                #expect(state == .exited(code: 0))
                #expect(approval.state == .approved)
                #expect(second.runner.started.count == 1)
            }
            try await eventually("its place is free") { await second.scheduler.isIdle }
            #expect(try await second.stores.tickets.queuedCount() == 0)
        }
        await first.close()
    }

    @Test("without a restart it is judged again too: behind another ticket, a script can change")
    func behind() async throws {
        let bench = try await ApprovalBench()
        bench.files.write("echo good", to: "/srv/ask.sh")
        try await bench.running {
            _ = try await bench.tickets.createSession(
                name: try SessionName("seq"),
                configure: {
                    $0.mode = .sequential
                    $0.workingDirectory = "/srv"
                },
                as: ApprovalBench.model
            )
            let front = try await bench.submit("plain", to: "seq")
            try await bench.started(1)
            let asked = try await bench.submit("sh ask.sh", to: "seq")
            _ = try await bench.decide(try #require(asked.approval))
            bench.files.write("echo evil", to: "/srv/ask.sh")
            bench.runner.finish(front.ticket.id, .exited(at: bench.clock.now()))
            try await bench.until(asked.ticket, is: "denied")
            #expect(bench.runner.started.count == 1)
            // The place is free again.
            let next = try await bench.submit("plain", to: "seq")
            try await bench.started(2)
            bench.runner.finish(next.ticket.id, .exited(at: bench.clock.now()))
            try await bench.until(next.ticket, is: "exited")
        }
        await bench.close()
    }

    @Test("a question that waits still does after a restart, and its answer then runs the command once")
    func waits() async throws {
        let first = try await ApprovalBench()
        let submitted = try await first.submit("ask")
        let approval = try #require(submitted.approval)
        let second = first.reborn(answer: Self.ended)
        try await second.running {
            #expect(try await second.approvals.approval(for: submitted.ticket.id) == approval)
            #expect(await second.scheduler.load.waiting == 1)
            _ = try await second.decide(approval)
            try await second.until(submitted.ticket, is: "exited")
        }
        let third = second.reborn(answer: Self.ended)
        try await third.running {
            let again = try await third.decide(approval)
            #expect(again.state == .approved, "the same answer again")
            #expect(await third.scheduler.isIdle)
            #expect(third.runner.started.isEmpty)
        }
        await first.close()
    }

    @Test("what expired while no server ran is expired on the next start")
    func expiredMeanwhile() async throws {
        let first = try await ApprovalBench()
        let submitted = try await first.submit("ask")
        first.clock.advance(by: .seconds(86_400))
        let second = first.reborn()
        try await second.running { try await second.until(submitted.ticket, is: "expired") }
        #expect(await second.scheduler.isIdle)
        await first.close()
    }

    @Test("a ticket whose approval is gone is denied on start, and the others are left alone")
    func orphan() async throws {
        let first = try await ApprovalBench()
        let orphan = try await first.submit("ask 1")
        let whole = try await first.submit("ask 2")
        let id = try #require(orphan.approval).id.rawValue
        try await first.database.write { db in _ = try db.execute("delete from approvals where id = \(id)") }
        let second = first.reborn()
        try await second.running {
            try await second.until(orphan.ticket, is: "denied")
            #expect(try await second.state(orphan.ticket).reason?.hasPrefix("approval_voided: ") == true)
            #expect(try await second.state(whole.ticket) == .awaitingApproval)
            #expect(await second.scheduler.load.waiting == 1)
        }
        await first.close()
    }
}
