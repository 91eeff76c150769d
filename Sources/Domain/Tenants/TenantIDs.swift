/// Identifies a client: a customer of a host application, whose brands and users are kept apart from all others'.
public struct ClientID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row; never used again.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their making.
    public static func < (left: ClientID, right: ClientID) -> Bool { left.rawValue < right.rawValue }
}

/// Identifies a brand of a client.
public struct BrandID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row; never used again.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their making.
    public static func < (left: BrandID, right: BrandID) -> Bool { left.rawValue < right.rawValue }
}

/// Identifies a location of a brand.
public struct LocationID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row; never used again.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their making.
    public static func < (left: LocationID, right: LocationID) -> Bool { left.rawValue < right.rawValue }
}

/// Identifies a user of a host application: one issuer and subject.
public struct UserID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row; never used again.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// What is stored with what the user did: `user:<n>`.
    public var principal: PrincipalID { PrincipalID("user:\(rawValue)") }
    /// Whose principal this is; nil for everybody who is no user of a host application.
    public init?(_ principal: PrincipalID) {
        guard principal.rawValue.hasPrefix("user:"), let number = Int64(principal.rawValue.dropFirst(5))
        else { return nil }
        self.init(number)
    }
    /// The order of their making.
    public static func < (left: UserID, right: UserID) -> Bool { left.rawValue < right.rawValue }
}
