/// Judges a parsed command by rules; a pure function of the command, the rules and the machine.
public struct PolicyJudge: Sendable {
    /// What is known about a submission besides its text.
    public struct Circumstances: Sendable {
        /// Where it would start; nil when not known.
        public var workingDirectory: String?
        /// Names of the variables that the caller adds.
        public var environmentNames: [String]

        /// Makes circumstances.
        public init(workingDirectory: String? = nil, environmentNames: [String] = []) {
            self.workingDirectory = workingDirectory
            self.environmentNames = environmentNames
        }
    }

    let rules: PolicyRuleSet
    let world: any PolicyWorld
    let paths: SensitivePaths

    /// Puts a judge together.
    public init(rules: PolicyRuleSet, world: any PolicyWorld, paths: SensitivePaths) {
        self.rules = rules
        self.world = world
        self.paths = paths
    }

    /// Judges every simple command of a tree; may block on the file system.
    public func judge(_ tree: ShellTree, scope: PolicyScope, _ circumstances: Circumstances)
        -> PolicyJudgement
    {
        var findings: [PolicyJudgement.Finding] = []
        for command in tree.commands {
            findings.append(finding(command, in: tree, scope, circumstances))
        }
        if let bomb = forkBomb(in: tree) { findings.append(bomb) }
        guard scope == .full else { return PolicyJudgement(findings.isEmpty ? [Self.free("")] : findings) }
        for construct in tree.constructs {
            findings.append(
                .init(
                    subject: construct.detail,
                    decision: .ask,
                    rule: "construct.\(construct.kind)",
                    reason: construct.reason
                )
            )
        }
        for name in circumstances.environmentNames.sorted() where !KnownVariables.harmless.contains(name) {
            findings.append(
                .init(
                    subject: name,
                    decision: .ask,
                    rule: "environment",
                    reason: "The variable \(name) could change what the command does."
                )
            )
        }
        return PolicyJudgement(findings)
    }

    /// What is said when nothing is parsed, in the full scope.
    public static func undecidable(_ command: String, _ reason: String, rule: String = "unparsable")
        -> PolicyJudgement
    {
        PolicyJudgement([.init(subject: command, decision: .ask, rule: rule, reason: reason)])
    }

    private static func free(_ subject: String) -> PolicyJudgement.Finding {
        .init(subject: subject, decision: .allow, rule: "none", reason: "No rule denies it.")
    }

    // MARK: One command

    private func finding(
        _ command: ShellCommand,
        in tree: ShellTree,
        _ scope: PolicyScope,
        _ circumstances: Circumstances
    ) -> PolicyJudgement.Finding {
        let subject = command.display
        var invocations = Invocation.all(of: command, in: tree)
        if invocations.isEmpty { invocations = [Invocation([])] }
        if let rule = rules.first(.deny, for: invocations, of: command, in: tree) {
            return .init(
                subject: subject,
                decision: .deny,
                rule: rule.id,
                reason: rule.reason,
                hint: rule.hint
            )
        }
        if touchesOwnData(command, in: tree, circumstances) {
            return .init(
                subject: subject,
                decision: .deny,
                rule: "own-data",
                reason: "This is the server's own data: keys, database, recorded outputs.",
                hint: "Ask the server instead: deckhand tickets, deckhand output, deckhand check."
            )
        }
        guard scope == .full else { return Self.free(subject) }
        func ask(_ rule: String, _ reason: String, _ hint: String? = nil) -> PolicyJudgement.Finding {
            .init(subject: subject, decision: .ask, rule: rule, reason: reason, hint: hint)
        }
        if let rule = rules.first(.ask, for: invocations, of: command, in: tree, besides: .builtIn) {
            return ask(rule.id, rule.reason, rule.hint)
        }
        let outcome: Outcome
        if let objection = objection(to: command, circumstances) {
            outcome = .no(rule: objection.rule, reason: objection.reason)
        } else {
            outcome = allowance(command, in: tree, circumstances)
        }
        switch outcome {
        case .yes(let rule):
            return .init(
                subject: subject,
                decision: .allow,
                rule: rule.id,
                reason: rule.reason,
                needsWritableFiles: rule.match.needsWritableFiles
            )
        case .no(let rule, let reason): return ask(rule, reason)
        case .unknown:
            if let rule = rules.first(.ask, for: invocations, of: command, in: tree) {
                return ask(rule.id, rule.reason, rule.hint)
            }
            let name = command.words.first?.display ?? subject
            return .init(
                subject: subject,
                decision: rules.defaultDecision,
                rule: "default",
                reason: "No rule allows \(name) with these arguments.",
                hint: rules.defaultDecision == .deny ? "Ask the operator for a rule that allows it." : nil
            )
        }
    }

    enum Outcome {
        case yes(PolicyRule)
        case no(rule: String, reason: String)
        case unknown
    }

    private func allowance(
        _ command: ShellCommand,
        in tree: ShellTree,
        _ circumstances: Circumstances
    ) -> Outcome {
        var command = command
        command.words = TransparentWrapper.unwrapped(command.words) { name in
            if case .trusted(let real) = world.program(name) { real == name } else { false }
        }
        guard let name = command.words.first?.literal else { return .unknown }
        let directory = directory(of: command, circumstances)
        var refusal: Outcome?
        for rule in rules.allowing(Invocation.name(name)) {
            guard let uses = rule.uses(in: command, of: tree) else { continue }
            if let issue = issue(with: uses, directory) {
                refusal = refusal ?? issue
                continue
            }
            switch resolution(of: name, rule.match) {
            case nil: return .yes(rule)
            case let reason?: return .no(rule: "program", reason: reason)
            }
        }
        return refusal ?? .unknown
    }

    func resolution(of name: String, _ match: PolicyMatch) -> String? {
        let plain = Invocation.name(name)
        if name == plain, ShellBuiltins.names.contains(name) { return nil }
        guard name == plain || name.hasPrefix("/") else {
            return "The program \(name) is named by a relative path."
        }
        switch world.program(name) {
        case .missing: return "There is no program \(name) on the search path of commands."
        case .untrusted(let reason): return reason
        case .trusted(let real):
            let isExpected =
                real == plain || match.targets.contains { $0.matches(real) }
                || match.programs.contains { $0.matches(real) }
            return isExpected ? nil : "\(name) is a link to \(real), which the rule does not name."
        }
    }

    // MARK: What stands against allowing

    private func objection(
        to command: ShellCommand,
        _ circumstances: Circumstances
    ) -> (rule: String, reason: String)? {
        for word in command.words {
            switch word.kind {
            case .literal, .pattern:
                guard LookAlikes.areIn(word.text) else { continue }
                return ("look-alike", "\(word.text) has a character in it that looks like another one.")
            case .tilde: return ("dynamic-word", "\(word.text) depends on whose home directory it is.")
            case .brace: return ("dynamic-word", "\(word.text) stands for several words.")
            case .variable: return ("dynamic-word", "\(word.text) depends on a variable.")
            case .substitution: return ("dynamic-word", "\(word.text) is the output of a command.")
            case .arithmetic: return ("dynamic-word", "\(word.text) is computed when it runs.")
            case .undecoded: return ("dynamic-word", "\(word.text) is written in a way that cannot be read.")
            }
        }
        if command.words.first?.kind == .pattern {
            return ("dynamic-word", "The program's name is a pattern for file names.")
        }
        for assignment in command.assignments where !isHarmless(assignment) {
            return ("assignment", "It sets the variable \(assignment.name).")
        }
        if command.words.isEmpty, !command.assignments.isEmpty {
            return ("assignment", "It sets the variable \(command.assignments[0].name).")
        }
        let directory = directory(of: command, circumstances)
        for redirection in command.redirections {
            if let found = objection(to: redirection, directory) { return found }
        }
        if command.words.isEmpty { return ("redirection", "It is a redirection without a command.") }
        if command.isEmbedded {
            return ("construct.embeddedText", "It is run by a shell inside the command.")
        }
        return nil
    }

    private func objection(to redirection: ShellRedirection, _ directory: String?) -> (
        rule: String, reason: String
    )? {
        let target = redirection.target
        switch redirection.kind {
        case .text: return nil
        case .dynamicText: return ("redirection", "Its input is made when it runs.")
        case .namedDescriptor:
            return ("redirection", "It opens a file under a descriptor of the shell's choice.")
        case .duplicate:
            let isPlain = target.literal.map { $0 == "-" || ["0", "1", "2"].contains($0) } ?? false
            return isPlain ? nil : ("redirection", "It writes to \(target.display).")
        case .write:
            // Without a terminal the last two are the pipes to the recorded output.
            if ["/dev/null", "/dev/stdout", "/dev/stderr"].contains(target.literal) { return nil }
            return ("redirection", "It writes to \(target.display).")
        case .read:
            guard target.kind == .literal else { return ("redirection", "It reads \(target.display).") }
            return objection(toReading: target, isTree: false, directory).map { ("sensitive-path", $0) }
        }
    }

    private func isHarmless(_ assignment: ShellAssignment) -> Bool {
        guard KnownVariables.harmless.contains(assignment.name), let value = assignment.value?.literal else {
            return false
        }
        return value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_.-+@".utf8.contains(byte)
            }
        }
    }

    /// A function that starts itself twice, or itself in the background.
    private func forkBomb(in tree: ShellTree) -> PolicyJudgement.Finding? {
        for construct in tree.constructs where construct.kind == .function {
            let own = tree.commands.filter {
                $0.function == construct.detail && $0.words.first?.text == construct.detail
            }
            guard own.count > 1 || (own.count == 1 && tree.constructs.contains { $0.kind == .background })
            else {
                continue
            }
            return .init(
                subject: construct.detail,
                decision: .deny,
                rule: "fork-bomb",
                reason: "The function \(construct.detail) starts itself without end.",
                hint: "Run what it should do once, without the function."
            )
        }
        return nil
    }
}
