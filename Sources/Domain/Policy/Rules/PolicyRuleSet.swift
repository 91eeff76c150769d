public import Core

/// All rules in force: the program's own, those of the file, and those of the database.
public struct PolicyRuleSet: Sendable {
    /// In the order built-in, file, database.
    public let rules: [PolicyRule]
    /// What is decided where no rule matches: ask or deny.
    public let defaultDecision: PolicyRule.Decision
    /// What commands of tokens and the hash meet on the JSON face.
    public let apiScope: PolicyScope
    /// Everything that the rules were read from; equal texts mean equal verdicts.
    public let canonical: [UInt8]

    private let denying: Index
    private let asking: Index
    private let allowing: Index

    /// Only the program's own rules.
    public static let builtIn = PolicyRuleSet(
        rules: BuiltInPolicy.rules,
        defaultDecision: .ask,
        apiScope: .denyOnly,
        canonical: Array(BuiltInPolicy.texts.joined(separator: "\n").utf8)
    )

    init(rules: [PolicyRule], defaultDecision: PolicyRule.Decision, apiScope: PolicyScope, canonical: [UInt8])
    {
        self.rules = rules
        self.defaultDecision = defaultDecision
        self.apiScope = apiScope
        self.canonical = canonical
        denying = Index(rules.filter { $0.decision == .deny })
        asking = Index(rules.filter { $0.decision == .ask })
        allowing = Index(rules.filter { $0.decision == .allow })
    }

    /// Reads the section `policy` of the configuration file, and adds the rules of the database to it and to the
    /// program's own.
    ///
    /// `{ default: "ask", api: "deny-only", rules: [ … ], disable: [ids of built-in rules] }`. Throws all mistakes
    /// together. Examples are not looked at here, since that needs a parser.
    public init(json: JSONValue?, stored: [StoredPolicyRule] = []) throws(PolicyMistakes) {
        var reader = PolicyReader()
        let section = reader.section(json)
        var rules = BuiltInPolicy.rules.filter { !section.disabled.contains($0.id) }
        for id in section.disabled where !BuiltInPolicy.rules.contains(where: { $0.id == id }) {
            reader.mistake("disable", "there is no built-in rule \(id)")
        }
        rules += section.rules
        for row in stored where row.isEnabled {
            if let rule = reader.rule(row.body, at: "rule \(row.id)", source: .database, id: row.id) {
                rules.append(rule)
            }
        }
        var seen: Set<String> = []
        for rule in rules where !seen.insert(rule.id).inserted {
            reader.mistake("rule \(rule.id)", "another rule has this id already")
        }
        guard reader.mistakes.isEmpty else { throw PolicyMistakes(reader.mistakes) }
        var canonical = Array(BuiltInPolicy.texts.joined(separator: "\n").utf8)
        canonical += (json ?? .null).bytes
        for row in stored where row.isEnabled { canonical += Array(row.id.utf8) + [0] + row.body.bytes }
        self.init(
            rules: rules,
            defaultDecision: section.defaultDecision,
            apiScope: section.apiScope,
            canonical: canonical
        )
    }

    /// The set with one rule of the database more.
    public func adding(id: String, body: JSONValue) throws(PolicyMistakes) -> PolicyRuleSet {
        var reader = PolicyReader()
        let rule = reader.rule(body, at: "rule \(id)", source: .database, id: id)
        if rules.contains(where: { $0.id == id }) {
            reader.mistake("rule \(id)", "another rule has this id already")
        }
        guard let rule, reader.mistakes.isEmpty else { throw PolicyMistakes(reader.mistakes) }
        return PolicyRuleSet(
            rules: rules + [rule],
            defaultDecision: defaultDecision,
            apiScope: apiScope,
            canonical: canonical + Array(id.utf8) + [0] + body.bytes
        )
    }

    /// The set without the rule of this id; the same set when there is none.
    public func removing(id: String) -> PolicyRuleSet {
        guard rules.contains(where: { $0.id == id }) else { return self }
        return PolicyRuleSet(
            rules: rules.filter { $0.id != id },
            defaultDecision: defaultDecision,
            apiScope: apiScope,
            canonical: canonical + [0] + Array("without \(id)".utf8)
        )
    }

    /// The first rule with this decision that one of the invocations fits.
    func first(
        _ decision: PolicyRule.Decision,
        for invocations: [Invocation],
        of command: ShellCommand,
        in tree: ShellTree,
        besides source: PolicyRule.Source? = nil
    ) -> PolicyRule? {
        let index = decision == .deny ? denying : asking
        for invocation in invocations {
            let found = index.first(named: invocation.name) { rule in
                rule.source != source && rule.match.fits(invocation, of: command, in: tree)
            }
            if let found { return found }
        }
        return nil
    }

    /// The allow rules for a program.
    func allowing(_ name: String) -> [PolicyRule] { allowing.rules(named: name) }

    /// Rules by the names of their programs.
    private struct Index: Sendable {
        private var named: [String: [PolicyRule]] = [:]
        private var others: [PolicyRule] = []

        init(_ rules: [PolicyRule]) {
            for rule in rules {
                let programs = rule.match.programs
                if programs.isEmpty || !programs.allSatisfy(\.isLiteral) {
                    others.append(rule)
                } else {
                    for program in programs { named[program.text, default: []].append(rule) }
                }
            }
        }

        func first(named name: String?, where fits: (PolicyRule) -> Bool) -> PolicyRule? {
            if let name, let found = named[name]?.first(where: fits) { return found }
            return others.first(where: fits)
        }

        func rules(named name: String) -> [PolicyRule] {
            (named[name] ?? []) + others.filter { $0.match.programs.contains { $0.matches(name) } }
        }
    }
}

/// A rule of the database.
public struct StoredPolicyRule: Sendable, Equatable {
    /// Unique.
    public let id: String
    /// The rule as in the file, without its id.
    public let body: JSONValue
    /// Whether it is in force.
    public let isEnabled: Bool
    /// Who made it.
    public let createdBy: PrincipalID
    /// When.
    public let created: Timestamp

    /// Makes a rule.
    public init(id: String, body: JSONValue, isEnabled: Bool, createdBy: PrincipalID, created: Timestamp) {
        self.id = id
        self.body = body
        self.isEnabled = isEnabled
        self.createdBy = createdBy
        self.created = created
    }
}

/// Everything that is wrong with a rule set.
public struct PolicyMistakes: Error, Sendable, Equatable, CustomStringConvertible {
    /// One mistake.
    public struct Mistake: Sendable, Equatable {
        /// Where: `rule restart-nginx, field args`.
        public let place: String
        /// What is wrong.
        public let message: String

        /// Makes a mistake.
        public init(place: String, message: String) {
            self.place = place
            self.message = message
        }
    }

    /// All of them, in the order of the rules.
    public let mistakes: [Mistake]

    /// Gathers mistakes.
    public init(_ mistakes: [Mistake]) { self.mistakes = mistakes }

    /// One line each.
    public var description: String {
        mistakes.map { "policy: \($0.place): \($0.message)" }.joined(separator: "\n")
    }
}
