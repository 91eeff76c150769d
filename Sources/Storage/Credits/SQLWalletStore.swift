internal import Core
internal import Domain
internal import SQL

/// Wallets and their ledgers as rows.
struct SQLWalletStore: WalletStore {
    let gate: StorageGate

    func open(_ owner: WalletOwner, at now: Timestamp) async throws -> Wallet {
        try await gate.write { db in
            if let wallet = try Self.wallet(Self.owned(by: owner), db) { return wallet }
            let row = try db.first(
                """
                insert into wallets (client_id, brand_id, created)
                values (\(owner.client.rawValue), \(owner.brand?.rawValue), \(now))
                returning \(WalletRows.walletColumns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new wallet was not returned") }
            return try WalletRows.wallet(row)
        }
    }

    func wallet(_ id: WalletID) async throws -> Wallet? {
        try await gate.read { db in try Self.wallet("id = \(id.rawValue)", db) }
    }

    func wallet(of owner: WalletOwner) async throws -> Wallet? {
        try await gate.read { db in try Self.wallet(Self.owned(by: owner), db) }
    }

    func wallet(paying place: Place) async throws -> Wallet? {
        try await gate.read { db in try Self.wallet(LedgerSession.paying(place), db) }
    }

    func wallets(after id: WalletID?, limit: Int) async throws -> Page<Wallet> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(WalletRows.walletColumns) from wallets where id > \(id?.rawValue ?? 0)
                order by id limit \(Page<Wallet>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, WalletRows.wallet)
        }
    }

    func lots(of id: WalletID) async throws -> [Lot] {
        try await gate.read { db in try LedgerSession.lots(of: id, db) }
    }

    func openHolds(of id: WalletID, limit: Int) async throws -> Page<Hold> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(WalletRows.holdColumns) from holds where wallet_id = \(id.rawValue) and state = 'open'
                order by id desc limit \(Page<Hold>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, WalletRows.hold)
        }
    }

    func transfers(of id: WalletID, before: TransferID?, limit: Int) async throws -> Page<Transfer> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(WalletRows.transferColumns) from transfers
                where wallet_id = \(id.rawValue) and id < \(before?.rawValue ?? .max)
                order by id desc limit \(Page<Transfer>.rows(for: limit))
                """
            )
            return Page(
                elements: try rows.prefix(max(limit, 0)).map { row in
                    try WalletRows.transfer(row, draws: Self.draws(of: row.get(0), db))
                },
                hasMore: rows.count > max(limit, 0)
            )
        }
    }

    func setLine(_ line: Credits, of id: WalletID) async throws -> Wallet {
        try await gate.write { db in
            guard var session = try LedgerSession("id = \(id.rawValue)", lots: false, at: .distantPast, db)
            else { throw Self.unknown }
            guard try session.setLine(line, db) else {
                throw Failure(
                    .conflict,
                    code: "line_in_use",
                    message: "More than this line is spent or reserved.",
                    hint: "Top the wallet up first, or set a longer line."
                )
            }
            return session.ledger.wallet
        }
    }

    // MARK: Caps and thresholds

    func caps(of client: ClientID) async throws -> [SpendingCap] {
        try await gate.read { db in try CapColumns.caps(of: client, db) }
    }

    func setCap(_ cap: SpendingCap) async throws {
        try await gate.write { db in
            _ = try db.execute(
                """
                insert into spending_caps (client_id, subject, period, amount)
                values (\(cap.client.rawValue), \(CapColumns.text(cap.subject)), \(cap.period.rawValue),
                    \(cap.amount.minor))
                on conflict (client_id, subject, period) do update set amount = excluded.amount
                """
            )
        }
    }

    func removeCap(of client: ClientID, _ subject: SpendingCap.Subject, per period: SpendingCap.Period)
        async throws -> Bool
    {
        try await gate.write { db in
            try db.execute(
                """
                delete from spending_caps where client_id = \(client.rawValue)
                    and subject = \(CapColumns.text(subject)) and period = \(period.rawValue)
                """
            ) > 0
        }
    }

    func thresholds(of id: WalletID) async throws -> [Threshold] {
        try await gate.read { db in
            try db.all(
                "select amount, raised from thresholds where wallet_id = \(id.rawValue) order by amount desc"
            ).map { Threshold(amount: Credits(minor: try $0.get(0)), isRaised: try $0.get(1)) }
        }
    }

    func setThresholds(_ amounts: Set<Credits>, of id: WalletID, at now: Timestamp) async throws {
        try await gate.write { db in
            guard var session = try LedgerSession("id = \(id.rawValue)", lots: false, at: now, db)
            else { throw Self.unknown }
            let stored = try db.all("select amount from thresholds where wallet_id = \(id.rawValue)")
                .map { Credits(minor: try $0.get(0)) }
            for amount in stored where !amounts.contains(amount) {
                try db.execute(
                    "delete from thresholds where wallet_id = \(id.rawValue) and amount = \(amount.minor)"
                )
            }
            for amount in amounts.subtracting(stored) {
                try db.execute(
                    """
                    insert into thresholds (wallet_id, amount, raised)
                    values (\(id.rawValue), \(amount.minor), \(false))
                    """
                )
            }
            try session.raise(at: session.ledger.wallet.balance, db)
        }
    }

    func events(of id: WalletID?, after: Int64, limit: Int) async throws -> Page<WalletEvent> {
        let whose: SQLStatement = if let id { "wallet_id = \(id.rawValue)" } else { "1 = 1" }
        return try await gate.read { db in
            let rows = try db.all(
                """
                select id, wallet_id, threshold, balance, created from wallet_events
                where id > \(after) and \(whose) order by id limit \(Page<WalletEvent>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit) { row in
                WalletEvent(
                    id: try row.get(0),
                    wallet: WalletID(try row.get(1)),
                    threshold: Credits(minor: try row.get(2)),
                    balance: Credits(minor: try row.get(3)),
                    created: try row.get(4)
                )
            }
        }
    }

    func lastEvent() async throws -> Int64 {
        try await gate.read { db in
            try db.first("select max(id) from wallet_events")?.get(0, as: Int64?.self) ?? 0
        }
    }

    // MARK: Shared

    static let unknown = Failure(
        .notFound,
        code: "wallet_not_found",
        message: "There is no such wallet.",
        hint: "GET /v1/admin/wallets lists those that there are."
    )

    static func owned(by owner: WalletOwner) -> SQLStatement {
        let client = owner.client.rawValue
        guard let brand = owner.brand?.rawValue else { return "client_id = \(client) and brand_id is null" }
        return "client_id = \(client) and brand_id = \(brand)"
    }

    static func wallet(_ condition: SQLStatement, _ db: borrowing Connection) throws -> Wallet? {
        try db.first("select \(WalletRows.walletColumns) from wallets where \(condition) limit 1")
            .map(WalletRows.wallet)
    }

    static func draws(of transfer: Int64, _ db: borrowing Connection) throws -> [LedgerStep.Draw] {
        try db.all("select lot_id, amount from draws where transfer_id = \(transfer) order by lot_id").map {
            LedgerStep.Draw(lot: LotID(try $0.get(0)), amount: Credits(minor: try $0.get(1)))
        }
    }
}

extension Timestamp {
    /// Before everything.
    fileprivate static let distantPast = Timestamp(microseconds: .min)
}
