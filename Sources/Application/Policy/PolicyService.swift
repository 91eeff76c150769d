public import Core
public import Domain

/// What operators do with rules: look, add, remove, review proposals.
///
/// Who may call it is decided by whoever offers it; every change is in the audit log.
public struct PolicyService: Sendable {
    private let store: any PolicyStore
    private let proposals: any RuleProposals
    private let audit: any AuditStore
    private let loader: PolicyLoader
    private let section: JSONValue?
    private let clock: any WallClock

    /// `section` is the section `policy` of the configuration file.
    public init(
        store: any PolicyStore,
        proposals: any RuleProposals,
        audit: any AuditStore,
        loader: PolicyLoader,
        section: JSONValue?,
        clock: any WallClock
    ) {
        self.store = store
        self.proposals = proposals
        self.audit = audit
        self.loader = loader
        self.section = section
        self.clock = clock
    }

    /// All rules that would be in force now; `policy_invalid` when they cannot be.
    ///
    /// With `section` that section takes the place of the configured one.
    public func rules(with section: JSONValue? = nil) async throws -> PolicyRuleSet {
        try await loader.load(section ?? self.section, stored: try await store.policyRules())
    }

    /// Adds a rule of the database, after trying it with all others: `policy_invalid`, `rule_exists`.
    public func add(_ id: String, _ body: JSONValue, by principal: PrincipalID) async throws {
        let rule = StoredPolicyRule(
            id: id,
            body: body,
            isEnabled: true,
            createdBy: principal,
            created: clock.now()
        )
        let stored = try await store.policyRules()
        if !stored.contains(where: { $0.id == id }) {
            _ = try await loader.load(section, stored: stored + [rule])
        }
        try await noting("policy.add", id, body, by: principal) { try await store.addPolicyRule(rule) }
    }

    /// Removes a rule of the database: `rule_not_found`.
    public func remove(_ id: String, by principal: PrincipalID) async throws {
        let isRemoved = try await noting("policy.remove", id, by: principal, if: { $0 }) {
            try await store.removePolicyRule(id)
        }
        guard isRemoved else {
            throw Failure(
                .notFound,
                code: "rule_not_found",
                message: "The database has no rule \(id).",
                hint:
                    "List them: deckhand policy list. Rules of the file are removed there, built-in ones by “disable”."
            )
        }
    }

    /// Asks the running server to read the rules of its configuration file again, and waits for its answer.
    ///
    /// `policy_invalid` when the old rules stay, `server_not_running` when nobody answered in time.
    public func reload(_ request: String, within limit: Duration, by principal: PrincipalID) async throws
        -> PolicyReloadAnswer
    {
        try await noting("policy.reload", request, by: principal) {
            try await store.requestPolicyReload(request)
        }
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let answer = try await store.policyReloadAnswer(), answer.request == request {
                guard let trouble = answer.trouble else { return answer }
                throw Failure(
                    .unprocessable,
                    code: "policy_invalid",
                    message: "The old rules stay. \(trouble)",
                    hint: "Correct the file and reload again; deckhand policy test tries it before."
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(
            .unavailable,
            code: "server_not_running",
            message: "No server of this data directory read the rules again.",
            hint: "A server reads them when it starts: deckhand serve"
        )
    }

    /// Rules that people proposed and nobody reviewed, oldest first.
    public func openProposals() async throws -> [RuleProposal] {
        try await proposals.openProposals(limit: 1_000)
    }

    /// Puts a proposed rule into force under an id; returns the id.
    public func accept(_ approval: ApprovalID, as id: String?, by principal: PrincipalID) async throws
        -> String
    {
        guard let proposal = try await proposals.openProposal(approval) else { throw Self.noProposal }
        guard let body = try? JSONValue(parsing: Array(proposal.rule.utf8)) else {
            throw Failure(
                .unprocessable,
                code: "policy_invalid",
                message: "The proposed rule cannot be read.",
                hint: "Dismiss it, and write the rule by hand: deckhand policy add"
            )
        }
        let id = id ?? "approved-\(approval.rawValue)"
        try await add(id, body, by: principal)
        _ = try await proposals.reviewed(approval, at: clock.now())
        return id
    }

    /// Takes a proposal off the list without a rule.
    public func dismiss(_ approval: ApprovalID, by principal: PrincipalID) async throws {
        let isReviewed = try await noting(
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
        hint: "List them: deckhand policy proposals"
    )

    /// Makes a change with its row in the audit log, if what it yields says that there was one.
    func noting<Value: Sendable>(
        _ action: String,
        _ subject: String,
        _ body: JSONValue = .object([:]),
        by principal: PrincipalID,
        if isChange: @escaping @Sendable (Value) -> Bool = { _ in true },
        _ change: () async throws -> Value
    ) async throws -> Value {
        let entry = AuditEntry(
            time: clock.now(),
            principal: principal,
            action: action,
            subject: subject,
            detail: String(decoding: body.bytes, as: UTF8.self)
        )
        return try await audit.keeping({ isChange($0) ? [entry] : [] }, with: change)
    }
}
