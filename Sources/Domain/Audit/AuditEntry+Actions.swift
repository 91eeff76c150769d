public import Core

extension AuditEntry {
    /// A proposal came to stand where it stands; written in the transaction that stores it.
    ///
    /// The arguments are named by their SHA-256, as commands are. Nil for steps that say nothing of their own: that a person
    /// is asked, and that nobody has to be.
    public static func change(of proposal: ActionProposal, at now: Timestamp) -> AuditEntry? {
        let owner = proposal.draft.owner
        switch proposal.state {
        case .proposed: return about(proposal, "action.propose", by: owner, at: now)
        case .awaitingConfirmation: return nil
        case .confirmed:
            return proposal.decided == nil ? nil : about(proposal, "action.confirm", by: owner, at: now)
        case .executing: return about(proposal, "action.execute", by: owner, at: now)
        case .succeeded: return about(proposal, "action.succeed", at: now)
        case .failed: return about(proposal, "action.fail", at: now)
        case .declined: return about(proposal, "action.decline", by: owner, at: now)
        case .expired: return about(proposal, "action.expire", at: now)
        }
    }

    private static func about(
        _ proposal: ActionProposal,
        _ action: String,
        by principal: PrincipalID = .server,
        at now: Timestamp
    ) -> AuditEntry {
        let draft = proposal.draft
        let detail = JSONValue.object([
            "action": .string(draft.action), "turn": .integer(draft.turn.rawValue),
            "arguments_sha256": .string(TextCoding.hex(SHA256.digest(Array(draft.arguments.utf8)))),
        ])
        return AuditEntry(
            time: now,
            principal: principal,
            action: action,
            subject: "action/\(proposal.id)",
            detail: String(decoding: detail.bytes, as: UTF8.self)
        )
    }
}
