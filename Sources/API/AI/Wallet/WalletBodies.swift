internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// What is put into wallets and set of them, as bodies say it.
struct WalletBodies: Sendable {
    private let places: WalletPlaces

    init(_ places: WalletPlaces) { self.places = places }

    /// The members of a deposit, beside those that say where it goes.
    static func members(of kind: DepositKind) -> Set<String> {
        kind == .topup
            ? ["amount", "key", "note"] : ["amount", "key", "note", "priority", "expires_in_days"]
    }

    /// A deposit.
    static func deposit(_ kind: DepositKind, _ body: BodyReader, at now: Timestamp, by principal: PrincipalID)
        throws -> Deposit
    {
        guard let amount = try body.integer("amount") else { throw body.wrong("amount", "a whole number") }
        guard let key = try body.string("key") else { throw body.wrong("key", "a key of your own") }
        let days = kind == .grant ? try body.integer("expires_in_days") : nil
        if let days, !(1...3_650).contains(days) {
            throw body.wrong("expires_in_days", "a number from 1 to 3650")
        }
        return Deposit(
            kind,
            Credits(minor: amount),
            priority: kind == .grant ? try body.integer("priority").map { Int($0) } : nil,
            expires: days.map { now + .seconds($0 * 86_400) },
            key: key,
            note: try body.string("note"),
            principal: principal
        )
    }

    /// The members of a cap.
    static let capMembers: Set<String> = [
        "client", "brand", "user", "each_user", "period", "amount", "issuer",
    ]

    /// What a cap is about, and how much it allows; no amount takes it away.
    func cap(_ body: BodyReader, for caller: Principal) async throws -> (
        client: ClientID, subject: SpendingCap.Subject, period: SpendingCap.Period, amount: Credits?
    ) {
        guard let period = try body.word("period", SpendingCap.Period.self) else {
            throw body.wrong("period", "\"day\" or \"month\"")
        }
        let place = try await places.place(body, for: caller)
        let user = try body.string("user")
        let subject: SpendingCap.Subject
        switch (place.brand, user, try body.bool("each_user") ?? false) {
        case (let brand?, nil, false): subject = .brand(brand)
        case (nil, let user?, false): subject = .user(try await places.user(user, of: place.client))
        case (nil, nil, true): subject = .eachUser
        default: throw body.wrong("brand", "the one of brand, user and each_user that is meant")
        }
        return (place.client, subject, period, try body.integer("amount").map(Credits.init(minor:)))
    }
}
