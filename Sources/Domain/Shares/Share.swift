public import Core

/// The identity of a share; never used twice.
public struct ShareID: Hashable, Comparable, Sendable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The natural order.
    public static func < (left: ShareID, right: ShareID) -> Bool { left.rawValue < right.rawValue }
}

/// How much of a chat a share shows.
public enum ShareExtent: Sendable, Equatable {
    /// What was said when it was made: events up to this number.
    case snapshot(through: Int64)
    /// Also what is said later.
    case following

    /// The number of the last event that is shown.
    public var lastEvent: Int64 { if case .snapshot(let last) = self { last } else { .max } }
}

/// A link through which whoever has it reads a chat.
public struct Share: Sendable, Equatable {
    /// The identity.
    public let id: ShareID
    /// The chat.
    public let chat: ChatID
    /// Whose chat it is, and who made the share.
    public let owner: PrincipalID
    /// What the chat was called when it was made; a snapshot shows this.
    public let title: String?
    /// How much is shown.
    public let extent: ShareExtent
    /// What commands printed is shown, too.
    public let includesOutput: Bool
    /// When it was made.
    public let created: Timestamp
    /// When it ends by itself.
    public let expires: Timestamp
    /// When it was ended on purpose.
    public let revoked: Timestamp?
    /// When it was last read, to the minute.
    public let lastUsed: Timestamp?

    /// Makes a value.
    public init(
        id: ShareID,
        chat: ChatID,
        owner: PrincipalID,
        title: String? = nil,
        extent: ShareExtent,
        includesOutput: Bool,
        created: Timestamp,
        expires: Timestamp,
        revoked: Timestamp? = nil,
        lastUsed: Timestamp? = nil
    ) {
        self.id = id
        self.chat = chat
        self.owner = owner
        self.title = title
        self.extent = extent
        self.includesOutput = includesOutput
        self.created = created
        self.expires = expires
        self.revoked = revoked
        self.lastUsed = lastUsed
    }

    /// Says whether it can be read now.
    public func isLive(at now: Timestamp) -> Bool { revoked == nil && now < expires }
}
