internal import Core
public import Domain
internal import Synchronization

// Which recorded commands would be decided otherwise.
extension PolicyEditor {
    /// How long a comparison may take.
    private static let longest = Duration.seconds(120)

    /// Judges every recorded command with the rules in force, and with those after a change.
    ///
    /// One at a time: `replay_under_way` (conflict). `replay_too_long` (unavailable) after two minutes; cancelling ends it.
    public func replay(_ change: Change) async throws -> PolicyReplay.Outcome {
        guard !isReplaying.exchange(true, ordering: .relaxed) else {
            throw Failure(
                .conflict,
                code: "replay_under_way",
                message: "Another comparison with the recorded commands is under way.",
                hint: "Try again when it is over, which takes two minutes at most."
            )
        }
        defer { isReplaying.store(false, ordering: .relaxed) }
        let candidate = try await rules(after: change)
        let replay = PolicyReplay(policy: policy, candidate: candidate, store: store)
        return try await withThrowingTaskGroup(of: PolicyReplay.Outcome?.self) { group in
            group.addTask { try await replay.run() }
            group.addTask {
                try await Task.sleep(for: Self.longest)
                return nil
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() ?? nil else {
                throw Failure(
                    .unavailable,
                    code: "replay_too_long",
                    message: "The recorded commands are too many to be compared here.",
                    hint: "deckhand policy replay on the server compares without this limit."
                )
            }
            return outcome
        }
    }

    // MARK: Proposals

    /// Rules that people proposed and nobody reviewed, oldest first.
    public func openProposals() async throws -> [RuleProposal] {
        try await proposals.openProposals(limit: 1_000)
    }

    /// Puts a proposed rule into force under an id: `proposal_not_found`, `policy_invalid`, `rule_exists`.
    public func accept(_ approval: ApprovalID, as id: String?, by principal: PrincipalID) async throws -> (
        id: String, effect: Effect
    ) {
        guard let proposal = try await proposals.openProposal(approval) else { throw Self.noProposal }
        guard let body = try? JSONValue(parsing: Array(proposal.rule.utf8)) else {
            throw Failure(
                .unprocessable,
                code: "policy_invalid",
                message: "The proposed rule cannot be read.",
                hint: "Dismiss it, and write the rule by hand."
            )
        }
        let id = id ?? "approved-\(approval.rawValue)"
        guard !policy.rules.rules.contains(where: { $0.id == id }) else {
            throw Failure(
                .conflict,
                code: "rule_exists",
                message: "There is a rule \(id) already.",
                hint: "Choose another id."
            )
        }
        let effect = try await put(id, body, by: principal)
        _ = try await proposals.reviewed(approval, at: clock.now())
        return (id, effect)
    }

    /// Takes a proposal off the list without a rule: `proposal_not_found`.
    public func dismiss(_ approval: ApprovalID, by principal: PrincipalID) async throws {
        let isReviewed = try await service.noting(
            "policy.dismiss",
            "\(approval.rawValue)",
            by: principal,
            if: { $0 }
        ) {
            try await proposals.reviewed(approval, at: clock.now())
        }
        guard isReviewed else { throw Self.noProposal }
    }

    private static let noProposal = Failure(
        .notFound,
        code: "proposal_not_found",
        message: "There is no such proposal, or somebody reviewed it.",
        hint: "Load the list again."
    )
}
