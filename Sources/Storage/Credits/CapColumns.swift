internal import Core
internal import Domain
internal import SQL

/// Caps as rows, and what was spent of them.
enum CapColumns {
    static func text(_ subject: SpendingCap.Subject) -> String {
        switch subject {
        case .brand(let brand): "brand:\(brand)"
        case .user(let user): user.principal.rawValue
        case .eachUser: "user"
        }
    }

    static func subject(_ text: String) throws -> SpendingCap.Subject {
        if text == "user" { return .eachUser }
        if let user = UserID(PrincipalID(text)) { return .user(user) }
        if text.hasPrefix("brand:"), let number = Int64(text.dropFirst(6)) { return .brand(BrandID(number)) }
        throw SQLError(.shape, message: "column subject holds an unknown word")
    }

    static func caps(of client: ClientID, _ db: borrowing Connection) throws -> [SpendingCap] {
        try db.all(
            """
            select subject, period, amount from spending_caps where client_id = \(client.rawValue)
            order by subject, period
            """
        ).map { row in
            SpendingCap(
                client: client,
                subject: try subject(row.get(0)),
                period: try WalletRows.word(row.get(1)),
                amount: Credits(minor: try row.get(2))
            )
        }
    }

    /// Throws ``CapReached`` unless a principal may spend an amount at a place.
    static func check(
        _ amount: Credits,
        _ place: Place,
        _ principal: PrincipalID,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws {
        let caps = try caps(of: place.client, db)
        for cap in SpendingCap.binding(caps, place, principal) {
            let taken = try taken(of: cap, principal, at: now, db)
            guard taken + amount <= cap.amount else {
                throw CapReached(cap: cap, taken: taken, needed: amount)
            }
        }
    }

    /// What was spent in the period around now, and what is reserved.
    private static func taken(
        of cap: SpendingCap,
        _ principal: PrincipalID,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws -> Credits {
        let whose: SQLStatement =
            switch cap.subject {
            case .brand(let brand): "brand_id = \(brand.rawValue)"
            case .user, .eachUser: "principal = \(principal.rawValue)"
            }
        let client = cap.client.rawValue
        let spent: Int64? = try db.first(
            """
            select sum(cost) from usage_days
            where client_id = \(client) and day >= \(cap.period.start(at: now).number) and \(whose)
            """
        )?.get(0)
        let held: Int64? = try db.first(
            """
            select sum(amount) from holds
            where wallet_id in (select id from wallets where client_id = \(client)) and state = 'open' and \(whose)
            """
        )?.get(0)
        return Credits(minor: (spent ?? 0) + (held ?? 0))
    }
}
