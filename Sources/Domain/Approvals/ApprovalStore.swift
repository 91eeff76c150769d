public import Core

/// Which approvals are asked for.
public struct ApprovalFilter: Sendable, Equatable {
    /// Only those that wait, or only those that do not; nil for all.
    public var isAwaiting: Bool?
    /// Only those about this ticket.
    public var ticket: TicketID?

    /// Makes a filter; without arguments it lets everything pass.
    public init(isAwaiting: Bool? = nil, ticket: TicketID? = nil) {
        self.isAwaiting = isAwaiting
        self.ticket = ticket
    }
}

/// The place behind an approval in the list, in which those that wait come first, and the newest before older ones.
public struct ApprovalCursor: Sendable, Equatable {
    /// The part of the list.
    public let isAwaiting: Bool
    /// The approval there.
    public let id: ApprovalID

    /// Makes a place.
    public init(isAwaiting: Bool, id: ApprovalID) {
        self.isAwaiting = isAwaiting
        self.id = id
    }
}

/// An approval after a change, with its ticket as it is then.
public struct SettledApproval: Sendable, Equatable {
    /// The approval.
    public let approval: Approval
    /// The ticket it is about; nil when it is gone.
    public let ticket: Ticket?
    /// Says whether this call changed the approval.
    public let isChanged: Bool

    /// Makes a value.
    public init(approval: Approval, ticket: Ticket?, isChanged: Bool) {
        self.approval = approval
        self.ticket = ticket
        self.isChanged = isChanged
    }
}

/// Approvals.
///
/// An approval of a run is stored by `TicketStore.append`, in the transaction that stores its ticket. Every verb is
/// atomic, and what it returned is stored durably. Errors are `Failure` or `CancellationError`; anything else is
/// internal. All verbs may be called concurrently.
public protocol ApprovalStore: Sendable {
    /// Stores a question about input, or returns the earlier one about the same ticket with the draft's reference.
    ///
    /// `approvals_full` (rateLimited), `input_closed` (conflict) when the ticket is over, `ticket_not_found`,
    /// `reference_reused` (conflict) when the earlier question was about other bytes.
    func append(_ draft: ApprovalDraft, about subject: ApprovalSubject, at now: Timestamp) async throws
        -> SettledApproval
    /// The approval, or nil.
    func approval(_ id: ApprovalID) async throws -> Approval?
    /// The approval of a ticket's run, or nil.
    func approval(ofRun ticket: TicketID) async throws -> Approval?
    /// The newest ticket of the bridge without a key, with this very command in this session, that waits for a person, or
    /// about which one decided after a time and whose outcome was not handed out yet; nil when there is none.
    func unhandedTicket(of command: String, in session: SessionName, decidedAfter edge: Timestamp)
        async throws -> TicketID?
    /// The outcome of such a ticket is handed out; nothing for other tickets.
    func handOut(_ ticket: TicketID, at now: Timestamp) async throws
    /// The question about input to a ticket that was asked under a reference, or nil.
    func approval(ofInputTo ticket: TicketID, reference: String) async throws -> Approval?
    /// Those that wait first, the newest before older ones.
    func approvals(_ filter: ApprovalFilter, after cursor: ApprovalCursor?, limit: Int) async throws -> Page<
        Approval
    >
    /// Approvals that changed after the change with this number, each as it is now, in the order of their latest changes.
    func approvals(changedAfter change: Int64, limit: Int) async throws -> Page<Approval>
    /// The number of the latest change of all.
    func latestChange() async throws -> Int64

    /// Applies what happens to an approval and, in the same transaction, moves the ticket of a run along.
    ///
    /// Of several deciders one wins; the others get what `Approval.apply` throws. An answer about a ticket that cannot
    /// follow it any more voids the approval instead. Nil when there is no such approval.
    func settle(_ id: ApprovalID, _ input: ApprovalInput) async throws -> SettledApproval?
    /// Expires all that are due, oldest first, at most `limit`.
    func expireDue(at now: Timestamp, limit: Int) async throws -> [SettledApproval]
    /// When the next one expires; nil when none waits.
    func nextExpiry() async throws -> Timestamp?

    /// Tickets that were approved, and are not over.
    func approvedTickets() async throws -> Set<TicketID>
    /// Approvals of input that wait, or that were approved and not used.
    func openInputs() async throws -> [Approval]
    /// Tickets that await an approval that is not there, or not waiting.
    func orphanedTickets() async throws -> [Ticket]
    /// Approvals of runs that wait though their ticket does not.
    func strayApprovals() async throws -> [ApprovalID]
}

/// A rule that a person proposed while approving; it decides nothing before somebody reviewed it.
public struct RuleProposal: Sendable, Equatable {
    /// The approval that gave the occasion.
    public let approval: ApprovalID
    /// The rule as text.
    public let rule: String
    /// The command that was approved.
    public let command: String
    /// Who proposed it.
    public let proposedBy: PrincipalID
    /// When.
    public let created: Timestamp

    /// Makes a value.
    public init(
        approval: ApprovalID,
        rule: String,
        command: String,
        proposedBy: PrincipalID,
        created: Timestamp
    ) {
        self.approval = approval
        self.rule = rule
        self.command = command
        self.proposedBy = proposedBy
        self.created = created
    }
}

/// Rules to be reviewed.
public protocol RuleProposals: Sendable {
    /// Stores a proposal; a second one for the same approval changes nothing.
    func propose(_ proposal: RuleProposal) async throws
    /// Proposals that nobody has reviewed, oldest first.
    func openProposals(limit: Int) async throws -> [RuleProposal]
    /// The proposal of an approval that nobody has reviewed, or nil.
    func openProposal(_ approval: ApprovalID) async throws -> RuleProposal?
    /// Remembers that a proposal was reviewed; false when there is none that was not.
    func reviewed(_ approval: ApprovalID, at now: Timestamp) async throws -> Bool
}
