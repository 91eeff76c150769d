internal import Core
internal import Domain
internal import SQL

struct SQLRuleProposals: RuleProposals {
    let gate: StorageGate

    func propose(_ proposal: RuleProposal) async throws {
        try await gate.write { db in
            _ = try db.execute(
                """
                insert into rule_proposals (approval_id, rule, command, proposed_by, created)
                values (\(proposal.approval.rawValue), \(proposal.rule), \(proposal.command),
                    \(proposal.proposedBy.rawValue), \(proposal.created))
                on conflict (approval_id) do nothing
                """
            )
        }
    }

    func openProposals(limit: Int) async throws -> [RuleProposal] {
        try await gate.read { db in
            try db.all(
                """
                select approval_id, rule, command, proposed_by, created from rule_proposals
                where reviewed is null order by approval_id limit \(max(limit, 0))
                """
            ).map(Self.proposal)
        }
    }

    func openProposal(_ approval: ApprovalID) async throws -> RuleProposal? {
        try await gate.read { db in
            try db.first(
                """
                select approval_id, rule, command, proposed_by, created from rule_proposals
                where reviewed is null and approval_id = \(approval.rawValue)
                """
            ).map(Self.proposal)
        }
    }

    func reviewed(_ approval: ApprovalID, at now: Timestamp) async throws -> Bool {
        try await gate.write { db in
            try db.execute(
                """
                update rule_proposals set reviewed = \(now)
                where reviewed is null and approval_id = \(approval.rawValue)
                """
            ) > 0
        }
    }

    private static func proposal(_ row: SQLRow) throws -> RuleProposal {
        RuleProposal(
            approval: ApprovalID(try row.get("approval_id")),
            rule: try row.get("rule"),
            command: try row.get("command"),
            proposedBy: PrincipalID(try row.get("proposed_by")),
            created: try row.get("created")
        )
    }
}
