internal import Core
internal import Domain
internal import SQL

/// Requests to providers as rows.
struct SQLUsageStore: UsageStore {
    let gate: StorageGate

    /// The condition that a row belongs to somebody: the only place that says how.
    private func owned(by principal: PrincipalID?) -> SQLStatement {
        if let principal { "principal = \(principal.rawValue)" } else { "1 = 1" }
    }

    func begin(_ model: ModelReference, for context: CallContext, at now: Timestamp) async throws
        -> MeteredCallID
    {
        try await gate.write { db in
            try UsageRows.begin(model, context, inputEstimate: 0, at: now, db)
        }
    }

    func end(_ call: MeteredCallID, usage: TokenUsage?, outcome: CallOutcome, at now: Timestamp) async throws
    {
        _ = try await gate.write { db in
            try UsageRows.end(call, outcome: outcome, usage: usage, cost: .zero, at: now, db)
        }
    }

    func endInterrupted(at now: Timestamp) async throws -> Int {
        try await gate.write { db in
            try db.execute(
                """
                update usage set finished = \(now), outcome = \(CallOutcome.interrupted.rawValue)
                where outcome is null and client_id is null
                """
            )
        }
    }

    func rows(of principal: PrincipalID?, before: MeteredCallID?, limit: Int) async throws -> Page<UsageRow> {
        let owned = owned(by: principal)
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(UsageRows.columns) from usage where id < \(before?.rawValue ?? .max) and \(owned)
                order by id desc limit \(Page<UsageRow>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, UsageRows.row)
        }
    }
}
