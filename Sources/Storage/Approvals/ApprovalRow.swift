internal import Core
internal import Domain
internal import SQL

/// An approval as a row.
enum ApprovalRow {
    /// In the order in which ``approval(_:)`` reads them.
    static let columns: SQLStatement = """
        a.id, a.subject, a.ticket_id, a.input, a.closing, a.contents, a.requested_by, a.origin, a.reference,
        a.created, a.expires, a.state, a.void_reason, a.decided, a.decided_by, a.note, a.used, a.change
        """

    static func approval(_ row: SQLRow) throws -> Approval {
        var reader = SQLRowReader(row)
        return Approval(
            id: ApprovalID(try reader.next()),
            subject: try subject(&reader),
            contents: try ContentsText.contents(try reader.next()),
            requestedBy: PrincipalID(try reader.next()),
            origin: try origin(try reader.next()),
            reference: try reader.next(),
            created: try reader.next(),
            expires: try reader.next(),
            state: try state(&reader),
            decision: try decision(&reader),
            used: try reader.next(),
            change: try reader.next()
        )
    }

    private static func subject(_ reader: inout SQLRowReader) throws -> ApprovalSubject {
        let word: String = try reader.next()
        let ticket = TicketID(rowKey: try reader.next())
        let (input, closing): ([UInt8]?, Bool) = (try reader.next(), try reader.next())
        switch word {
        case "run": return .run(ticket)
        case "input": return .input(ticket, bytes: input ?? [], closing: closing)
        default: throw SQLError(.shape, message: "column subject holds an unknown word")
        }
    }

    private static func origin(_ word: String) throws -> TicketOrigin {
        guard let origin = TicketOrigin(rawValue: word) else {
            throw SQLError(.shape, message: "column origin holds an unknown word")
        }
        return origin
    }

    private static func state(_ reader: inout SQLRowReader) throws -> ApprovalState {
        guard let state = ApprovalState(word: try reader.next(), reason: try reader.next()) else {
            throw SQLError(.shape, message: "column state holds an unknown word")
        }
        return state
    }

    private static func decision(_ reader: inout SQLRowReader) throws -> ApprovalDecision? {
        let at: Timestamp? = try reader.next()
        let by: String? = try reader.next()
        let note: String? = try reader.next()
        return at.map { ApprovalDecision(by: by.map { PrincipalID($0) }, at: $0, note: note) }
    }
}

extension Connection {
    /// The approval, or nil.
    func approval(_ id: ApprovalID) throws -> Approval? {
        try first("select \(ApprovalRow.columns) from approvals a where a.id = \(id.rawValue)")
            .map(ApprovalRow.approval)
    }

    /// The approval of a ticket's run, or nil.
    func approval(ofRun ticket: TicketID) throws -> Approval? {
        guard let key = ticket.rowKey else { return nil }
        return try first(
            "select \(ApprovalRow.columns) from approvals a where a.ticket_id = \(key) and a.subject = 'run'"
        ).map(ApprovalRow.approval)
    }

    /// The question about input that was asked under a reference, or nil.
    func approval(ofInputTo key: Int64, _ reference: String?) throws -> Approval? {
        guard let reference else { return nil }
        return try first(
            """
            select \(ApprovalRow.columns) from approvals a
            where a.ticket_id = \(key) and a.subject = 'input' and a.reference = \(reference)
            """
        ).map(ApprovalRow.approval)
    }

    /// Stores a question; `approvals_full` when too many wait.
    func insert(_ draft: ApprovalDraft, about subject: ApprovalSubject, under key: Int64, at now: Timestamp)
        throws
        -> Approval
    {
        let awaiting: Int = try first("select count(*) from approvals where state = 'awaiting'")?.get(0) ?? 0
        guard awaiting < draft.maximumAwaiting else {
            throw Failure(
                .rateLimited,
                code: "approvals_full",
                message: "\(awaiting) approvals wait for a person already; this one was not stored.",
                hint: "Let somebody decide some of them, then submit again.",
                retryAfter: .seconds(60)
            )
        }
        var input: [UInt8]?
        var isClosing = false
        if case .input(_, let bytes, let closing) = subject { (input, isClosing) = (bytes, closing) }
        let row = try first(
            """
            insert into approvals (subject, ticket_id, state, input, closing, contents, requested_by, origin, reference,
                created, expires, change)
            values (\(subject.word), \(key), 'awaiting', \(input), \(isClosing), \(ContentsText.text(draft.contents)),
                \(draft.requestedBy.rawValue), \(draft.origin.rawValue), \(draft.reference), \(now), \(draft.expires),
                \(try nextChange()))
            returning id, change
            """
        )
        guard let row else { throw SQLError(.shape, message: "the new approval was not returned") }
        let approval = Approval(
            id: ApprovalID(try row.get("id")),
            subject: subject,
            contents: draft.contents,
            requestedBy: draft.requestedBy,
            origin: draft.origin,
            reference: draft.reference,
            created: now,
            expires: draft.expires,
            change: try row.get("change")
        )
        try record(.change(of: approval, at: now))
        return approval
    }

    /// Stores where an approval stands now, and returns it under the number of this change.
    func update(_ approval: Approval, at now: Timestamp) throws -> Approval {
        try execute(
            """
            update approvals set state = \(approval.state.word), void_reason = \(approval.state.reason),
                decided = \(approval.decision?.at), decided_by = \(approval.decision?.by?.rawValue),
                note = \(approval.decision?.note), used = \(approval.used), change = \(try nextChange())
            where id = \(approval.id.rawValue)
            """
        )
        // What was used up changes no more.
        try record(
            approval.used == nil ? .change(of: approval, at: now) : .input(of: approval, at: now)
        )
        return try self.approval(approval.id) ?? approval
    }

    /// Closes the approval that a ticket awaits, because the ticket is over.
    func closeApproval(ofRun ticket: TicketID, at now: Timestamp) throws {
        guard var approval = try approval(ofRun: ticket), try approval.apply(.cancel(at: now)) else { return }
        _ = try update(approval, at: now)
    }

    private func nextChange() throws -> Int64 {
        try count(.approvalChanges, by: 1)
        return try total(.approvalChanges)
    }
}
