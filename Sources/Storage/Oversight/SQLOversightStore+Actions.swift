internal import Core
internal import Domain
internal import SQL

extension SQLOversightStore {
    // MARK: Actions

    func actions(_ filter: OverseenActionFilter, before: ActionID?, limit: Int) async throws
        -> Page<OverseenAction>
    {
        let state: SQLStatement = filter.state.map { "state = \($0.rawValue)" } ?? "1 = 1"
        let issuer: SQLStatement = filter.issuer.map { "issuer = \($0)" } ?? "1 = 1"
        let client: SQLStatement =
            filter.client.map { "client_id in (select c.id from clients c where c.key = \($0))" } ?? "1 = 1"
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(ActionRow.columns), \(Self.names) from actions
                where id < \(before?.rawValue ?? .max) and \(state) and \(issuer) and \(client)
                order by id desc limit \(Page<OverseenAction>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, Self.action)
        }
    }

    func action(_ id: ActionID) async throws -> OverseenAction? {
        try await gate.read { db in
            try db.first(
                "select \(ActionRow.columns), \(Self.names) from actions where id = \(id.rawValue)"
            ).map(Self.action)
        }
    }

    private static var names: SQLStatement {
        """
        \(OverseenName.of("owner")) as owner_name,
        (select c.key from clients c where c.id = client_id) as client_key,
        (select b.key from brands b where b.id = brand_id) as brand_key,
        (select l.key from locations l where l.id = location_id) as location_key
        """
    }

    private static func action(_ row: SQLRow) throws -> OverseenAction {
        OverseenAction(
            proposal: try ActionRow.proposal(row),
            owner: try OverseenName.owner(row),
            place: try OverseenName.place(row) ?? PlaceName(client: "", brand: nil, location: nil)
        )
    }

    // MARK: Receipts

    func receipts(before: TurnID?, limit: Int) async throws -> Page<OverseenReceipt> {
        let edge = before?.rawValue ?? .max
        return try await gate.read { db in
            let rows = try db.all(
                Self.receipts("turn_id < \(edge)", limit: Page<OverseenReceipt>.rows(for: limit))
            )
            return try Page(rows, limit: limit, Self.receipt)
        }
    }

    func receipt(of turn: TurnID) async throws -> OverseenReceipt? {
        try await gate.read { db in
            try db.first(Self.receipts("turn_id = \(turn.rawValue)", limit: 1)).map(Self.receipt)
        }
    }

    private static func receipts(_ condition: SQLStatement, limit: Int) -> SQLStatement {
        """
        select r.turn_id as turn, r.time as time, r.sources as sources, r.missing as missing,
            r.left_out as left_out, t.owner as owner, \(OverseenName.of("t.owner")) as owner_name,
            (select c.key from clients c where c.id = h.client_id) as client_key,
            (select b.key from brands b where b.id = h.brand_id) as brand_key,
            (select l.key from locations l where l.id = h.location_id) as location_key
        from (
            select turn_id, min(chat_id) as chat_id, min(time) as time, count(*) as sources,
                sum(case when missing is null then 0 else 1 end) as missing, sum(left_out) as left_out
            from context_readings where \(condition) group by turn_id order by turn_id desc limit \(limit)
        ) r join turns t on t.id = r.turn_id join chats h on h.id = r.chat_id
        order by r.turn_id desc
        """
    }

    private static func receipt(_ row: SQLRow) throws -> OverseenReceipt {
        OverseenReceipt(
            turn: TurnID(try row.get("turn")),
            owner: try OverseenName.owner(row),
            place: try OverseenName.place(row),
            time: try row.get("time"),
            sources: try row.get("sources"),
            missing: try row.get("missing"),
            leftOut: try row.get("left_out")
        )
    }
}
