public import Core
public import Domain

/// What happens whenever an approval was changed: followers and the webhook are told, and the audit log keeps it.
public struct ApprovalJournal: Sendable {
    /// Who follows.
    public let hub: ApprovalHub
    private let audit: any AuditStore
    private let announcer: ApprovalAnnouncer?
    private let logger: Logger

    /// What the server does by itself is done by nobody else.
    static let server = PrincipalID("server")

    /// Makes a journal; without an announcer nobody outside is told.
    public init(hub: ApprovalHub, audit: any AuditStore, announcer: ApprovalAnnouncer? = nil, logger: Logger)
    {
        self.hub = hub
        self.audit = audit
        self.announcer = announcer
        self.logger = logger
    }

    /// Notes a change that is stored already; a log that cannot be written does not undo it, and is logged.
    func note(_ approval: Approval, by principal: PrincipalID, at now: Timestamp) async {
        hub.publish(approval)
        announcer?.offer(approval)
        await record(Self.action(approval.state), approval, by: principal, at: now)
    }

    /// Keeps something that happened to an approval in the audit log.
    func record(_ action: String, _ approval: Approval, by principal: PrincipalID, at now: Timestamp) async {
        let ticket = approval.subject.ticket
        var detail: [String: JSONValue] = [
            "subject": .string(approval.subject.word),
            "ticket": .string("session/\(ticket.session.rawValue)/ticket/\(ticket.number)"),
            "rule": .string(approval.contents.rule), "requested_by": .string(approval.requestedBy.rawValue),
        ]
        detail["reason"] = approval.state.reason.map(JSONValue.string)
        do {
            try await audit.record(
                AuditEntry(
                    time: now,
                    principal: principal,
                    action: action,
                    subject: "approval/\(approval.id)",
                    detail: String(decoding: JSONValue.object(detail).bytes, as: UTF8.self)
                )
            )
        } catch {
            logger.error("audit row of an approval cannot be stored", .init("error", LogValue.error(error)))
        }
    }

    private static func action(_ state: ApprovalState) -> String {
        switch state {
        case .awaiting: "approval.create"
        case .approved: "approval.approve"
        case .denied: "approval.deny"
        case .expired: "approval.expire"
        case .voided: "approval.void"
        case .cancelled: "approval.cancel"
        }
    }
}
