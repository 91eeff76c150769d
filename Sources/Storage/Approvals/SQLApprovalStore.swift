internal import Core
internal import Domain
internal import SQL

/// Approvals as rows; what settles them is in an extension.
struct SQLApprovalStore: ApprovalStore {
    let gate: StorageGate

    func append(_ draft: ApprovalDraft, about subject: ApprovalSubject, at now: Timestamp) async throws
        -> SettledApproval
    {
        try await gate.write { db in
            guard let key = subject.ticket.rowKey, let ticket = try db.ticket(subject.ticket) else {
                throw Failure(.notFound, code: "ticket_not_found", message: "There is no such ticket.")
            }
            if let earlier = try db.approval(ofInputTo: key, draft.reference) {
                guard earlier.subject == subject else {
                    throw Failure(
                        .conflict,
                        code: "reference_reused",
                        message: "Other input was asked for under this reference already.",
                        hint: "Use a new reference for new input."
                    )
                }
                return SettledApproval(approval: earlier, ticket: ticket, isChanged: false)
            }
            guard !ticket.state.isTerminal else {
                throw Failure(.conflict, code: "input_closed", message: "This ticket is over.")
            }
            let approval = try db.insert(draft, about: subject, under: key, at: now)
            return SettledApproval(approval: approval, ticket: ticket, isChanged: true)
        }
    }

    func approval(_ id: ApprovalID) async throws -> Approval? {
        try await gate.read { db in try db.approval(id) }
    }

    func approval(ofRun ticket: TicketID) async throws -> Approval? {
        try await gate.read { db in try db.approval(ofRun: ticket) }
    }

    func approval(ofInputTo ticket: TicketID, reference: String) async throws -> Approval? {
        guard let key = ticket.rowKey else { return nil }
        return try await gate.read { db in try db.approval(ofInputTo: key, reference) }
    }

    func approvals(_ filter: ApprovalFilter, after cursor: ApprovalCursor?, limit: Int) async throws -> Page<
        Approval
    > {
        let wanted = Page<Approval>.rows(for: limit)
        var ticket: SQLStatement = ""
        if let id = filter.ticket { ticket = "and a.ticket_id = \(id.rowKey ?? 0)" }
        let sameTicket = ticket
        return try await gate.read { db in
            var rows: [SQLRow] = []
            if filter.isAwaiting != false, cursor?.isAwaiting != false {
                rows = try db.all(
                    """
                    select \(ApprovalRow.columns) from approvals a
                    where a.state = 'awaiting' and a.id < \(cursor?.id.rawValue ?? .max) \(sameTicket)
                    order by a.id desc limit \(wanted)
                    """
                )
            }
            if filter.isAwaiting != true, rows.count < wanted {
                let edge = cursor.flatMap { $0.isAwaiting ? nil : $0.id.rawValue } ?? .max
                rows += try db.all(
                    """
                    select \(ApprovalRow.columns) from approvals a
                    where a.state <> 'awaiting' and a.id < \(edge) \(sameTicket)
                    order by a.id desc limit \(wanted - rows.count)
                    """
                )
            }
            return try Page(rows, limit: limit, ApprovalRow.approval)
        }
    }

    func approvals(changedAfter change: Int64, limit: Int) async throws -> Page<Approval> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(ApprovalRow.columns) from approvals a where a.change > \(change)
                order by a.change limit \(Page<Approval>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, ApprovalRow.approval)
        }
    }

    func latestChange() async throws -> Int64 {
        try await gate.read { db in try db.total(.approvalChanges) }
    }

    func nextExpiry() async throws -> Timestamp? {
        try await gate.read { db in
            try db.first("select expires from approvals where state = 'awaiting' order by expires limit 1")?
                .get(0)
        }
    }

    // MARK: After a restart

    func approvedTickets() async throws -> Set<TicketID> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select t.id from tickets t join approvals a on a.ticket_id = t.id and a.subject = 'run'
                where t.ended is null and a.state = 'approved'
                """
            )
            return Set(try rows.map { TicketID(rowKey: try $0.get(0)) })
        }
    }

    func openInputs() async throws -> [Approval] {
        try await gate.read { db in
            try db.all(
                """
                select \(ApprovalRow.columns) from approvals a
                where a.subject = 'input' and a.used is null and a.state in ('awaiting', 'approved') order by a.id
                """
            ).map(ApprovalRow.approval)
        }
    }

    func orphanedTickets() async throws -> [Ticket] {
        try await gate.read { db in
            try db.all(
                """
                select \(TicketRow.columns) from \(TicketRow.tables)
                where t.ended is null and t.state = 'awaiting_approval' and not exists (
                    select 1 from approvals a
                    where a.ticket_id = t.id and a.subject = 'run' and a.state = 'awaiting')
                """
            ).map(TicketRow.ticket)
        }
    }

    func strayApprovals() async throws -> [ApprovalID] {
        try await gate.read { db in
            try db.all(
                """
                select a.id from approvals a left join tickets t on t.id = a.ticket_id
                where a.state = 'awaiting' and a.subject = 'run' and (t.id is null or t.state <> 'awaiting_approval')
                """
            ).map { ApprovalID(try $0.get(0)) }
        }
    }
}
