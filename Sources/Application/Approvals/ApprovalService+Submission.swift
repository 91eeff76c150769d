internal import Core
internal import Domain

/// What the submission of tickets needs of approvals.
extension ApprovalService {
    /// The question to store with a ticket that a rule wants to be asked for.
    func draft(
        for submission: Submission,
        _ question: PolicyQuestion,
        in reference: SessionReference,
        reason: String,
        rule: String
    ) async throws -> ApprovalDraft {
        let session: Session? =
            switch reference {
            case .named(let name): try await tickets.session(named: name)
            case .existing(let id): try await tickets.session(id)
            }
        let contents = await composer.contents(
            of: question,
            submission.options,
            in: session,
            reason: reason,
            rule: rule
        )
        return composer.draft(contents, for: question, reference: submission.reference, at: clock.now())
    }

    /// Tells about a question that was stored with its ticket, once that waits in the queue.
    ///
    /// Whoever saw it in the list may have settled it before the queue had it: then the queue is told now.
    func created(_ approval: Approval) async throws {
        journal.note(approval)
        guard let ticket = try await tickets.ticket(approval.subject.ticket),
            ticket.state != .awaitingApproval
        else { return }
        if ticket.state.isTerminal {
            await scheduler.cancelled(ticket)
        } else {
            await scheduler.approve(ticket.id)
        }
    }

    /// Tells about a question that was closed because its ticket was cancelled.
    func cancelled(_ ticket: TicketID) async throws {
        guard let approval = try await store.approval(ofRun: ticket), approval.state == .cancelled else {
            return
        }
        journal.note(approval)
    }
}
