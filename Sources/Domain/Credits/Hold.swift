public import Core

/// Identifies a hold.
public struct HoldID: Hashable, Sendable, Comparable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The order of their making.
    public static func < (left: HoldID, right: HoldID) -> Bool { left.rawValue < right.rawValue }
}

/// Where a hold stands; all but the first are final.
public enum HoldState: String, Sendable, CaseIterable {
    case open
    /// Some or all of it was spent.
    case settled
    /// Nothing of it was spent.
    case released
    /// Nobody ended it in time.
    case expired
}

/// What is to be reserved.
public struct HoldDraft: Sendable, Equatable {
    /// The same key gives the earlier hold.
    public var key: String
    /// How much; more than nothing.
    public var amount: Credits
    /// Where the work is done: says which wallet pays.
    public var place: Place
    /// For whom; for caps.
    public var principal: PrincipalID
    /// When it ends by itself.
    public var expires: Timestamp
    /// What it is for, as usage rows name it, such as `action/job.create`.
    public var item: ModelReference

    /// Makes a draft.
    public init(
        key: String,
        amount: Credits,
        place: Place,
        principal: PrincipalID,
        expires: Timestamp,
        item: ModelReference
    ) {
        self.key = key
        self.amount = amount
        self.place = place
        self.principal = principal
        self.expires = expires
        self.item = item
    }
}

/// Credits that are reserved for work under way.
public struct Hold: Sendable, Equatable {
    /// Which.
    public let id: HoldID
    /// In which wallet.
    public let wallet: WalletID
    /// What was asked for.
    public let draft: HoldDraft
    /// Where it stands.
    public let state: HoldState
    /// What was spent; nil unless it was settled.
    public let used: Credits?
    /// When it was made.
    public let created: Timestamp
    /// When it ended.
    public let ended: Timestamp?

    /// Makes a value.
    public init(
        id: HoldID,
        wallet: WalletID,
        draft: HoldDraft,
        state: HoldState = .open,
        used: Credits? = nil,
        created: Timestamp,
        ended: Timestamp? = nil
    ) {
        self.id = id
        self.wallet = wallet
        self.draft = draft
        self.state = state
        self.used = used
        self.created = created
        self.ended = ended
    }
}
