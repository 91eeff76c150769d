public import Core

extension AuditEntry {
    /// An approval came to stand where it stands; written in the transaction that stores it.
    ///
    /// What nobody decided is the server's own doing.
    public static func change(of approval: Approval, at now: Timestamp) -> AuditEntry {
        switch approval.state {
        case .awaiting: about(approval, "approval.create", by: approval.requestedBy, at: now)
        case .approved: about(approval, "approval.approve", by: approval.decision?.by, at: now)
        case .denied: about(approval, "approval.deny", by: approval.decision?.by, at: now)
        case .expired: about(approval, "approval.expire", at: now)
        case .voided: about(approval, "approval.void", at: now)
        case .cancelled: about(approval, "approval.cancel", at: now)
        }
    }

    /// Approved input is about to be typed; written in the transaction that uses the approval up.
    public static func input(of approval: Approval, at now: Timestamp) -> AuditEntry {
        about(approval, "approval.input", at: now)
    }

    /// Approved input could not be typed.
    public static func failedInput(of approval: Approval, at now: Timestamp) -> AuditEntry {
        about(approval, "approval.input_failed", at: now)
    }

    private static func about(
        _ approval: Approval,
        _ action: String,
        by principal: PrincipalID? = nil,
        at now: Timestamp
    ) -> AuditEntry {
        let ticket = approval.subject.ticket
        var detail: [String: JSONValue] = [
            "subject": .string(approval.subject.word),
            "ticket": .string("session/\(ticket.session.rawValue)/ticket/\(ticket.number)"),
            "rule": .string(approval.contents.rule), "requested_by": .string(approval.requestedBy.rawValue),
        ]
        detail["reason"] = approval.state.reason.map(JSONValue.string)
        return AuditEntry(
            time: now,
            principal: principal ?? .server,
            action: action,
            subject: "approval/\(approval.id)",
            detail: String(decoding: JSONValue.object(detail).bytes, as: UTF8.self)
        )
    }
}
