internal import Core
internal import Domain
internal import Testing

extension ApprovalStoreSuite {
    static let settlingCases: [Case] = [
        Case("a ticket and its question are stored together, and come back as they were") { subject in
            let (ticket, approval) = try await ask(subject, "rm \u{212B} \n\t'x'", reference: "chat/1/turn/2")
            #expect(approval.subject == .run(ticket.id))
            #expect(approval.state == .awaiting)
            #expect(approval.reference == "chat/1/turn/2")
            #expect(approval.change > 0)
            let read = try await subject.approvals.approval(approval.id)
            #expect(read == approval)
            #expect(read?.bindingBytes == approval.bindingBytes, "also byte for byte")
            #expect(try await subject.approvals.approval(ofRun: ticket.id) == approval)
            #expect(try await subject.approvals.approval(ApprovalID(77)) == nil)
            #expect(
                try await subject.approvals.approval(ofRun: TicketID(session: SessionID(9), number: 1)) == nil
            )
        },
        Case("a refused question stores no ticket") { subject in
            _ = try await ask(subject, maximum: 1)
            await expectFailure("approvals_full") { _ = try await ask(subject, maximum: 1) }
            #expect(try await subject.tickets.unfinishedTickets().count == 1)
            let next = try await ask(subject, maximum: 2)
            #expect(next.ticket.id.number == 2, "numbers have no gap")
        },
        Case("a repeated submission has no second question") { subject in
            var ticket = TicketDraft(
                command: "rm x",
                origin: .get,
                submittedBy: .hash,
                key: try IdempotencyKey("k"),
                state: .awaitingApproval
            )
            ticket.approval = draft()
            let session = SessionReference.named(try SessionName("s"))
            _ = try await subject.tickets.append(ticket, to: session, maximumQueued: 9, at: start)
            let again = try await subject.tickets.append(ticket, to: session, maximumQueued: 9, at: start)
            #expect(again.wasCached)
            #expect(again.approval == nil)
            #expect(
                try await subject.approvals.approvals(ApprovalFilter(), after: nil, limit: 9).elements.count
                    == 1
            )
        },
        Case("a yes queues the ticket in the same step, and counts it as waiting") { subject in
            let (ticket, approval) = try await ask(subject)
            #expect(try await subject.tickets.queuedCount() == 0)
            let settled = try #require(try await subject.approvals.settle(approval.id, decide(.approve)))
            #expect(settled.isChanged)
            #expect(settled.approval.state == .approved)
            #expect(settled.approval.decision?.by == alice)
            #expect(settled.approval.change > approval.change)
            #expect(settled.ticket?.state == .queued)
            #expect(try await subject.tickets.ticket(ticket.id)?.state == .queued)
            #expect(try await subject.tickets.queuedCount() == 1)
            #expect(try await subject.approvals.approvedTickets() == [ticket.id])
            let again = try await subject.approvals.settle(approval.id, decide(.approve))
            #expect(again?.isChanged == false)
            await expectFailure("approval_decided") {
                _ = try await subject.approvals.settle(approval.id, decide(.deny, by: bob))
            }
            #expect(try await subject.tickets.queuedCount() == 1)
            #expect(
                try await subject.tickets.markStarting([ticket.id], bootID: "b", at: start) == [ticket.id]
            )
            #expect(try await subject.tickets.queuedCount() == 0)
        },
        Case("a no, an expiry and a cancellation end the ticket in the same step") { subject in
            let denied = try await ask(subject, "a")
            let settled = try await subject.approvals.settle(denied.approval.id, decide(.deny))
            #expect(settled?.ticket?.state == settled?.approval.ticketState)
            #expect(settled?.ticket?.state.word == "denied")
            #expect(settled?.ticket?.state.reason?.contains("operator:1 refused it: ok") == true)
            let cancelled = try await ask(subject, "b")
            #expect(try await subject.tickets.cancel(cancelled.ticket.id, at: start)?.state == .cancelled)
            #expect(try await subject.approvals.approval(cancelled.approval.id)?.state == .cancelled)
            await expectFailure("approval_decided") {
                _ = try await subject.approvals.settle(cancelled.approval.id, decide(.approve))
            }
            let late = try await ask(subject, "c", lifetime: .seconds(5))
            let other = try await ask(subject, "d", lifetime: .seconds(6))
            #expect(try await subject.approvals.nextExpiry() == start + .seconds(5))
            #expect(try await subject.approvals.expireDue(at: start + .seconds(4), limit: 9).isEmpty)
            let expired = try await subject.approvals.expireDue(at: start + .seconds(5), limit: 9)
            #expect(expired.map(\.ticket?.id) == [late.ticket.id])
            #expect(expired.map(\.ticket?.state) == [.expired])
            #expect(try await subject.approvals.nextExpiry() == start + .seconds(6))
            #expect(try await subject.tickets.unfinishedTickets().map(\.ticket.id) == [other.ticket.id])
            #expect(try await subject.tickets.queuedCount() == 0)
        },
        Case("voiding takes an approved ticket back, also one that is being started, but none that is over") {
            subject in
            for isStarting in [false, true] {
                let (ticket, approval) = try await ask(subject, session: "v\(isStarting)")
                _ = try await subject.approvals.settle(approval.id, decide(.approve))
                if isStarting {
                    _ = try await subject.tickets.markStarting([ticket.id], bootID: "b", at: start)
                }
                let settled = try await subject.approvals.settle(
                    approval.id,
                    .void(reason: "x changed", at: start)
                )
                #expect(settled?.approval.state == .voided(reason: "x changed"))
                #expect(settled?.ticket?.state == .denied(reason: "approval_voided: x changed"))
                #expect(try await subject.tickets.queuedCount() == 0)
                #expect(try await subject.tickets.markStarting([ticket.id], bootID: "b", at: start).isEmpty)
            }
            let (ticket, approval) = try await ask(subject)
            _ = try await subject.approvals.settle(approval.id, decide(.approve))
            _ = try await subject.tickets.cancel(ticket.id, at: start)
            let settled = try await subject.approvals.settle(approval.id, .void(reason: "late", at: start))
            #expect(settled?.ticket?.state == .cancelled)
            #expect(try await subject.approvals.approvedTickets().isEmpty)
        },
        Case("of many that race to decide one wins, and the ticket follows that one, each time") { subject in
            for round in 0..<100 {
                let (ticket, approval) = try await ask(subject, session: "race")
                let outcomes = await withTaskGroup(of: (Int, Result<ApprovalState?, any Error>).self) {
                    group in
                    for decider in 0..<4 {
                        group.addTask {
                            let choice: ApprovalChoice = (decider + round) % 2 == 0 ? .approve : .deny
                            do {
                                let input = decide(choice, by: PrincipalID("operator:\(decider)"))
                                let settled = try await subject.approvals.settle(approval.id, input)
                                return (decider, .success(settled?.approval.state))
                            } catch { return (decider, .failure(error)) }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let won = outcomes.filter { if case .success = $0.1 { true } else { false } }
                #expect(won.count == 1)
                for case (_, .failure(let error)) in outcomes {
                    #expect((error as? Failure)?.code == "approval_decided")
                    #expect((error as? Failure)?.message.contains("operator:\(won[0].0)") == true)
                }
                let state = try await subject.tickets.ticket(ticket.id)?.state
                let approved = try won[0].1.get() == .approved
                #expect(state?.word == (approved ? "queued" : "denied"))
                if approved { _ = try await subject.tickets.cancel(ticket.id, at: start) }
            }
            #expect(try await subject.tickets.queuedCount() == 0)
        },
        Case("deciding and cancelling at once leaves ticket and approval in agreement") { subject in
            for _ in 0..<100 {
                let (ticket, approval) = try await ask(subject, session: "agree")
                async let answer = try? subject.approvals.settle(approval.id, decide(.approve))
                async let cancelled = try subject.tickets.cancel(ticket.id, at: start)
                _ = try await (answer, cancelled)
                let state = try await subject.approvals.approval(approval.id)?.state
                #expect(state == .approved || state == .cancelled)
                #expect(try await subject.tickets.ticket(ticket.id)?.state == .cancelled)
            }
            #expect(try await subject.tickets.queuedCount() == 0)
        },
    ]
}
