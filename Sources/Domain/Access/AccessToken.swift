public import Core

/// A bearer token as it is stored: never the token itself, only a hash of it.
public struct AccessToken: Sendable, Equatable {
    /// The number of the row.
    public let id: Int64
    /// What people call it.
    public let name: String
    /// What it may do.
    public let permissions: Set<Permission>
    /// When it was made.
    public let created: Timestamp
    /// When it ends; nil for never.
    public let expires: Timestamp?
    /// When it was last used, to the minute.
    public let lastUsed: Timestamp?
    /// When it was revoked.
    public let revoked: Timestamp?

    /// Makes a value.
    public init(
        id: Int64,
        name: String,
        permissions: Set<Permission>,
        created: Timestamp,
        expires: Timestamp?,
        lastUsed: Timestamp?,
        revoked: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.permissions = permissions
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
        self.revoked = revoked
    }
}
