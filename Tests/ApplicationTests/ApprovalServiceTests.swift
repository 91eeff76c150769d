import Core
import Domain
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Application

@Suite("Approvals of runs")
struct ApprovalServiceTests {
    @Test("a command that is asked for waits with all that a person needs to see, and runs once approved")
    func approved() async throws {
        let bench = try await ApprovalBench { .exited(at: Timestamp(seconds: Int64($0.ticket.number))) }
        bench.files.write("#!/bin/sh\n", to: "/srv/ask.sh")
        try await bench.running {
            let submitted = try await bench.submit("./ask.sh now") { submission in
                submission.options.workingDirectory = "/srv"
                submission.options.environment = ["A": "b"]
                submission.options.input = .bytes([1, 2])
                submission.reference = "chat/1/turn/2"
            }
            let approval = try #require(submitted.approval)
            #expect(submitted.ticket.state == .awaitingApproval)
            let shown = approval.contents
            #expect(shown.command == "./ask.sh now")
            #expect(shown.workingDirectory == "/srv")
            #expect(shown.environment == ["A": "b"])
            #expect(shown.input == .bytes([1, 2]))
            #expect([shown.host, shown.user, shown.policyVersion] == ["web1", "www", "v1"])
            #expect([shown.reason, shown.rule] == ["It changes something.", "change"])
            #expect(shown.scripts.map(\.path) == ["/srv/ask.sh"])
            #expect(shown.scripts.first?.digest?.utf8.count == 64)
            #expect(shown.proposedRule == "allow: ./ask.sh now")
            #expect(approval.reference == "chat/1/turn/2")
            #expect(approval.expires == approval.created + .seconds(86_400))
            #expect(try await bench.approvals.approval(for: submitted.ticket.id) == approval)
            #expect(bench.runner.started.isEmpty)
            let decided = try await bench.decide(approval, always: true)
            #expect(decided.state == .approved)
            try await bench.until(submitted.ticket, is: "exited")
            #expect(bench.runner.started.map(\.command) == ["./ask.sh now"])
            #expect(
                try await bench.stores.proposals.openProposals(limit: 9).map(\.rule) == [
                    "allow: ./ask.sh now"
                ]
            )
            #expect(try await bench.audited() == ["approval.create", "approval.approve"])
        }
        await bench.close()
    }

    @Test("only a person who signed in with the permission decides, and only about what they were shown")
    func whoDecides() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let approval = try #require(try await bench.submit("ask").approval)
            let digest = bench.approvals.digest(of: approval)
            let cases: [(Principal, String, String)] = [
                (
                    Principal(id: .hash, permissions: Set(Permission.allCases)), digest,
                    "approve_needs_sign_in"
                ),
                (
                    Principal(id: PrincipalID("token:1"), permissions: Set(Permission.allCases)), digest,
                    "approve_needs_sign_in"
                ),
                (
                    Principal(id: PrincipalID("socket:0"), permissions: Set(Permission.allCases)), digest,
                    "approve_needs_sign_in"
                ),
                (
                    Principal(id: PrincipalID("operator:3"), permissions: [.shellRun]), digest,
                    "permission_missing"
                ),
                (ApprovalBench.alice, "", "approval_changed"),
                (ApprovalBench.alice, String(digest.reversed()), "approval_changed"),
            ]
            for (principal, digest, code) in cases {
                let failure = await #expect(throws: Failure.self) {
                    try await bench.approvals.decide(approval.id, .approve, digest: digest, as: principal)
                }
                #expect(failure?.code == code)
            }
            for principal in [ApprovalBench.model] {
                await #expect(throws: Failure.self) {
                    try await bench.approvals.approval(approval.id, as: principal)
                }
                await #expect(throws: Failure.self) {
                    try await bench.approvals.approvals(ApprovalFilter(), after: nil, limit: 9, as: principal)
                }
            }
            let missing = await #expect(throws: Failure.self) {
                try await bench.approvals.decide(
                    ApprovalID(99),
                    .approve,
                    digest: digest,
                    as: ApprovalBench.alice
                )
            }
            #expect(missing?.code == "approval_not_found")
            let always = await #expect(throws: Failure.self) {
                try await bench.decide(approval, .deny, always: true)
            }
            #expect(always?.code == "no_rule_to_propose")
            #expect(try await bench.stores.approvals.approval(approval.id)?.state == .awaiting)
            #expect(bench.runner.started.isEmpty)
        }
        await bench.close()
    }

    @Test("of two people who decide at once one wins, and the command runs once or never, 100 times")
    func race() async throws {
        let bench = try await ApprovalBench { .exited(at: Timestamp(seconds: Int64($0.ticket.number))) }
        try await bench.running {
            var approvedCount = 0
            for round in 0..<100 {
                let submitted = try await bench.submit("ask \(round)", to: "race")
                let approval = try #require(submitted.approval)
                let outcomes = await withTaskGroup(of: Result<Approval, any Error>.self) { group in
                    for (principal, choice) in [
                        (ApprovalBench.alice, ApprovalChoice.approve),
                        (ApprovalBench.bob, round % 2 == 0 ? .approve : .deny),
                    ] {
                        group.addTask {
                            do {
                                return .success(try await bench.decide(approval, choice, as: principal))
                            } catch {
                                return .failure(error)
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let won = outcomes.compactMap { try? $0.get() }
                #expect(won.count == 1)
                for case .failure(let error) in outcomes {
                    let failure = error as? Failure
                    #expect(failure?.code == "approval_decided")
                    #expect(failure?.message.contains(won.first?.decision?.by?.rawValue ?? "?") == true)
                }
                if won.first?.state == .approved { approvedCount += 1 }
                try await bench.until(
                    submitted.ticket,
                    is: won.first?.state == .approved ? "exited" : "denied"
                )
            }
            #expect(bench.runner.started.count == approvedCount)
            #expect(Set(bench.runner.started.map(\.command)).count == approvedCount)
        }
        await bench.close()
    }

    @Test("deciding twice runs once")
    func twice() async throws {
        let bench = try await ApprovalBench { .exited(at: Timestamp(seconds: Int64($0.ticket.number))) }
        try await bench.running {
            let submitted = try await bench.submit("ask")
            let approval = try #require(submitted.approval)
            let first = try await bench.decide(approval)
            #expect(try await bench.decide(approval) == first)
            try await bench.until(submitted.ticket, is: "exited")
            #expect(try await bench.decide(approval).state == .approved)
            #expect(bench.runner.started.count == 1)
            #expect(try await bench.audited() == ["approval.create", "approval.approve"])
        }
        await bench.close()
    }

    @Test("a no ends the ticket for whoever waits for it, with who and why")
    func denied() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let submitted = try await bench.submit("ask")
            async let end = bench.tickets.ticket(submitted.ticket, waiting: .seconds(20))
            _ = try await bench.decide(try #require(submitted.approval), .deny)
            let state = try await end.state
            #expect(state.word == "denied")
            #expect(state.reason?.hasPrefix("operator:1 refused it: seen (rule change). ") == true)
            #expect(await bench.scheduler.isIdle)
        }
        await bench.close()
    }

    @Test("nobody deciding in time expires approval and ticket, by itself")
    func expired() async throws {
        let settings = ApprovalSettings(host: "h", user: "u", lifetime: .milliseconds(40))
        let bench = try await ApprovalBench(settings: settings)
        try await bench.running {
            let submitted = try await bench.submit("ask")
            // The clock stands still: nothing expires before it says so.
            try await eventually("the sweeper sleeps") { bench.approvals.hub.watcherCount > 0 }
            #expect(try await bench.state(submitted.ticket) == .awaitingApproval)
            bench.clock.advance(by: .milliseconds(40))
            try await bench.until(submitted.ticket, is: "expired")
            let approval = try await bench.approvals.approval(for: submitted.ticket.id)
            #expect(approval?.state == .expired)
            let failure = await #expect(throws: Failure.self) {
                try await bench.decide(try #require(approval))
            }
            #expect(failure?.code == "approval_decided")
            #expect(try await bench.audited() == ["approval.create", "approval.expire"])
            #expect(await bench.scheduler.isIdle)
        }
        await bench.close()
    }

    @Test("cancelling a ticket that waits closes its approval")
    func cancelled() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let (changes, continuation) = AsyncStream.makeStream(of: Approval.self)
            let watch = bench.approvals.hub.watch(continuation)
            let submitted = try await bench.submit("ask")
            _ = try await bench.tickets.cancel(submitted.ticket.id, as: ApprovalBench.alice)
            let failure = await #expect(throws: Failure.self) {
                try await bench.decide(try #require(submitted.approval))
            }
            #expect(failure?.code == "approval_decided")
            #expect(try await bench.state(submitted.ticket) == .cancelled)
            var seen: [ApprovalState] = []
            for await change in changes {
                seen.append(change.state)
                if seen.count == 2 { break }
            }
            #expect(seen == [.awaiting, .cancelled])
            #expect(try await bench.audited() == ["approval.create", "approval.cancel"])
            withExtendedLifetime(watch) {}
        }
        await bench.close()
    }

    @Test("a ticket that waits holds no place, and holds back those behind it in a sequential session")
    func sequential() async throws {
        let bench = try await ApprovalBench(limits: RunningLimits(total: 1)) {
            .exited(at: Timestamp(seconds: Int64($0.ticket.number)))
        }
        try await bench.running {
            _ = try await bench.tickets.createSession(
                name: try SessionName("seq"),
                configure: { $0.mode = .sequential },
                as: ApprovalBench.model
            )
            let first = try await bench.submit("ask", to: "seq")
            let behind = try await bench.submit("plain", to: "seq")
            let elsewhere = try await bench.submit("plain", to: "other")
            try await bench.until(elsewhere.ticket, is: "exited")
            #expect(try await bench.state(behind.ticket) == .queued)
            _ = try await bench.decide(try #require(first.approval))
            try await bench.until(behind.ticket, is: "exited")
            #expect(bench.runner.started.map(\.command) == ["plain", "ask", "plain"])
            let second = try await bench.submit("ask", to: "seq")
            let last = try await bench.submit("plain", to: "seq")
            _ = try await bench.decide(try #require(second.approval), .deny)
            try await bench.until(last.ticket, is: "exited")
            #expect(bench.runner.started.count == 4)
        }
        await bench.close()
    }

    @Test("an answer that comes before the ticket is in the queue is not lost")
    func early() async throws {
        let bench = try await ApprovalBench { .exited(at: Timestamp(seconds: Int64($0.ticket.number))) }
        try await bench.running {
            // Whoever watches the list answers at once, over and over, while tickets are being submitted.
            let stop = Atomic<Bool>(false)
            async let answers: Void = {
                while !stop.load(ordering: .relaxed) {
                    let page = try await bench.approvals.approvals(
                        ApprovalFilter(isAwaiting: true),
                        after: nil,
                        limit: 50,
                        as: ApprovalBench.alice
                    )
                    for approval in page.elements { _ = try? await bench.decide(approval) }
                }
            }()
            var submitted: [Ticket] = []
            for index in 0..<60 { submitted.append(try await bench.submit("ask \(index)", to: "e").ticket) }
            for ticket in submitted { try await bench.until(ticket, is: "exited") }
            stop.store(true, ordering: .relaxed)
            try await answers
            #expect(bench.runner.started.count == 60)
        }
        await bench.close()
    }
}
