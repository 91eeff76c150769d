/// How a wallet stood when it could not pay, for whoever is told so.
public struct Funds: Sendable, Equatable {
    /// The wallet; nil when nobody has one for the place.
    public let wallet: WalletID?
    /// What the amounts are in.
    public let unit: CreditUnit
    /// What was put in less what was spent.
    public let balance: Credits
    /// What can be reserved now.
    public let available: Credits
    /// What was asked for, at most.
    public let needed: Credits

    /// Makes a value.
    public init(
        wallet: WalletID?,
        unit: CreditUnit,
        balance: Credits,
        available: Credits,
        needed: Credits
    ) {
        self.wallet = wallet
        self.unit = unit
        self.balance = balance
        self.available = available
        self.needed = needed
    }
}
