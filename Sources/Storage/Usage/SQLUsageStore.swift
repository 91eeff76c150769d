internal import Core
internal import Domain
internal import SQL

/// Requests to providers as rows.
struct SQLUsageStore: UsageStore {
    private static let columns: SQLStatement = """
        id, model, principal, door, turn_id, started, finished,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, outcome
        """
    let gate: StorageGate

    /// The condition that a row belongs to somebody: the only place that says how.
    private func owned(by principal: PrincipalID?) -> SQLStatement {
        if let principal { "principal = \(principal.rawValue)" } else { "1 = 1" }
    }

    func begin(_ model: ModelReference, for context: CallContext, at now: Timestamp) async throws
        -> MeteredCallID
    {
        try await gate.write { db in
            let row = try db.first(
                """
                insert into usage (model, principal, door, turn_id, started)
                values (\(model.description), \(context.principal.rawValue), \(context.door.rawValue),
                    \(context.turn?.rawValue), \(now))
                returning id
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new row was not returned") }
            return MeteredCallID(try row.get(0))
        }
    }

    func end(_ call: MeteredCallID, usage: TokenUsage?, outcome: CallOutcome, at now: Timestamp) async throws
    {
        try await gate.write { db in
            _ = try db.execute(
                """
                update usage set finished = \(now), outcome = \(outcome.rawValue), input_tokens = \(usage?.input),
                    cached_input_tokens = \(usage?.cachedInput), output_tokens = \(usage?.output),
                    reasoning_tokens = \(usage?.reasoning)
                where id = \(call.rawValue) and outcome is null
                """
            )
        }
    }

    func endInterrupted(at now: Timestamp) async throws -> Int {
        try await gate.write { db in
            try db.execute(
                """
                update usage set finished = \(now), outcome = \(CallOutcome.interrupted.rawValue)
                where outcome is null
                """
            )
        }
    }

    func rows(of principal: PrincipalID?, before: MeteredCallID?, limit: Int) async throws -> Page<UsageRow> {
        let owned = owned(by: principal)
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(Self.columns) from usage where id < \(before?.rawValue ?? .max) and \(owned)
                order by id desc limit \(Page<UsageRow>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, Self.row)
        }
    }

    private static func row(_ row: SQLRow) throws -> UsageRow {
        var reader = SQLRowReader(row)
        let id = MeteredCallID(try reader.next())
        let model = try ChatRow.model(try reader.next())
        let principal = PrincipalID(try reader.next())
        guard let door = CallDoor(rawValue: try reader.next()) else {
            throw SQLError(.shape, message: "column door holds an unknown word")
        }
        let turn = try reader.next(as: Int64?.self).map(TurnID.init)
        let (started, finished): (Timestamp, Timestamp?) = (try reader.next(), try reader.next())
        let tokens: [Int?] = [
            try reader.next(), try reader.next(), try reader.next(), try reader.next(),
        ]
        let outcome = try reader.next(as: String?.self)
        return UsageRow(
            id: id,
            model: model,
            context: CallContext(principal: principal, door: door, turn: turn),
            started: started,
            finished: finished,
            usage: tokens[0].map {
                TokenUsage(
                    input: $0,
                    cachedInput: tokens[1] ?? 0,
                    output: tokens[2] ?? 0,
                    reasoning: tokens[3] ?? 0
                )
            },
            outcome: outcome.flatMap(CallOutcome.init(rawValue:))
        )
    }
}
