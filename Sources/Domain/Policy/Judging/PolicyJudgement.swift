/// What was decided about a command, with the reasons.
public struct PolicyJudgement: Sendable, Equatable {
    /// What was decided about one part of it.
    public struct Finding: Sendable, Equatable {
        /// The simple command or the part, for people.
        public let subject: String
        /// The decision.
        public let decision: PolicyRule.Decision
        /// The rule, or a word such as `dynamic-word` for what no rule decides.
        public let rule: String
        /// One sentence.
        public let reason: String
        /// The next permitted step.
        public let hint: String?
        /// What is allowed writes files by its nature, such as a test of a configuration that opens its logs.
        public let needsWritableFiles: Bool

        /// Makes a finding.
        public init(
            subject: String,
            decision: PolicyRule.Decision,
            rule: String,
            reason: String,
            hint: String? = nil,
            needsWritableFiles: Bool = false
        ) {
            self.subject = subject
            self.decision = decision
            self.rule = rule
            self.reason = reason
            self.hint = hint
            self.needsWritableFiles = needsWritableFiles
        }
    }

    /// Every part; never empty.
    public let findings: [Finding]

    /// Makes a judgement; without any finding it asks.
    public init(_ findings: [Finding]) {
        self.findings =
            findings.isEmpty
            ? [Finding(subject: "", decision: .ask, rule: "empty", reason: "There is nothing to judge.")]
            : findings
    }

    /// Says whether some part of it writes files by its nature.
    public var needsWritableFiles: Bool { findings.contains(where: \.needsWritableFiles) }

    /// The strictest decision of all parts, with the first reason for it.
    public var verdict: PolicyVerdict {
        guard let worst = findings.max(by: { $0.decision < $1.decision }),
            let first = findings.first(where: { $0.decision == worst.decision })
        else { return .ask(reason: "There is nothing to judge.", rule: "empty") }
        switch worst.decision {
        case .allow: return .allow
        case .ask: return .ask(reason: first.reason, rule: first.rule)
        case .deny:
            return .deny(
                reason: first.reason,
                rule: first.rule,
                hint: first.hint ?? "Choose a narrower command, or ask the operator."
            )
        }
    }
}

/// How much of the rules a door's commands meet.
public enum PolicyScope: String, Sendable, CaseIterable {
    /// All of them.
    case full
    /// Deny rules only.
    case denyOnly = "deny-only"
}
