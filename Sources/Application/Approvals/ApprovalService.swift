public import Core
public import Domain

/// The use cases of approvals.
///
/// Errors are `Failure` or `CancellationError`; anything else is internal. All verbs may be called concurrently.
public struct ApprovalService: Sendable {
    static let maximumNoteBytes = 1_000
    /// How long an outcome waits for the client that is to send its command again; then the command is a new one.
    private static let handingTime = Duration.seconds(86_400)

    let store: any ApprovalStore
    let tickets: any TicketStore
    let runner: any CommandRunner
    let scheduler: TicketScheduler
    let composer: ApprovalComposer
    let journal: ApprovalJournal
    let clock: any WallClock
    let logger: Logger
    private let proposals: any RuleProposals

    /// Puts the service together.
    public init(
        store: any ApprovalStore,
        proposals: any RuleProposals,
        tickets: any TicketStore,
        runner: any CommandRunner,
        scheduler: TicketScheduler,
        composer: ApprovalComposer,
        journal: ApprovalJournal,
        clock: any WallClock,
        logger: Logger
    ) {
        self.store = store
        self.proposals = proposals
        self.tickets = tickets
        self.runner = runner
        self.scheduler = scheduler
        self.composer = composer
        self.journal = journal
        self.clock = clock
        self.logger = logger
    }

    /// Who follows approvals subscribes here.
    public var hub: ApprovalHub { journal.hub }

    // MARK: Reading

    /// The approval.
    public func approval(_ id: ApprovalID, as principal: Principal) async throws -> Approval {
        try principal.require(.approve)
        guard let approval = try await store.approval(id) else { throw Self.notFound }
        return approval
    }

    /// The approval of a ticket's run, for a caller who may see that ticket; nil when it never needed one.
    public func approval(for ticket: TicketID) async throws -> Approval? {
        try await store.approval(ofRun: ticket)
    }

    /// What the bridge was sent before, for a client that sends the same command again to learn what became of it: the
    /// ticket that waits for a person, or whose outcome nobody was given yet.
    public func unhanded(_ command: String, in session: SessionName) async throws -> TicketID? {
        let edge = clock.now() - Self.handingTime
        return try await store.unhandedTicket(of: command, in: session, decidedAfter: edge)
    }

    /// The client is told the outcome: the same command is a new one from now on.
    public func handOut(_ ticket: TicketID) async throws {
        try await store.handOut(ticket, at: clock.now())
    }

    /// Those that wait first, the newest before older ones.
    public func approvals(
        _ filter: ApprovalFilter,
        after cursor: ApprovalCursor?,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<Approval> {
        try principal.require(.approve)
        return try await store.approvals(filter, after: cursor, limit: limit)
    }

    /// Approvals that changed after the change with this number, each as it is now, in the order of their latest
    /// changes; with nil, nothing but the number to go on from.
    public func changes(after change: Int64?, limit: Int, as principal: Principal) async throws -> (
        approvals: [Approval], latest: Int64, hasMore: Bool
    ) {
        try principal.require(.approve)
        guard let change else { return ([], try await store.latestChange(), false) }
        let page = try await store.approvals(changedAfter: change, limit: limit)
        return (page.elements, page.elements.last?.change ?? change, page.hasMore)
    }

    /// SHA-256 over all that a yes covers, in hexadecimal; a decision has to send it back.
    public func digest(of approval: Approval) -> String { composer.digest(of: approval) }

    // MARK: Deciding

    /// Decides an approval and lets happen what follows from it; returns it once that is stored.
    ///
    /// Only a person who signed in and has the permission `approve` decides. Codes: `approve_needs_sign_in`,
    /// `permission_missing`, `approval_not_found`, `approval_changed`, `approval_decided`, `approval_expired`,
    /// `no_rule_to_propose`, `note_too_long`. Repeating one's own answer is no error and changes nothing.
    public func decide(
        _ id: ApprovalID,
        _ choice: ApprovalChoice,
        digest: String,
        note: String? = nil,
        alsoAlways: Bool = false,
        as principal: Principal
    ) async throws -> Approval {
        try Self.requireSignIn(principal)
        let shown = try await approval(id, as: principal)
        guard digest.lowercased() == composer.digest(of: shown) else { throw Self.changed }
        let proposal = try proposal(choice, alsoAlways, shown, principal)
        let note = try Self.checked(note)
        let now = clock.now()
        let decision = ApprovalDecision(by: principal.id, at: now, note: note)
        guard let settled = try await store.settle(id, .decide(choice, decision)) else { throw Self.notFound }
        // From here on it is decided: what follows happens whatever becomes of the caller.
        if settled.isChanged {
            await follow(settled)
            journal.note(settled.approval)
        }
        if case .voided = settled.approval.state { throw Failure.approvalDecided(settled.approval) }
        if let proposal { try await proposals.propose(proposal) }
        return settled.approval
    }

    /// Makes happen what was stored.
    func follow(_ settled: SettledApproval) async {
        switch settled.approval.subject {
        case .run(let id):
            if settled.approval.state == .approved {
                await scheduler.approve(id)
            } else if let ticket = settled.ticket, ticket.state.isTerminal {
                await scheduler.cancelled(ticket)
            }
        case .input:
            if settled.approval.state == .approved { await deliver(settled.approval) }
        }
    }

    /// What a token or the hash carries was never meant for this, whatever it says it may do.
    private static func requireSignIn(_ principal: Principal) throws(Failure) {
        guard principal.id.rawValue.hasPrefix("operator:") else {
            throw Failure(
                .forbidden,
                code: "approve_needs_sign_in",
                message: "Approvals are decided by a person who signed in.",
                hint: "Give the approval link to a person who may sign in to this server."
            )
        }
        try principal.require(.approve)
    }

    private func proposal(
        _ choice: ApprovalChoice,
        _ isWanted: Bool,
        _ approval: Approval,
        _ principal: Principal
    ) throws(Failure) -> RuleProposal? {
        guard isWanted else { return nil }
        guard choice == .approve, let rule = approval.contents.proposedRule else {
            throw Failure(
                .unprocessable,
                code: "no_rule_to_propose",
                message: "There is no rule to propose with this decision.",
                hint: "Decide without \"always\"."
            )
        }
        return RuleProposal(
            approval: approval.id,
            rule: rule,
            command: approval.contents.command,
            proposedBy: principal.id,
            created: clock.now()
        )
    }

    private static func checked(_ note: String?) throws(Failure) -> String? {
        guard let note = note?.trimmed, !note.isEmpty else { return nil }
        guard note.utf8.count <= maximumNoteBytes else {
            throw Failure(
                .tooLarge,
                code: "note_too_long",
                message: "The note has more than \(maximumNoteBytes) bytes.",
                hint: "Say it shorter."
            )
        }
        return note
    }

    static var notFound: Failure {
        Failure(
            .notFound,
            code: "approval_not_found",
            message: "There is no such approval.",
            hint: "List the approvals: GET /v1/approvals"
        )
    }

    private static var changed: Failure {
        Failure(
            .conflict,
            code: "approval_changed",
            message: "What would be approved is not what was shown to you.",
            hint: "Look at the approval again, and send the digest that stands there now."
        )
    }
}
