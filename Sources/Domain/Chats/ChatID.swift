/// The identity of a chat; never used twice.
public struct ChatID: Hashable, Comparable, Sendable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The natural order.
    public static func < (left: ChatID, right: ChatID) -> Bool { left.rawValue < right.rawValue }
}

/// The identity of a turn; never used twice.
public struct TurnID: Hashable, Comparable, Sendable {
    /// Of events that belong to no turn, such as a new title between two turns.
    public static let none = TurnID(0)

    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The natural order.
    public static func < (left: TurnID, right: TurnID) -> Bool { left.rawValue < right.rawValue }
}
