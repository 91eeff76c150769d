public import Core
public import Domain
internal import Synchronization

/// What administrators do with the rules of a running server: look, try, compare, save.
///
/// Everything is tried on the rules that are in force now, wherever they came from. Who may call it is decided by
/// whoever offers it; every change is in the audit log.
public final class PolicyEditor: Sendable {
    /// A change that is tried before it is made.
    public enum Change: Sendable {
        /// A rule of the database, new or in the place of the one with its id.
        case put(id: String, body: JSONValue)
        case remove(id: String)

        var id: String {
            switch self {
            case .put(let id, _), .remove(let id): id
            }
        }
    }

    /// What became of a change.
    public enum Effect: Sendable, Equatable {
        /// The server judges by it.
        case inForce
        /// It is stored, and comes into force within a second.
        case stored
    }

    let policy: RulePolicy
    let store: any PolicyStore
    let proposals: any RuleProposals
    let service: PolicyService
    private let loader: PolicyLoader
    private let cryptography: any Cryptography
    let clock: any WallClock
    private let patience: Duration
    let isReplaying = Atomic<Bool>(false)

    /// Makes the editor; `patience` is how long a change waits for its being in force.
    public init(
        policy: RulePolicy,
        service: PolicyService,
        store: any PolicyStore,
        proposals: any RuleProposals,
        cryptography: any Cryptography,
        clock: any WallClock,
        patience: Duration = .seconds(5)
    ) {
        self.policy = policy
        self.service = service
        self.store = store
        self.proposals = proposals
        self.cryptography = cryptography
        self.clock = clock
        self.patience = patience
        loader = PolicyLoader(parser: policy.commands.parser)
    }

    // MARK: Looking

    /// The rules in force.
    public var rules: PolicyRuleSet { policy.rules }

    /// Names the rules in force.
    public var version: String { get async { await policy.version } }

    /// The rules of the database as they are stored.
    public func stored() async throws -> [StoredPolicyRule] { try await store.policyRules() }

    /// The rules as they would be after a change; `policy_invalid`, `rule_not_found`, `rule_fixed`.
    public func rules(after change: Change?) async throws(Failure) -> PolicyRuleSet {
        guard let change else { return policy.rules }
        let present = policy.rules
        if let known = present.rules.first(where: { $0.id == change.id }), known.source != .database {
            throw Self.fixed(known)
        }
        switch change {
        case .remove(let id):
            guard present.rules.contains(where: { $0.id == id }) else { throw Self.missing(id) }
            return present.removing(id: id)
        case .put(let id, let body):
            do throws(PolicyMistakes) {
                let rules = try present.removing(id: id).adding(id: id, body: body)
                let mistakes = await loader.mistakes(in: rules.rules.filter { $0.id == id })
                guard mistakes.isEmpty else { throw PolicyMistakes(mistakes) }
                return rules
            } catch {
                throw PolicyLoader.failure(error)
            }
        }
    }

    /// What would be decided about a command, part by part, after a change if there is one.
    public func judgement(on question: PolicyQuestion, after change: Change? = nil) async throws -> (
        judgement: PolicyJudgement, scope: PolicyScope
    ) {
        let rules = try await rules(after: change)
        let force = change == nil ? policy.inForce : policy.inForce(rules)
        let scope = policy.scope(of: question.origin, rules)
        return (await policy.judgement(question, scope, force), scope)
    }

    // MARK: Changing

    /// Stores a rule, new or in the place of the one with its id, after trying it with all others.
    public func put(_ id: String, _ body: JSONValue, by principal: PrincipalID) async throws -> Effect {
        _ = try await rules(after: .put(id: id, body: body))
        let rule = StoredPolicyRule(
            id: id,
            body: body,
            isEnabled: true,
            createdBy: principal,
            created: clock.now()
        )
        // Storing what is there already changes nothing that could be waited for.
        let known = try await stored().first { $0.id == id && $0.isEnabled }
        if known?.body == body, rules.rules.contains(where: { $0.id == id }) { return .inForce }
        let before = await version
        let isChange = try await service.noting("policy.change", id, body, by: principal, if: { $0 }) {
            try await store.replacePolicyRule(rule)
        }
        if !isChange {
            try await service.noting("policy.add", id, body, by: principal) {
                try await store.addPolicyRule(rule)
            }
        }
        return try await effect(since: before)
    }

    /// Removes a rule of the database: `rule_not_found`, `rule_fixed`.
    public func remove(_ id: String, by principal: PrincipalID) async throws -> Effect {
        if let known = policy.rules.rules.first(where: { $0.id == id }), known.source != .database {
            throw Self.fixed(known)
        }
        let before = await version
        let isRemoved = try await service.noting("policy.remove", id, by: principal, if: { $0 }) {
            try await store.removePolicyRule(id)
        }
        guard isRemoved else { throw Self.missing(id) }
        return try await effect(since: before)
    }

    /// Reads the rules of the configuration file again, and tells how many are in force then.
    ///
    /// See ``PolicyService/reload``.
    public func reload(by principal: PrincipalID) async throws -> Int {
        let request = TextCoding.hex(cryptography.randomBytes(8))
        return try await service.reload(request, within: patience, by: principal).rules
    }

    /// Waits until the rules in force are other ones, which they are a moment after their change.
    private func effect(since before: String) async throws -> Effect {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if await version != before { return .inForce }
            try await Task.sleep(for: .milliseconds(50))
        }
        return await version != before ? .inForce : .stored
    }

    static func missing(_ id: String) -> Failure {
        Failure(
            .notFound,
            code: "rule_not_found",
            message: "The database has no rule \(id).",
            hint: "Load the list again. Rules of the file are removed there, built-in ones by “disable”."
        )
    }

    private static func fixed(_ rule: PolicyRule) -> Failure {
        Failure(
            .conflict,
            code: "rule_fixed",
            message:
                rule.source == .file
                ? "The rule \(rule.id) stands in the configuration file."
                : "The rule \(rule.id) is built in.",
            hint: rule.source == .file
                ? "Change it in the section “policy” of deckhand.json5, and read the file again."
                : "Choose another id; “disable” in the section “policy” of deckhand.json5 leaves a built-in rule out."
        )
    }
}
