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
            ).map { row in
                RuleProposal(
                    approval: ApprovalID(try row.get("approval_id")),
                    rule: try row.get("rule"),
                    command: try row.get("command"),
                    proposedBy: PrincipalID(try row.get("proposed_by")),
                    created: try row.get("created")
                )
            }
        }
    }
}
