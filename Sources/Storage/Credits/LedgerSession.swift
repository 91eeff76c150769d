internal import Core
internal import Domain
internal import SQL

/// One wallet within one transaction: its rules as a ``Ledger``, and what its steps change in the tables.
///
/// Lots whose time is over have lapsed by the time that it is made.
struct LedgerSession {
    /// What a step belongs to.
    struct Purpose {
        var hold: HoldID?
        var usage: MeteredCallID?
        var key: String?
        var note: String?
        var principal: PrincipalID
    }

    private(set) var ledger: Ledger
    private var nextLapse: Timestamp?
    private var alert: Credits?
    private let now: Timestamp

    /// Takes up the wallet that a condition finds; nil when there is none.
    ///
    /// Lots are read when they are asked for or one of them is over: reserving needs none.
    init?(_ condition: SQLStatement, lots: Bool, at now: Timestamp, _ db: borrowing Connection) throws {
        let row = try db.first(
            "select \(WalletRows.walletColumns), next_lapse, alert from wallets where \(condition) limit 1"
        )
        guard let row else { return nil }
        let wallet = try WalletRows.wallet(row)
        nextLapse = try row.get(7)
        alert = try row.get(8, as: Int64?.self).map(Credits.init(minor:))
        self.now = now
        let isLapsing = nextLapse.map { $0 <= now } ?? false
        ledger = Ledger(wallet, lots: lots || isLapsing ? try Self.lots(of: wallet.id, db) : [])
        if isLapsing { try lapse(db) }
    }

    /// The wallet that pays for a place.
    init?(paying place: Place, lots: Bool, at now: Timestamp, _ db: borrowing Connection) throws {
        try self.init(Self.paying(place), lots: lots, at: now, db)
    }

    /// The condition for the wallet that pays for a place; for a statement with `limit 1`.
    static func paying(_ place: Place) -> SQLStatement {
        let client = place.client.rawValue
        guard let brand = place.brand?.rawValue else { return "client_id = \(client) and brand_id is null" }
        return """
            id = coalesce(
                (select id from wallets where brand_id = \(brand) and client_id = \(client)),
                (select id from wallets where client_id = \(client) and brand_id is null))
            """
    }

    static func lots(of wallet: WalletID, _ db: borrowing Connection) throws -> [Lot] {
        try db.all(
            """
            select \(WalletRows.lotColumns) from lots where wallet_id = \(wallet.rawValue) and remaining > 0
            order by id
            """
        ).map(WalletRows.lot)
    }

    // MARK: Steps

    /// Applies what a body makes of the ledger, and stores it as a transfer.
    @discardableResult
    mutating func perform(
        _ purpose: Purpose,
        _ db: borrowing Connection,
        _ body: (inout Ledger) throws -> LedgerStep
    ) throws -> (id: TransferID, step: LedgerStep) {
        let step = try body(&ledger)
        return (try store(step, balance: ledger.wallet.balance, purpose, db), step)
    }

    /// Takes note of a new lot, which has a row already.
    mutating func noteLot(expiring expires: Timestamp?, _ db: borrowing Connection) throws {
        guard let expires, expires < nextLapse ?? Timestamp(microseconds: .max) else { return }
        try setNextLapse(expires, db)
    }

    /// Sets the line; false when more is in use.
    mutating func setLine(_ line: Credits, _ db: borrowing Connection) throws -> Bool {
        guard ledger.setLine(line) else { return false }
        try db.execute("update wallets set line = \(line.minor) where id = \(ledger.wallet.id.rawValue)")
        return true
    }

    /// Takes out what lapsed, and remembers when the next lot does.
    private mutating func lapse(_ db: borrowing Connection) throws {
        let before = ledger.wallet.balance
        let purpose = Purpose(principal: Self.system)
        var balance = before
        for step in ledger.lapse(at: now) {
            balance = balance + step.amount
            _ = try store(step, balance: balance, purpose, db)
        }
        // A lot that is kept for open holds stays due.
        try setNextLapse(ledger.nextLapse, db)
    }

    private mutating func setNextLapse(_ time: Timestamp?, _ db: borrowing Connection) throws {
        guard time != nextLapse else { return }
        nextLapse = time
        try db.execute("update wallets set next_lapse = \(time) where id = \(ledger.wallet.id.rawValue)")
    }

    private mutating func store(
        _ step: LedgerStep,
        balance: Credits,
        _ purpose: Purpose,
        _ db: borrowing Connection
    ) throws -> TransferID {
        let wallet = ledger.wallet.id.rawValue
        let row = try db.first(
            """
            insert into transfers (wallet_id, kind, amount, held, balance, written_off, hold_id, usage_id, key, note,
                principal, created)
            values (\(wallet), \(step.kind.rawValue), \(step.amount.minor), \(step.held.minor), \(balance.minor),
                \(step.writtenOff.minor), \(purpose.hold?.rawValue), \(purpose.usage?.rawValue), \(purpose.key),
                \(purpose.note), \(purpose.principal.rawValue), \(now))
            returning id
            """
        )
        guard let row else { throw SQLError(.shape, message: "the new transfer was not returned") }
        let id: Int64 = try row.get(0)
        for draw in step.draws {
            try db.execute(
                "update lots set remaining = remaining - \(draw.amount.minor) where id = \(draw.lot.rawValue)"
            )
            try db.execute(
                """
                insert into draws (transfer_id, lot_id, amount)
                values (\(id), \(draw.lot.rawValue), \(draw.amount.minor))
                """
            )
        }
        try db.execute(
            """
            update wallets set balance = balance + \(step.amount.minor), held = held + \(step.held.minor)
            where id = \(wallet)
            """
        )
        if step.amount > .zero || step.amount < .zero && balance <= alert ?? -Credits.maximum - .maximum {
            try raise(at: balance, db)
        }
        return TransferID(id)
    }

    // MARK: Thresholds

    /// Tells the thresholds the balance, stores the events that they raise, and which one is next.
    mutating func raise(at balance: Credits, _ db: borrowing Connection) throws {
        let wallet = ledger.wallet.id.rawValue
        var next: Int64?
        let rows = try db.all("select amount, raised from thresholds where wallet_id = \(wallet)")
        for row in rows {
            let amount: Int64 = try row.get(0)
            let stored = Threshold(amount: Credits(minor: amount), isRaised: try row.get(1))
            var threshold = stored
            if threshold.balanceChanged(to: balance) {
                try db.execute(
                    """
                    insert into wallet_events (wallet_id, threshold, balance, created)
                    values (\(wallet), \(amount), \(balance.minor), \(now))
                    """
                )
            }
            if threshold != stored {
                try db.execute(
                    """
                    update thresholds set raised = \(threshold.isRaised)
                    where wallet_id = \(wallet) and amount = \(amount)
                    """
                )
            }
            if !threshold.isRaised { next = max(next ?? amount, amount) }
        }
        guard next != alert?.minor else { return }
        alert = next.map(Credits.init(minor:))
        try db.execute("update wallets set alert = \(next) where id = \(wallet)")
    }

    /// Who lapses lots and expires holds.
    static let system = PrincipalID("system")
}
