public import Core

/// Identifies a wallet.
public struct WalletID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row; never used again.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their making.
    public static func < (left: WalletID, right: WalletID) -> Bool { left.rawValue < right.rawValue }
}

/// Whose wallet it is: a client's as a whole, or one brand's.
public struct WalletOwner: Hashable, Sendable {
    /// The client.
    public let client: ClientID
    /// The brand; nil for the client as a whole.
    public let brand: BrandID?

    /// Makes an owner.
    public init(client: ClientID, brand: BrandID? = nil) {
        self.client = client
        self.brand = brand
    }
}

/// Prepaid credits of a client or brand, as they stand.
///
/// All three amounts are caches of what the transfers say; the store can recompute them.
public struct Wallet: Sendable, Equatable {
    /// Which.
    public let id: WalletID
    /// Whose.
    public let owner: WalletOwner
    /// What was put in less what was spent; below zero only as far as the line allows.
    public var balance: Credits
    /// What is reserved for work under way.
    public var held: Credits
    /// How far below zero the balance may go; never negative itself.
    public var line: Credits
    /// When it was made.
    public let created: Timestamp

    /// Makes a value.
    public init(
        id: WalletID,
        owner: WalletOwner,
        balance: Credits = .zero,
        held: Credits = .zero,
        line: Credits = .zero,
        created: Timestamp
    ) {
        self.id = id
        self.owner = owner
        self.balance = balance
        self.held = held
        self.line = line
        self.created = created
    }

    /// What can be reserved or spent now.
    public var available: Credits { balance + line - held }
}
