public import Core
public import Domain

/// What happens whenever an approval was changed: followers and the webhook are told.
///
/// The audit log has it by the transaction that changed it.
public struct ApprovalJournal: Sendable {
    /// Who follows.
    public let hub: ApprovalHub
    private let audit: any AuditStore
    private let announcer: ApprovalAnnouncer?
    private let logger: Logger

    /// Makes a journal; without an announcer nobody outside is told.
    public init(hub: ApprovalHub, audit: any AuditStore, announcer: ApprovalAnnouncer? = nil, logger: Logger)
    {
        self.hub = hub
        self.audit = audit
        self.announcer = announcer
        self.logger = logger
    }

    /// Tells about a change that is stored.
    func note(_ approval: Approval) {
        hub.publish(approval)
        announcer?.offer(approval)
    }

    /// Keeps that approved input could not be typed; a log that cannot be written is logged.
    func noteFailedInput(of approval: Approval, at now: Timestamp) async {
        do { try await audit.record(.failedInput(of: approval, at: now)) } catch {
            logger.error("audit row of an approval cannot be stored", .init("error", LogValue.error(error)))
        }
    }
}
