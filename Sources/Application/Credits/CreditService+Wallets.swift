internal import Core
public import Domain

/// Looking after wallets; each change is in the audit log.
extension CreditService {
    /// The wallet of an owner, which is made if there is none.
    public func open(_ owner: WalletOwner, by principal: PrincipalID) async throws -> Wallet {
        if let wallet = try await wallets.wallet(of: owner) { return wallet }
        let now = clock.now()
        return try await audit.keeping { (wallet: Wallet) in
            [Self.entry("wallet.open", wallet.id, principal, at: now)]
        } with: {
            try await wallets.open(owner, at: now)
        }
    }

    /// Puts credits in, once for each key.
    ///
    /// `key_reused` (conflict) for something else under a key of the same client; `invalid_amount`, `invalid_field` (unprocessable).
    public func deposit(_ deposit: Deposit, to id: WalletID) async throws -> Transfer {
        _ = try IdempotencyKey(deposit.key)
        _ = try Self.amount(deposit.amount)
        let now = clock.now()
        if let expires = deposit.expires, expires <= now {
            throw Self.invalid("expires", "a time in the future")
        }
        guard (0...1_000).contains(deposit.priority) else {
            throw Self.invalid("priority", "a number from 0 to 1000")
        }
        guard (deposit.note ?? "").utf8.count <= 500 else {
            throw Self.invalid("note", "a text of at most 500 bytes")
        }
        let detail = ["amount": JSONValue.integer(deposit.amount.minor), "key": .string(deposit.key)]
        return try await audit.keeping { (transfer: Transfer) in
            // A repeated request finds the earlier transfer, which was noted.
            transfer.created == now
                ? [Self.entry("wallet.\(deposit.kind.rawValue)", id, deposit.principal, detail, at: now)] : []
        } with: {
            try await wallets.deposit(deposit, to: id, at: now)
        }
    }

    /// Sets how far below zero the balance may go; `line_in_use` (conflict) when more is spent or held.
    public func setLine(_ line: Credits, of id: WalletID, by principal: PrincipalID) async throws -> Wallet {
        guard line >= .zero, line <= .maximum else { throw Self.invalidAmount }
        let entry = Self.entry("wallet.line", id, principal, ["line": .integer(line.minor)], at: clock.now())
        return try await audit.keeping { (_: Wallet) in
            [entry]
        } with: {
            try await wallets.setLine(line, of: id)
        }
    }

    /// Sets a cap, or takes it away (nil).
    public func setCap(
        _ amount: Credits?,
        of client: ClientID,
        _ subject: SpendingCap.Subject,
        per period: SpendingCap.Period,
        by principal: PrincipalID
    ) async throws {
        let entry = AuditEntry(
            time: clock.now(),
            principal: principal,
            action: amount == nil ? "cap.remove" : "cap.set",
            subject: "client/\(client)",
            detail: Self.detail(
                subject.detail.merging([
                    "period": .string(period.rawValue), "amount": amount.map { .integer($0.minor) } ?? .null,
                ]) { _, new in new }
            )
        )
        guard let amount else {
            _ = try await audit.keeping { (_: Bool) in
                [entry]
            } with: {
                try await wallets.removeCap(of: client, subject, per: period)
            }
            return
        }
        guard amount >= .zero, amount <= .maximum else { throw Self.invalidAmount }
        try await audit.keeping { (_: Void) in
            [entry]
        } with: {
            try await wallets.setCap(
                SpendingCap(client: client, subject: subject, period: period, amount: amount)
            )
        }
    }

    /// Sets the thresholds in place of the earlier ones; at most 20.
    public func setThresholds(_ amounts: Set<Credits>, of id: WalletID, by principal: PrincipalID)
        async throws
    {
        guard amounts.count <= 20 else { throw Self.invalid("thresholds", "a list of at most 20 amounts") }
        guard amounts.allSatisfy({ $0 >= -Credits.maximum && $0 <= .maximum }) else {
            throw Self.invalidAmount
        }
        let now = clock.now()
        let detail = ["amounts": JSONValue.array(amounts.sorted().map { .integer($0.minor) })]
        let entry = Self.entry("wallet.thresholds", id, principal, detail, at: now)
        try await audit.keeping { (_: Void) in
            [entry]
        } with: {
            try await wallets.setThresholds(amounts, of: id, at: now)
        }
    }

    // MARK: Reading, for caretakers

    /// All wallets in the order of their making.
    public func list(after id: WalletID?, limit: Int) async throws -> Page<Wallet> {
        try await wallets.wallets(after: id, limit: limit)
    }

    /// A wallet; `wallet_not_found` when there is none.
    public func wallet(_ id: WalletID) async throws -> Wallet {
        guard let wallet = try await wallets.wallet(id) else { throw Self.unknown }
        return wallet
    }

    /// The wallet of this owner itself; `wallet_not_found` when there is none.
    public func wallet(of owner: WalletOwner) async throws -> Wallet {
        guard let wallet = try await wallets.wallet(of: owner) else { throw Self.unknown }
        return wallet
    }

    /// A wallet with all that belongs to it.
    public func statement(of wallet: Wallet) async throws -> WalletStatement {
        WalletStatement(
            wallet: wallet,
            lots: try await wallets.lots(of: wallet.id),
            holds: try await wallets.openHolds(of: wallet.id, limit: 100).elements,
            thresholds: try await wallets.thresholds(of: wallet.id),
            caps: try await wallets.caps(of: wallet.owner.client)
        )
    }

    /// The ledger of a wallet, newest first.
    public func transfers(of id: WalletID, before: TransferID?, limit: Int) async throws -> Page<Transfer> {
        try await wallets.transfers(of: id, before: before, limit: limit)
    }

    /// Events that thresholds raised, oldest first.
    public func events(after: Int64, limit: Int) async throws -> Page<WalletEvent> {
        try await wallets.events(of: nil, after: after, limit: limit)
    }

    /// Recomputes a wallet from its rows.
    public func verify(_ id: WalletID) async throws -> WalletProof { try await wallets.proof(of: id) }

    // MARK: Shared

    private static func entry(
        _ action: String,
        _ id: WalletID,
        _ principal: PrincipalID,
        _ detail: [String: JSONValue] = [:],
        at now: Timestamp
    ) -> AuditEntry {
        AuditEntry(
            time: now,
            principal: principal,
            action: action,
            subject: "wallet/\(id)",
            detail: self.detail(detail)
        )
    }

    private static func detail(_ members: [String: JSONValue]) -> String {
        String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }

    private static func invalid(_ field: String, _ expected: String) -> Failure {
        Failure(
            .unprocessable,
            code: "invalid_field",
            message: "The field '\(field)' is not \(expected).",
            hint: "Send \(expected), or leave the field out."
        )
    }

    static var unknown: Failure {
        Failure(
            .notFound,
            code: "wallet_not_found",
            message: "There is no such wallet.",
            hint: "GET /v1/admin/wallets lists those that there are."
        )
    }
}

extension SpendingCap.Subject {
    /// Whose cap it is, for the audit log.
    fileprivate var detail: [String: JSONValue] {
        switch self {
        case .brand(let brand): ["brand": .integer(brand.rawValue)]
        case .user(let user): ["user": .integer(user.rawValue)]
        case .eachUser: ["each_user": .bool(true)]
        }
    }
}

/// A wallet with all that belongs to it.
public struct WalletStatement: Sendable, Equatable {
    /// The wallet.
    public let wallet: Wallet
    /// What is left of deposits.
    public let lots: [Lot]
    /// What is reserved, newest first; at most 100.
    public let holds: [Hold]
    /// Where events are raised, highest first.
    public let thresholds: [Threshold]
    /// The caps of its client.
    public let caps: [SpendingCap]
}
