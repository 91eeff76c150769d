public import Core

/// Bearer tokens; see ``AccessToken``.
public protocol TokenStore: Sendable {
    /// Stores a token by the SHA-256 of its text.
    func createToken(
        name: String,
        hash: [UInt8],
        permissions: Set<Permission>,
        expires: Timestamp?,
        at now: Timestamp
    ) async throws -> AccessToken
    /// The token with this hash, also when expired or revoked; nil when there is none.
    func token(hash: [UInt8]) async throws -> AccessToken?
    /// All tokens, oldest first.
    func tokens() async throws -> [AccessToken]
    /// Revokes a token; false when there is none with this id.
    func revokeToken(_ id: Int64, at now: Timestamp) async throws -> Bool
    /// Remembers that a token was used.
    func touchToken(_ id: Int64, at now: Timestamp) async throws
}

/// One line of the audit log: who did what to what.
public struct AuditEntry: Sendable, Equatable {
    /// When.
    public let time: Timestamp
    /// Who.
    public let principal: PrincipalID
    /// What: a dotted word such as `token.create`.
    public let action: String
    /// To what: such as `session/3/ticket/7`.
    public let subject: String
    /// More, as JSON text without secrets.
    public let detail: String
    /// Makes an entry.
    public init(
        time: Timestamp,
        principal: PrincipalID,
        action: String,
        subject: String,
        detail: String = "{}"
    ) {
        self.time = time
        self.principal = principal
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}

/// The audit log: rows, append-only.
public protocol AuditStore: Sendable {
    /// Stores an entry durably.
    func record(_ entry: AuditEntry) async throws
    /// The newest entries, newest first.
    func entries(limit: Int) async throws -> [AuditEntry]
}
