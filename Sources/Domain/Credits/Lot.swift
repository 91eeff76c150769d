public import Core

/// Identifies a lot.
public struct LotID: Hashable, Sendable, Comparable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The order of their making.
    public static func < (left: LotID, right: LotID) -> Bool { left.rawValue < right.rawValue }
}

/// Where credits came from.
public enum DepositKind: String, Sendable, CaseIterable {
    /// Somebody paid.
    case topup
    /// They were given, such as with a plan.
    case grant
}

/// What is to be put into a wallet.
public struct Deposit: Sendable, Equatable {
    /// Where it came from.
    public var kind: DepositKind
    /// How much; more than nothing.
    public var amount: Credits
    /// Lots with lower numbers are spent first.
    public var priority: Int
    /// When what is left of it lapses; nil for never.
    public var expires: Timestamp?
    /// The same key puts nothing in a second time.
    public var key: String
    /// A remark for people.
    public var note: String?
    /// Who did it.
    public var principal: PrincipalID

    /// Makes a deposit; grants are spent before what was paid for unless told otherwise.
    public init(
        _ kind: DepositKind,
        _ amount: Credits,
        priority: Int? = nil,
        expires: Timestamp? = nil,
        key: String,
        note: String? = nil,
        principal: PrincipalID
    ) {
        self.kind = kind
        self.amount = amount
        self.priority = priority ?? (kind == .grant ? 50 : 100)
        self.expires = expires
        self.key = key
        self.note = note
        self.principal = principal
    }
}

/// What is left of one deposit.
public struct Lot: Sendable, Equatable {
    /// Which.
    public let id: LotID
    /// Where it came from.
    public let kind: DepositKind
    /// How much was put in.
    public let amount: Credits
    /// How much is left.
    public var remaining: Credits
    /// Lots with lower numbers are spent first.
    public let priority: Int
    /// When the rest lapses; nil for never.
    public let expires: Timestamp?

    /// Makes a value.
    public init(
        id: LotID,
        kind: DepositKind,
        amount: Credits,
        remaining: Credits,
        priority: Int,
        expires: Timestamp?
    ) {
        self.id = id
        self.kind = kind
        self.amount = amount
        self.remaining = remaining
        self.priority = priority
        self.expires = expires
    }

    /// Says whether it has lapsed, except for what is reserved.
    public func isOver(at now: Timestamp) -> Bool { expires.map { $0 <= now } ?? false }

    /// Says whether it is spent before another one: what has lapsed and was kept for a hold, then by priority, then what
    /// lapses sooner, then what came first.
    public func isSpent(before other: Lot, at now: Timestamp) -> Bool {
        if isOver(at: now) != other.isOver(at: now) { return isOver(at: now) }
        if priority != other.priority { return priority < other.priority }
        let never = Timestamp(microseconds: .max)
        if expires != other.expires { return expires ?? never < other.expires ?? never }
        return id < other.id
    }
}
