internal import Core
internal import Domain
internal import SQL

extension SQLApprovalStore {
    func settle(_ id: ApprovalID, _ input: ApprovalInput) async throws -> SettledApproval? {
        try await gate.write { db in
            guard let approval = try db.approval(id) else { return nil }
            return try db.settle(approval, input)
        }
    }

    func expireDue(at now: Timestamp, limit: Int) async throws -> [SettledApproval] {
        try await gate.write { db in
            let due = try db.all(
                """
                select \(ApprovalRow.columns) from approvals a where a.state = 'awaiting' and a.expires <= \(now)
                order by a.expires limit \(max(limit, 0))
                """
            )
            return try due.map { try db.settle(try ApprovalRow.approval($0), .expire(at: now)) }
        }
    }
}

extension Connection {
    /// Settles an approval and moves the ticket of a run along; all of it or nothing.
    fileprivate func settle(_ approval: Approval, _ input: ApprovalInput) throws -> SettledApproval {
        let ticket = try ticket(approval.subject.ticket)
        var approval = approval
        guard try approval.apply(Self.possible(input, for: approval, ticket)) else {
            return SettledApproval(approval: approval, ticket: ticket, isChanged: false)
        }
        approval = try update(approval, at: input.time)
        guard let ticket, let state = approval.ticketState, !ticket.state.isTerminal else {
            return SettledApproval(approval: approval, ticket: ticket, isChanged: true)
        }
        let moved = try move(ticket, to: state, at: input.time)
        return SettledApproval(approval: approval, ticket: moved, isChanged: true)
    }

    /// What can be done with the ticket as it is: an answer that it cannot follow voids, and what has begun stays.
    private static func possible(_ input: ApprovalInput, for approval: Approval, _ ticket: Ticket?)
        -> ApprovalInput
    {
        switch (input, approval.subject) {
        case (.decide(_, let decision), .run) where approval.state == .awaiting:
            guard ticket?.state != .awaitingApproval else { return input }
            return .void(reason: "the ticket does not await approval", at: decision.at)
        case (.decide(_, let decision), .input) where approval.state == .awaiting:
            guard ticket?.state.isTerminal ?? true else { return input }
            return .void(reason: "the ticket was over before anybody decided", at: decision.at)
        case (.use(let now), .input) where ticket?.state.isTerminal ?? true:
            return .void(reason: "the ticket was over before the input could be written", at: now)
        default: return input
        }
    }

    private func move(_ ticket: Ticket, to state: TicketState, at now: Timestamp) throws -> Ticket {
        guard let key = ticket.id.rowKey else { return ticket }
        var moved = ticket
        moved.state = state
        if state == .queued {
            try execute("update tickets set state = 'queued' where id = \(key)")
            try count(.queued, by: 1)
        } else {
            try store(moved, under: key, ended: now)
            if ticket.state == .queued { try count(.queued, by: -1) }
        }
        return moved
    }
}

extension ApprovalInput {
    /// When it happens.
    fileprivate var time: Timestamp {
        switch self {
        case .decide(_, let decision): decision.at
        case .expire(let time), .cancel(let time), .void(_, let time), .use(let time): time
        }
    }
}
