/// One rule of the command policy.
public struct PolicyRule: Sendable, Equatable {
    /// What a rule decides.
    public enum Decision: String, Sendable, CaseIterable, Comparable {
        case allow, ask, deny
        /// By strictness.
        public static func < (left: Decision, right: Decision) -> Bool { left.rank < right.rank }
        private var rank: Int {
            switch self {
            case .allow: 0
            case .ask: 1
            case .deny: 2
            }
        }
    }

    /// Where a rule comes from.
    public enum Source: String, Sendable, CaseIterable {
        /// The program's own set.
        case builtIn = "built-in"
        /// `deckhand.json5`.
        case file
        /// The database.
        case database
    }

    /// Unique among all rules.
    public let id: String
    /// Which commands.
    public let match: PolicyMatch
    /// What is decided.
    public let decision: Decision
    /// One sentence for model and person.
    public let reason: String
    /// The next permitted step.
    public let hint: String?
    /// Commands that it must match, one at least.
    public let matches: [String]
    /// Commands that it must not match.
    public let mustNotMatch: [String]
    /// Where it comes from.
    public let source: Source

    /// Makes a rule.
    public init(
        id: String,
        match: PolicyMatch,
        decision: Decision,
        reason: String,
        hint: String? = nil,
        matches: [String],
        mustNotMatch: [String] = [],
        source: Source
    ) {
        self.id = id
        self.match = match
        self.decision = decision
        self.reason = reason
        self.hint = hint
        self.matches = matches
        self.mustNotMatch = mustNotMatch
        self.source = source
    }

    /// Says whether the rule matches some command of a tree; allow rules within their grammar.
    public func matches(_ tree: ShellTree) -> Bool {
        tree.commands.contains { command in
            guard decision == .allow else {
                let invocations = Invocation.all(of: command, in: tree)
                return (invocations.isEmpty ? [Invocation([])] : invocations).contains {
                    match.fits($0, of: command, in: tree)
                }
            }
            return uses(in: command, of: tree) != nil
        }
    }

    /// What the arguments of a command are used as, when this allow rule accepts them; else nil.
    func uses(in command: ShellCommand, of tree: ShellTree) -> [ProgramGrammar.Use]? {
        let invocation = Invocation(command.words[...])
        guard match.fits(invocation, of: command, in: tree) else { return nil }
        if match.needsPlainInput, !command.pipedFrom.allSatisfy({ Self.isPlain($0, tree) }) { return nil }
        let arguments = Array(invocation.arguments)
        guard let grammar = match.grammar else {
            guard match.arguments != nil, !match.takesMoreArguments,
                arguments.allSatisfy({ $0.kind == .literal })
            else { return nil }
            // What they mean is not known, so what could be a file is judged as one.
            return arguments.flatMap { word in
                let parts =
                    [word.text] + word.text.split(separator: "=", maxSplits: 1).dropFirst().map(String.init)
                return parts.filter { $0.contains("/") || $0.hasPrefix(".") }.map {
                    ProgramGrammar.Use(word: ShellWord(.literal, $0), kind: .path)
                }
            }
        }
        return grammar.uses(of: arguments)
    }

    private static func isPlain(_ place: Int, _ tree: ShellTree) -> Bool {
        guard tree.commands.indices.contains(place) else { return false }
        return ["echo", "printf", "true", ":"].contains(tree.commands[place].words.first?.literal ?? "")
    }
}
