internal import Core
internal import Domain
internal import SQL

/// Usage rows and what they cost, changed together.
struct SQLMeterStore: MeterStore {
    let gate: StorageGate

    func begin(_ draft: CallDraft, at now: Timestamp) async throws -> MeteredCallID {
        try await gate.write { db in
            let id = try UsageRows.begin(
                draft.model,
                draft.context,
                inputEstimate: draft.inputEstimate,
                at: now,
                db
            )
            if draft.hold > .zero, let place = draft.context.place {
                let hold = HoldDraft(
                    key: Self.key(id),
                    amount: draft.hold,
                    place: place,
                    principal: draft.context.principal,
                    expires: draft.expires,
                    item: draft.model
                )
                _ = try HoldRows.make(hold, at: now, db)
            }
            return id
        }
    }

    func end(_ call: MeteredCallID, _ report: CallReport, price: CallPrice?, at now: Timestamp) async throws
        -> UsageRow?
    {
        try await gate.write { db in
            let row = try db.first(
                """
                select \(UsageRows.columns), input_estimate from usage
                where id = \(call.rawValue) and outcome is null
                """
            )
            guard let row else { return nil }
            let begun = try UsageRows.row(row)
            let hold = try HoldRows.hold(Self.key(call), db)
            let bill = CallBill(
                report,
                inputEstimate: try row.get("input_estimate"),
                // Without a hold nothing was agreed to be paid.
                price: hold == nil || begun.context.isOwnAccount ? nil : price
            )
            var cost = Credits.zero
            if let hold { cost = try HoldRows.settle(hold, used: bill.cost, usage: call, at: now, db) }
            try UsageRows.end(
                call,
                outcome: report.outcome,
                usage: bill.usage,
                isEstimated: bill.isEstimated,
                cost: cost,
                at: now,
                db
            )
            try UsageDays.add(begun.model, begun.context, usage: bill.usage, cost: cost, at: now, db)
            return try UsageRows.row(call, db)
        }
    }

    func openCalls(limit: Int) async throws -> [UsageRow] {
        try await gate.read { db in
            try db.all(
                """
                select \(UsageRows.columns) from usage where outcome is null and client_id is not null
                order by id limit \(limit)
                """
            ).map(UsageRows.row)
        }
    }

    func record(_ draft: ItemDraft, at now: Timestamp) async throws -> UsageRow {
        let model = try ModelReference(provider: ProviderID("host"), model: draft.item)
        return try await gate.write { db in
            if let earlier = try Self.item(draft.key, of: draft.place.client, db) {
                try Self.compare(draft, model, with: earlier)
                return earlier
            }
            let context = CallContext(principal: draft.principal, door: .host, place: draft.place)
            let id = try UsageRows.begin(model, context, inputEstimate: 0, at: now, db)
            try db.execute(
                """
                update usage set item_key = \(draft.key), quantity = \(draft.quantity) where id = \(id.rawValue)
                """
            )
            if draft.charge > .zero { try Self.charge(draft, to: id, at: now, db) }
            try UsageRows.end(id, outcome: .succeeded, cost: draft.charge, at: now, db)
            try UsageDays.add(
                model,
                context,
                usage: nil,
                cost: draft.charge,
                quantity: draft.quantity,
                at: now,
                db
            )
            guard let row = try UsageRows.row(id, db) else {
                throw SQLError(.shape, message: "the new row is not there")
            }
            return row
        }
    }

    /// Throws `key_reused` unless a record is the same as an earlier one.
    private static func compare(_ draft: ItemDraft, _ model: ModelReference, with earlier: UsageRow) throws {
        guard earlier.model == model else { throw SQLWalletStore.keyReused("item") }
        guard earlier.quantity == draft.quantity else { throw SQLWalletStore.keyReused("quantity") }
        guard earlier.context.place == draft.place else { throw SQLWalletStore.keyReused("place") }
        guard earlier.context.principal == draft.principal else { throw SQLWalletStore.keyReused("user") }
        // The price list may have changed since; what the application says itself has not.
        let isSame =
            draft.isCostStated
            ? earlier.cost == draft.charge : (earlier.cost > .zero) == (draft.charge > .zero)
        guard isSame else { throw SQLWalletStore.keyReused("cost") }
    }

    private static func charge(
        _ draft: ItemDraft,
        to row: MeteredCallID,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws {
        try CapColumns.check(draft.charge, draft.place, draft.principal, at: now, db)
        guard var session = try LedgerSession(paying: draft.place, lots: true, at: now, db) else {
            throw Shortage(wallet: nil, needed: draft.charge)
        }
        try session.perform(.init(usage: row, note: draft.item, principal: draft.principal), db) { ledger in
            try ledger.charge(draft.charge, at: now)
        }
    }

    private static func item(_ key: String, of client: ClientID, _ db: borrowing Connection) throws
        -> UsageRow?
    {
        try db.first(
            """
            select \(UsageRows.columns) from usage
            where client_id = \(client.rawValue) and item_key = \(key)
            """
        ).map(UsageRows.row)
    }

    /// The key of the hold of a call.
    private static func key(_ call: MeteredCallID) -> String { "call:\(call.rawValue)" }
}
