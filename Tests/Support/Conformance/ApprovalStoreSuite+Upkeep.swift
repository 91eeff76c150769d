internal import Core
internal import Domain
internal import Testing

extension ApprovalStoreSuite {
    static let inputCases: [Case] = [
        Case("bytes for a running ticket are asked for, used once, and never after the ticket's end") {
            subject in
            let ticket = try await running(subject)
            let question = ApprovalSubject.input(ticket.id, bytes: [0, 10, 255], closing: true)
            let asked = try await subject.approvals.append(
                draft(reference: "turn/1"),
                about: question,
                at: start
            )
            #expect(asked.isChanged)
            let id = asked.approval.id
            #expect(try await subject.approvals.approval(id)?.subject == question)
            #expect(try await subject.approvals.openInputs().map(\.id) == [id])
            let again = try await subject.approvals.append(
                draft(reference: "turn/1"),
                about: question,
                at: start
            )
            #expect(again.isChanged == false)
            #expect(again.approval.id == id)
            let found = try await subject.approvals.approval(ofInputTo: ticket.id, reference: "turn/1")
            #expect(found == asked.approval)
            #expect(try await subject.approvals.approval(ofInputTo: ticket.id, reference: "turn/2") == nil)
            await expectFailure("reference_reused") {
                let other = ApprovalSubject.input(ticket.id, bytes: [1], closing: true)
                _ = try await subject.approvals.append(draft(reference: "turn/1"), about: other, at: start)
            }
            #expect(
                try await subject.approvals.settle(id, .use(at: start))?.isChanged == false,
                "not approved yet"
            )
            let settled = try await subject.approvals.settle(id, decide(.approve))
            #expect(settled?.ticket?.state == .starting, "its ticket stays where it is")
            #expect(try await subject.approvals.openInputs().map(\.id) == [id])
            #expect(try await subject.approvals.settle(id, .use(at: start))?.isChanged == true)
            #expect(try await subject.approvals.settle(id, .use(at: start))?.isChanged == false)
            #expect(try await subject.approvals.openInputs().isEmpty)
        },
        Case("the end of a ticket voids an answer about its input, and input that was not written") {
            subject in
            let ticket = try await running(subject)
            let subjectOfIt = ApprovalSubject.input(ticket.id, bytes: [1], closing: false)
            let first = try await subject.approvals.append(draft(), about: subjectOfIt, at: start).approval
            let second = try await subject.approvals.append(draft(), about: subjectOfIt, at: start).approval
            #expect(first.id != second.id, "without a reference each is a question of its own")
            _ = try await subject.approvals.settle(first.id, decide(.approve))
            _ = try await subject.tickets.finish(
                ticket.id,
                as: .exited(code: 0),
                run: nil,
                inlineOutput: nil,
                at: start
            )
            let used = try await subject.approvals.settle(first.id, .use(at: start))
            #expect(used?.approval.state.word == "voided")
            #expect(used?.approval.used == nil)
            let answered = try await subject.approvals.settle(second.id, decide(.approve))
            #expect(answered?.approval.state.word == "voided")
            await expectFailure("input_closed") {
                _ = try await subject.approvals.append(draft(), about: subjectOfIt, at: start)
            }
            await expectFailure("ticket_not_found") {
                let missing = TicketID(session: ticket.id.session, number: 99)
                let question = ApprovalSubject.input(missing, bytes: [], closing: true)
                _ = try await subject.approvals.append(draft(), about: question, at: start)
            }
        },
    ]

    static let listCases: [Case] = [
        Case("the list begins with those that wait, newest first, and pages lose and repeat none") {
            subject in
            var waiting: [ApprovalID] = []
            var decided: [ApprovalID] = []
            for index in 0..<11 {
                let approval = try await ask(subject, "c\(index)").approval
                if index % 3 == 0 {
                    _ = try await subject.approvals.settle(approval.id, decide(.deny))
                    decided.insert(approval.id, at: 0)
                } else {
                    waiting.insert(approval.id, at: 0)
                }
            }
            for size in [1, 2, 5, 20] {
                var seen: [ApprovalID] = []
                var cursor: ApprovalCursor?
                while true {
                    let page = try await subject.approvals.approvals(
                        ApprovalFilter(),
                        after: cursor,
                        limit: size
                    )
                    seen += page.elements.map(\.id)
                    guard page.hasMore, let last = page.elements.last else { break }
                    cursor = ApprovalCursor(isAwaiting: last.state == .awaiting, id: last.id)
                }
                #expect(seen == waiting + decided)
            }
            let filters: [(ApprovalFilter, [ApprovalID])] = [
                (ApprovalFilter(isAwaiting: true), waiting), (ApprovalFilter(isAwaiting: false), decided),
            ]
            for (filter, expected) in filters {
                let page = try await subject.approvals.approvals(filter, after: nil, limit: 20)
                #expect(page.elements.map(\.id) == expected)
            }
            let one = try await ask(subject, "one", session: "other")
            let page = try await subject.approvals.approvals(
                ApprovalFilter(ticket: one.ticket.id),
                after: nil,
                limit: 20
            )
            #expect(page.elements == [one.approval])
        },
        Case("changes are numbered without repetition, and a follower gets exactly what it missed") {
            subject in
            let first = try await ask(subject, "a").approval
            let second = try await ask(subject, "b").approval
            let seen = try await subject.approvals.latestChange()
            #expect(seen == second.change)
            _ = try await subject.approvals.settle(first.id, decide(.approve))
            let third = try await ask(subject, "c").approval
            let page = try await subject.approvals.approvals(changedAfter: seen, limit: 9)
            #expect(page.elements.map(\.id) == [first.id, third.id])
            #expect(page.elements.map(\.state) == [.approved, .awaiting])
            #expect(page.elements.allSatisfy { $0.change > seen })
            let all = try await subject.approvals.approvals(changedAfter: 0, limit: 2)
            #expect(all.hasMore)
            #expect(all.elements.map(\.id) == [second.id, first.id])
        },
    ]

    static let upkeepCases: [Case] = [
        Case("what does not fit together is found, and only that") { subject in
            let whole = try await ask(subject, "whole")
            #expect(try await subject.approvals.orphanedTickets().isEmpty)
            #expect(try await subject.approvals.strayApprovals().isEmpty)
            let orphan = try await subject.tickets.append(
                TicketDraft(command: "x", origin: .get, submittedBy: .hash, state: .awaitingApproval),
                to: .named(try SessionName("s")),
                maximumQueued: 9,
                at: start
            ).ticket
            #expect(try await subject.approvals.orphanedTickets().map(\.id) == [orphan.id])
            #expect(try await subject.tickets.ticket(whole.ticket.id)?.state == .awaitingApproval)
        },
        Case("an approval goes with its ticket, and its session") { subject in
            let first = try await ask(subject, "a")
            let second = try await ask(subject, "b")
            for asked in [first, second] {
                _ = try await subject.approvals.settle(asked.approval.id, decide(.deny))
            }
            try await subject.tickets.remove([first.ticket.id])
            #expect(try await subject.approvals.approval(first.approval.id) == nil)
            #expect(try await subject.approvals.approval(second.approval.id) != nil)
            #expect(try await subject.tickets.deleteSession(second.ticket.id.session))
            #expect(try await subject.approvals.approval(second.approval.id) == nil)
        },
        Case("a command of the bridge is found again until its outcome was handed out, by that command alone")
        {
            subject in
            let asked = try await ask(subject, "rm a", origin: .bridge)
            _ = try await ask(subject, "rm b")
            let session = try SessionName("s")
            func found(_ command: String = "rm a", after edge: Timestamp = start) async throws -> TicketID? {
                try await subject.approvals.unhandedTicket(of: command, in: session, decidedAfter: edge)
            }
            #expect(try await found() == asked.ticket.id)
            #expect(try await found(after: start + .seconds(1_000)) == asked.ticket.id, "it waits")
            #expect(try await found("rm b") == nil, "nobody sends that again")
            #expect(try await found("rm") == nil)
            let other = try SessionName("other")
            #expect(
                try await subject.approvals.unhandedTicket(of: "rm a", in: other, decidedAfter: start) == nil
            )
            _ = try await subject.approvals.settle(asked.approval.id, decide(.approve))
            #expect(try await found() == asked.ticket.id)
            #expect(try await found(after: start + .seconds(1_000)) == nil, "too long ago")
            try await subject.approvals.handOut(asked.ticket.id, at: start)
            #expect(try await found() == nil)
        },
    ]
}
