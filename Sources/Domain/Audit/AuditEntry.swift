public import Core

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

/// The audit log as those see it who write to it: append-only.
public protocol AuditStore: Sendable {
    /// Stores an entry durably, behind all others.
    func record(_ entry: AuditEntry) async throws
    /// The newest entries, newest first.
    func entries(limit: Int) async throws -> [AuditEntry]
}
