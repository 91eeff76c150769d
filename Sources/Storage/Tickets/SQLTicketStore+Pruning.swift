internal import Core
internal import Domain
internal import SQL

extension SQLTicketStore {
    func prunable(
        finishedBefore deadline: Timestamp,
        maximumBytes: Int64,
        limit: Int
    ) async throws -> [Ticket] {
        try await gate.read { db in
            var kept = try db.total(.keptBytes)
            var tickets: [Ticket] = []
            guard limit > 0 else { return [] }
            try db.forEach(
                """
                select \(TicketRow.columns) from \(TicketRow.tables)
                where t.ended is not null order by t.ended, t.id
                """
            ) { row in
                // The oldest come first: where neither reason holds any more, it holds for none behind.
                guard try row.get("ended") < deadline || kept > maximumBytes else { return false }
                tickets.append(try TicketRow.ticket(row))
                kept -= try row.get("kept_bytes", as: Int64.self)
                return tickets.count < limit
            }
            return tickets
        }
    }

    func remove(_ tickets: [TicketID]) async throws {
        guard !tickets.isEmpty else { return }
        try await gate.write { db in
            var freed: Int64 = 0
            for ticket in tickets {
                guard let key = ticket.rowKey else { continue }
                let row = try db.first(
                    "delete from tickets where id = \(key) and ended is not null returning kept_bytes"
                )
                try db.execute("delete from approvals where ticket_id = \(key)")
                freed += try row?.get("kept_bytes", as: Int64.self) ?? 0
            }
            try db.count(.keptBytes, by: -freed)
        }
    }
}
