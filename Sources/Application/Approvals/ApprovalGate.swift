public import Core
public import Domain

/// Judges an approved ticket again right before it starts, and closes what its end leaves open.
public struct ApprovalGate: Sendable {
    private let store: any ApprovalStore
    private let composer: ApprovalComposer
    private let journal: ApprovalJournal
    private let clock: any WallClock
    private let logger: Logger

    /// Puts the gate together.
    public init(
        store: any ApprovalStore,
        composer: ApprovalComposer,
        journal: ApprovalJournal,
        clock: any WallClock,
        logger: Logger
    ) {
        self.store = store
        self.composer = composer
        self.journal = journal
        self.clock = clock
        self.logger = logger
    }

    /// What the gate says about a ticket.
    enum Verdict: Sendable {
        case start
        /// The yes does not cover what would start; the ticket is stored as denied.
        case voided(Ticket)
        /// There is no yes at all.
        case refused(reason: String)
    }

    /// Tickets that were approved and are not over.
    func approvedTickets() async throws -> Set<TicketID> { try await store.approvedTickets() }

    /// Which variables carry over to a ticket: a rule that allows a command looked at its text, and a person at what it
    /// is called; neither saw what an earlier ticket exported.
    func carrying(_ ticket: Ticket, isApproved: Bool) -> CarriedVariables {
        guard composer.policy.needsAllowance(through: ticket.origin) else { return .all }
        return isApproved ? .ordinary : .harmless
    }

    /// Says whether a ticket may not write: a rule allowed it as one that reads, and no person looked at it.
    func isReadOnly(_ ticket: Ticket, in session: Session, isApproved: Bool) async -> Bool {
        guard !isApproved, composer.policy.needsAllowance(through: ticket.origin) else { return false }
        return await !composer.policy.needsWritableFiles(for: PolicyQuestion(ticket, in: session))
    }

    /// Compares what would start now with what was approved.
    func judge(_ ticket: Ticket, in session: Session) async throws -> Verdict {
        guard let approval = try await store.approval(ofRun: ticket.id), approval.state == .approved else {
            return .refused(reason: Approval.voidedReason("there is no approval for it"))
        }
        guard let reason = await objection(to: ticket, in: session, approval) else { return .start }
        let now = clock.now()
        guard let settled = try await store.settle(approval.id, .void(reason: reason, at: now)),
            let stored = settled.ticket, stored.state.isTerminal
        else { return .refused(reason: Approval.voidedReason(reason)) }
        if settled.isChanged { journal.note(settled.approval) }
        return .voided(stored)
    }

    private func objection(to ticket: Ticket, in session: Session, _ approval: Approval) async -> String? {
        let question = PolicyQuestion(ticket, in: session)
        let (reason, rule) = (approval.contents.reason, approval.contents.rule)
        let now = await composer.contents(
            of: question,
            ticket.options,
            in: session,
            reason: reason,
            rule: rule
        )
        if let part = now.difference(from: approval.contents) { return "\(part) is not what was approved" }
        switch await composer.policy.verdict(on: question) {
        case .allow: return nil
        case .ask(_, let now):
            return now.utf8.elementsEqual(rule.utf8) ? nil : "another rule asks now, which is \(now)"
        case .deny(let reason, let now, _): return "the rule \(now) denies it now: \(reason)"
        }
    }

    /// Voids questions about the input of a ticket that is over.
    func ended(_ ticket: Ticket) async {
        do {
            let open = try await store.openInputs().filter { $0.subject.ticket == ticket.id }
            for approval in open {
                let now = clock.now()
                let settled = try await store.settle(
                    approval.id,
                    .void(reason: "the ticket is over", at: now)
                )
                if let settled, settled.isChanged {
                    journal.note(settled.approval)
                }
            }
        } catch {
            // They are voided on the next start, or when somebody answers.
            logger.warning("approvals of input cannot be voided", .init("error", LogValue.error(error)))
        }
    }
}
