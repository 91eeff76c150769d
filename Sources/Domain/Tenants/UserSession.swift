public import Core

/// Identifies a user's session; never used again.
public struct UserSessionID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their beginning.
    public static func < (left: UserSessionID, right: UserSessionID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A user of a host application.
public struct HostUser: Sendable, Equatable {
    /// Who, for good.
    public let id: UserID
    /// The host application.
    public let issuer: String
    /// What it calls them.
    public let subject: TenantKey
    /// What people call them; nil when the application never said.
    public var name: String?
    /// What was granted to them by name, beside their role.
    public var granted: UserRights

    /// Makes a value.
    public init(id: UserID, issuer: String, subject: TenantKey, name: String?, granted: UserRights) {
        self.id = id
        self.issuer = issuer
        self.subject = subject
        self.name = name
        self.granted = granted
    }
}

/// What a token of a host application was exchanged for.
public struct UserSession: Sendable, Equatable {
    /// Which.
    public let id: UserSessionID
    /// Whose.
    public let user: UserID
    /// Their role at that time.
    public let role: String?
    /// What they may see.
    public let scope: Scope
    /// When it began.
    public let created: Timestamp
    /// When it ends by itself.
    public let expires: Timestamp
    /// When it was ended on purpose.
    public let ended: Timestamp?

    /// Makes a value.
    public init(
        id: UserSessionID,
        user: UserID,
        role: String?,
        scope: Scope,
        created: Timestamp,
        expires: Timestamp,
        ended: Timestamp? = nil
    ) {
        self.id = id
        self.user = user
        self.role = role
        self.scope = scope
        self.created = created
        self.expires = expires
        self.ended = ended
    }

    /// Says whether it holds now.
    public func isLive(at now: Timestamp) -> Bool { ended == nil && now < expires }
}

/// A session with its user, client and brands as they are now.
public struct KnownUserSession: Sendable, Equatable {
    /// The session.
    public let session: UserSession
    /// Its user.
    public let user: HostUser
    /// The client and the brands.
    public let standing: TenantStanding

    /// Makes a value.
    public init(session: UserSession, user: HostUser, standing: TenantStanding) {
        self.session = session
        self.user = user
        self.standing = standing
    }

    /// The principal, by the roles of this server.
    public func principal(_ roles: RoleTable) -> Principal {
        let rights = roles.rights(role: session.role, granted: user.granted)
        return Principal(
            user: user.id,
            permissions: rights.permissions,
            grants: rights.grants,
            scope: session.scope,
            session: session.id,
            standing: standing
        )
    }
}
