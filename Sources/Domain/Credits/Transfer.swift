public import Core

/// Identifies a transfer.
public struct TransferID: Hashable, Sendable, Comparable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The order of their making.
    public static func < (left: TransferID, right: TransferID) -> Bool { left.rawValue < right.rawValue }
}

/// What a transfer did.
public enum TransferKind: String, Sendable, CaseIterable {
    case topup, grant
    /// The first phase of spending: reserved.
    case hold
    /// The second phase: spent, and the rest given back.
    case settle
    /// The second phase: all given back.
    case release
    /// The second phase: nobody came, all given back.
    case expire
    /// Spent at once, without a hold.
    case charge
    /// A lot's time was over.
    case lapse
}

/// One row of a wallet's ledger, which is never changed: balance and holds are the sums of all rows.
public struct Transfer: Sendable, Equatable {
    /// Which.
    public let id: TransferID
    /// In which wallet.
    public let wallet: WalletID
    /// What it did, and by how much.
    public let step: LedgerStep
    /// The balance after it.
    public let balance: Credits
    /// The hold that it belongs to.
    public let hold: HoldID?
    /// The usage row that it pays.
    public let usage: MeteredCallID?
    /// The key of a deposit.
    public let key: String?
    /// A remark for people.
    public let note: String?
    /// Who did it, or for whom it was done.
    public let principal: PrincipalID
    /// When.
    public let created: Timestamp

    /// Makes a value.
    public init(
        id: TransferID,
        wallet: WalletID,
        step: LedgerStep,
        balance: Credits,
        hold: HoldID? = nil,
        usage: MeteredCallID? = nil,
        key: String? = nil,
        note: String? = nil,
        principal: PrincipalID,
        created: Timestamp
    ) {
        self.id = id
        self.wallet = wallet
        self.step = step
        self.balance = balance
        self.hold = hold
        self.usage = usage
        self.key = key
        self.note = note
        self.principal = principal
        self.created = created
    }
}
