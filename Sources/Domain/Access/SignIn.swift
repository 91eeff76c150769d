public import Core

/// Identifies a sign-in; never used again.
public struct SignInID: Hashable, Sendable, CustomStringConvertible {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
}

/// What carries a sign-in.
public enum SignInKind: String, Sendable, CaseIterable {
    /// A cookie; its end moves on while it is used.
    case browser
    /// A signed token in the hands of a program; its end is fixed.
    case client
}

/// One time that an operator showed the passphrase, until logout or expiry.
public struct SignIn: Sendable, Equatable {
    /// Which.
    public let id: SignInID
    /// Whose.
    public let `operator`: OperatorID
    /// What carries it.
    public let kind: SignInKind
    /// The operator's epoch at that time; another one now means that the sign-in is over.
    public let epoch: Int64
    /// When it began.
    public let created: Timestamp
    /// When it ends by itself.
    public let expires: Timestamp
    /// When it was last used, to the minute.
    public let lastSeen: Timestamp
    /// When it was ended on purpose, or by a newer sign-in beyond the limit.
    public let ended: Timestamp?

    /// Makes a value.
    public init(
        id: SignInID,
        operator: OperatorID,
        kind: SignInKind,
        epoch: Int64,
        created: Timestamp,
        expires: Timestamp,
        lastSeen: Timestamp,
        ended: Timestamp? = nil
    ) {
        self.id = id
        self.operator = `operator`
        self.kind = kind
        self.epoch = epoch
        self.created = created
        self.expires = expires
        self.lastSeen = lastSeen
        self.ended = ended
    }

    /// Says whether it holds now, for its operator as they are now.
    public func isLive(for person: Operator, at now: Timestamp) -> Bool {
        ended == nil && now < expires && person.id == `operator` && epoch == person.epoch
            && !person.isDisabled
    }
}
