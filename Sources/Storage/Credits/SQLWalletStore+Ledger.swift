internal import Core
internal import Domain
internal import SQL

extension SQLWalletStore {
    func hold(_ draft: HoldDraft, at now: Timestamp) async throws -> Hold {
        try await gate.write { db in
            _ = try HoldRows.take(draft, at: now, db)
            return try Self.existing(draft.key, db)
        }
    }

    func settle(_ key: String, used: Credits, at now: Timestamp) async throws -> Hold? {
        try await gate.write { db in
            guard let hold = try HoldRows.hold(key, db) else { return nil }
            guard hold.state == .open || hold.state == .expired && used > .zero else { return hold }
            if used == .zero {
                try HoldRows.end(hold, as: .release, at: now, db)
            } else {
                let draft = hold.draft
                let context = CallContext(principal: draft.principal, door: .action, place: draft.place)
                let row = try UsageRows.begin(draft.item, context, inputEstimate: 0, at: hold.created, db)
                let cost = try HoldRows.settle(hold, used: used, usage: row, at: now, db)
                try UsageRows.end(row, outcome: .succeeded, cost: cost, at: now, db)
                try UsageDays.add(draft.item, context, usage: nil, cost: cost, at: now, db)
            }
            return try Self.existing(key, db)
        }
    }

    func release(_ key: String, at now: Timestamp) async throws -> Hold? {
        try await gate.write { db in
            guard let hold = try HoldRows.hold(key, db) else { return nil }
            guard hold.state == .open else { return hold }
            try HoldRows.end(hold, as: .release, at: now, db)
            return try Self.existing(key, db)
        }
    }

    func expireHolds(at now: Timestamp, limit: Int) async throws -> Int {
        try await gate.write { db in
            let holds = try db.all(
                """
                select \(WalletRows.holdColumns) from holds where state = 'open' and expires <= \(now)
                order by expires limit \(limit)
                """
            ).map(WalletRows.hold)
            for hold in holds { try HoldRows.end(hold, as: .expire, at: now, db) }
            return holds.count
        }
    }

    func lapseLots(at now: Timestamp, limit: Int) async throws -> Int {
        try await gate.write { db in
            let before = try Self.lapses(db)
            let due = try db.all(
                "select id from wallets where next_lapse <= \(now) order by next_lapse limit \(limit)"
            )
            // Taking a wallet up takes out what lapsed.
            for row in due {
                let id: Int64 = try row.get(0)
                _ = try LedgerSession("id = \(id)", lots: true, at: now, db)
            }
            return try Self.lapses(db) - before
        }
    }

    func proof(of id: WalletID) async throws -> WalletProof {
        try await gate.read { db in
            guard let wallet = try Self.wallet("id = \(id.rawValue)", db) else { throw Self.unknown }
            let whose: SQLStatement = "where wallet_id = \(id.rawValue)"
            let given = try Self.sum("select sum(amount) from lots \(whose)", db)
            let drawn = try Self.sum(
                "select sum(amount) from draws where lot_id in (select id from lots \(whose))",
                db
            )
            return WalletProof(
                wallet: wallet,
                balance: try Self.sum("select sum(amount) from transfers \(whose)", db),
                held: try Self.sum("select sum(held) from transfers \(whose)", db),
                openHolds: try Self.sum("select sum(amount) from holds \(whose) and state = 'open'", db),
                remaining: try Self.sum("select sum(remaining) from lots \(whose)", db),
                undrawn: given - drawn,
                charged: (
                    rows: try Self.sum(
                        """
                        select sum(cost) from usage
                        where id in (select usage_id from transfers \(whose) and usage_id is not null)
                        """,
                        db
                    ),
                    transfers: try Self.sum(
                        "select -sum(amount) from transfers \(whose) and kind in ('settle', 'charge')",
                        db
                    )
                )
            )
        }
    }

    // MARK: Shared

    private static func existing(_ key: String, _ db: borrowing Connection) throws -> Hold {
        guard let hold = try HoldRows.hold(key, db) else {
            throw SQLError(.shape, message: "the hold is not there")
        }
        return hold
    }

    private static func sum(_ statement: SQLStatement, _ db: borrowing Connection) throws -> Credits {
        Credits(minor: try db.first(statement)?.get(0, as: Int64?.self) ?? 0)
    }

    private static func lapses(_ db: borrowing Connection) throws -> Int {
        try db.first("select count(*) from transfers where kind = 'lapse'")?.get(0) ?? 0
    }
}
