internal import Core
internal import Domain
internal import SQL

/// Results for clients that ask by sending their command again.
extension SQLApprovalStore {
    func unhandedTicket(of command: String, in session: SessionName, decidedAfter edge: Timestamp)
        async throws -> TicketID?
    {
        try await gate.read { db in
            try db.first(
                """
                select t.id from approvals a
                join tickets t on t.id = a.ticket_id
                join sessions s on s.id = t.session_id
                where a.origin = 'bridge' and a.subject = 'run' and a.handed is null
                    and (a.state = 'awaiting' or a.state in ('approved', 'denied') and a.decided > \(edge))
                    and t.key is null and t.command = \(command) and s.name = \(session.rawValue)
                order by t.id desc limit 1
                """
            ).map { TicketID(rowKey: try $0.get(0)) }
        }
    }

    func handOut(_ ticket: TicketID, at now: Timestamp) async throws {
        guard let key = ticket.rowKey else { return }
        try await gate.write { db in
            _ = try db.execute(
                """
                update approvals set handed = \(now)
                where ticket_id = \(key) and origin = 'bridge' and subject = 'run' and handed is null
                """
            )
        }
    }
}
