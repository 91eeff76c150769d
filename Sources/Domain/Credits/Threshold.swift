public import Core

/// A balance at or below which an event is raised: once, until the balance was above it again.
public struct Threshold: Sendable, Equatable {
    /// The balance.
    public let amount: Credits
    /// Whether its event was raised.
    public var isRaised: Bool

    /// Makes a threshold.
    public init(amount: Credits, isRaised: Bool = false) {
        self.amount = amount
        self.isRaised = isRaised
    }

    /// Takes in a new balance; says whether the event is raised now.
    public mutating func balanceChanged(to balance: Credits) -> Bool {
        guard balance <= amount else {
            isRaised = false
            return false
        }
        defer { isRaised = true }
        return !isRaised
    }
}

/// A balance reached a threshold.
public struct WalletEvent: Sendable, Equatable {
    /// The number of the event; they grow.
    public let id: Int64
    /// The wallet.
    public let wallet: WalletID
    /// The threshold.
    public let threshold: Credits
    /// The balance at that moment.
    public let balance: Credits
    /// When.
    public let created: Timestamp

    /// Makes a value.
    public init(id: Int64, wallet: WalletID, threshold: Credits, balance: Credits, created: Timestamp) {
        self.id = id
        self.wallet = wallet
        self.threshold = threshold
        self.balance = balance
        self.created = created
    }
}
