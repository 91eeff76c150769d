internal import Core
internal import Domain
internal import SQL

extension SQLTicketStore {
    func ticket(_ id: TicketID) async throws -> Ticket? {
        try await gate.read { db in try db.ticket(id) }
    }

    func ticket(number: Int, inSessionNamed name: SessionName) async throws -> Ticket? {
        guard (1...0xFFFF_FFFF).contains(number) else { return nil }
        return try await gate.read { db in
            try db.first(
                """
                select \(TicketRow.columns) from sessions s join tickets t on t.id = s.id * 4294967296 + \(number)
                where s.name = \(name.rawValue)
                """
            ).map(TicketRow.ticket)
        }
    }

    func ticket(key: IdempotencyKey, inSessionNamed name: SessionName) async throws -> Ticket? {
        try await gate.read { db in
            guard let session = try db.session(named: name) else { return nil }
            return try db.first(
                """
                select \(TicketRow.columns) from \(TicketRow.tables)
                where t.session_id = \(session.id.rawValue) and t.key = \(key.rawValue)
                """
            ).map(TicketRow.ticket)
        }
    }

    func tickets(
        in session: SessionID,
        after number: Int?,
        limit: Int,
        bytes: Int,
        newestFirst: Bool
    ) async throws -> Page<Ticket> {
        let edge = number.map { session.firstRowKey + Int64(min(max($0, 0), 0xFFFF_FFFF)) }
        let rows = Page<Ticket>.rows(for: limit)
        let statement: SQLStatement =
            newestFirst
            ? """
            select \(TicketRow.columns) from \(TicketRow.tables)
            where t.id > \(session.firstRowKey) and t.id < \(edge ?? session.lastRowKey + 1)
            order by t.id desc limit \(rows)
            """
            : """
            select \(TicketRow.columns) from \(TicketRow.tables)
            where t.id > \(edge ?? session.firstRowKey) and t.id <= \(session.lastRowKey)
            order by t.id limit \(rows)
            """
        return try await gate.read { db in
            var (found, hasMore, left) = ([Ticket](), false, bytes)
            // Rows are read one by one, so that a page of long commands is never in memory as a whole.
            try db.forEach(statement) { row in
                let options: String? = try row.get("options")
                let ticket = try TicketRow.ticket(row)
                let size = ticket.command.utf8.count + (options?.utf8.count ?? 0)
                guard found.count < limit, found.isEmpty || size <= left else {
                    hasMore = true
                    return false
                }
                left -= min(size, left)
                found.append(ticket)
                return true
            }
            return Page(elements: found, hasMore: hasMore)
        }
    }

    func unfinishedTickets() async throws -> [UnfinishedTicket] {
        try await gate.read { db in
            try db.all(
                """
                select \(TicketRow.columns) from \(TicketRow.tables) where t.ended is null order by t.created, t.id
                """
            ).map { row in
                UnfinishedTicket(
                    ticket: try TicketRow.ticket(row),
                    bootID: try row.get("boot_id"),
                    isCancelRequested: try row.get("cancel_requested")
                )
            }
        }
    }

    func latestTickets(limit: Int) async throws -> LatestTickets {
        try await gate.read { db in
            let open = try db.all(
                """
                select \(TicketRow.columns) from \(TicketRow.tables) where t.ended is null
                order by t.boot_id is null, t.created, t.id limit \(max(limit, 0))
                """
            )
            let ended = try db.all(
                """
                select \(TicketRow.columns) from \(TicketRow.tables) where t.ended is not null
                order by t.ended desc, t.id desc limit \(max(limit, 0))
                """
            )
            let count: Int =
                try db.first("select count(*) as n from tickets where ended is null")?.get("n") ?? 0
            return LatestTickets(
                open: try open.map(TicketRow.ticket),
                openCount: count,
                ended: try ended.map(TicketRow.ticket)
            )
        }
    }

    func queuedCount() async throws -> Int {
        try await gate.read { db in Int(try db.total(.queued)) }
    }
}
