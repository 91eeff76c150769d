internal import Core
internal import Domain
internal import SQL

extension SQLWalletStore {
    /// What a repeated deposit may differ by in the time that it lasts: it is reckoned from the moment of the request.
    private static let tolerance = Duration.seconds(60)

    func deposit(_ deposit: Deposit, to id: WalletID, at now: Timestamp) async throws -> Transfer {
        try await gate.write { db in
            guard var session = try LedgerSession("id = \(id.rawValue)", lots: true, at: now, db)
            else { throw Self.unknown }
            let client = session.ledger.wallet.owner.client
            if let earlier = try Self.transfer(key: deposit.key, near: id, of: client, db) {
                try Self.compare(deposit, to: id, at: now, with: earlier, db)
                return earlier
            }
            let row = try db.first(
                """
                insert into lots (wallet_id, kind, amount, remaining, priority, expires, created)
                values (\(id.rawValue), \(deposit.kind.rawValue), \(deposit.amount.minor), \(deposit.amount.minor),
                    \(deposit.priority), \(deposit.expires), \(now))
                returning \(WalletRows.lotColumns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new lot was not returned") }
            let lot = try WalletRows.lot(row)
            try session.noteLot(expiring: lot.expires, db)
            try session.perform(
                .init(key: deposit.key, note: deposit.note, principal: deposit.principal),
                db
            ) { $0.deposit(lot) }
            guard let transfer = try Self.transfer(key: deposit.key, near: id, of: client, db) else {
                throw SQLError(.shape, message: "the new transfer is not there")
            }
            return transfer
        }
    }

    /// The refusal of a key that stands for something else.
    static func keyReused(_ difference: String) -> Failure {
        Failure(
            .conflict,
            code: "key_reused",
            message: "This key was used before, with another \(difference).",
            hint: "Send a new key for a new payment or record, and the same one only to repeat a request."
        )
    }

    /// The deposit with a key in any wallet of a client, first of all in this one.
    private static func transfer(
        key: String,
        near id: WalletID,
        of client: ClientID,
        _ db: borrowing Connection
    ) throws -> Transfer? {
        let row = try db.first(
            """
            select \(WalletRows.transferColumns) from transfers
            where key = \(key) and wallet_id in (select id from wallets where client_id = \(client.rawValue))
            order by wallet_id = \(id.rawValue) desc, id limit 1
            """
        )
        guard let row else { return nil }
        return try WalletRows.transfer(row, draws: draws(of: row.get(0), db))
    }

    /// Throws `key_reused` unless a deposit is the same as an earlier one.
    private static func compare(
        _ deposit: Deposit,
        to id: WalletID,
        at now: Timestamp,
        with earlier: Transfer,
        _ db: borrowing Connection
    ) throws {
        guard earlier.wallet == id else { throw keyReused("wallet") }
        guard earlier.step.kind.rawValue == deposit.kind.rawValue else { throw keyReused("kind of deposit") }
        guard earlier.step.amount == deposit.amount else { throw keyReused("amount") }
        guard earlier.note == deposit.note else { throw keyReused("note") }
        let lots = try db.all(
            """
            select \(WalletRows.lotColumns) from lots
            where wallet_id = \(id.rawValue) and kind = \(deposit.kind.rawValue)
                and amount = \(deposit.amount.minor) and created = \(earlier.created)
            """
        ).map(WalletRows.lot)
        guard lots.contains(where: { $0.priority == deposit.priority }) else { throw keyReused("priority") }
        let lasts = deposit.expires.map { $0 - now }
        let isSame = lots.contains { lot in
            guard let lasts, let expires = lot.expires else { return lasts == nil && lot.expires == nil }
            let lasted = expires - earlier.created
            return lasted < lasts + tolerance && lasts < lasted + tolerance
        }
        guard isSame else { throw keyReused("time until it lapses") }
    }
}
