public import Core
public import Domain
internal import Synchronization

/// Decides about commands by rules: the policy of a server.
///
/// Commands of a model meet all rules; commands of people and scripts meet the deny rules, unless configured otherwise.
/// In the full scope what cannot be parsed, or judged, asks. For the other doors the deny rules are a seat belt against
/// accidents: they stop what they recognise, and what cannot be parsed passes.
public final class RulePolicy: CommandPolicy {
    /// What depends on the installation.
    public struct Settings: Sendable {
        /// What commands of the GET face meet.
        public var getScope: PolicyScope
        /// Directories of this installation, which no command reads: absolute, with links resolved and not.
        public var ownPaths: [String]

        /// Makes settings.
        public init(getScope: PolicyScope = .denyOnly, ownPaths: [String]) {
            self.getScope = getScope
            self.ownPaths = ownPaths
        }
    }

    /// Rules with all that is made from them; replaced as a whole.
    final class InForce: Sendable {
        let rules: PolicyRuleSet
        let version: String
        let judge: PolicyJudge
        let filter: DenyFilter
        /// What was decided by deny rules alone, which does not depend on the machine.
        let denied = GenerationCache<PolicyVerdict>(room: 1 << 20)

        init(_ rules: PolicyRuleSet, world: any PolicyWorld, paths: SensitivePaths, version: String) {
            self.rules = rules
            self.version = version
            judge = PolicyJudge(rules: rules, world: world, paths: paths)
            filter = DenyFilter(rules: rules, paths: paths)
        }
    }

    private let current: Mutex<InForce>
    private let settings: Settings
    let world: any PolicyWorld
    private let paths: SensitivePaths
    private let cryptography: any Cryptography
    let thread = DedicatedThread(name: "policy")
    let commands: ParsedCommands

    /// Puts the policy together with the rules that are in force first.
    public init(
        rules: PolicyRuleSet,
        settings: Settings,
        parser: any ShellParser,
        trees: (any ShellTreeStore)?,
        world: any PolicyWorld,
        cryptography: any Cryptography,
        logger: Logger
    ) {
        self.settings = settings
        self.world = world
        self.cryptography = cryptography
        let paths = SensitivePaths(own: settings.ownPaths)
        self.paths = paths
        commands = ParsedCommands(parser: parser, store: trees, cryptography: cryptography, logger: logger)
        let version = Self.version(rules, settings, parser, cryptography)
        current = Mutex(InForce(rules, world: world, paths: paths, version: version))
    }

    /// Puts other rules into force.
    public func replace(_ rules: PolicyRuleSet) {
        let next = inForce(rules)
        current.withLock { $0 = next }
    }

    /// Rules with all that is made from them, on this machine or what is remembered of it.
    func inForce(_ rules: PolicyRuleSet, remembering world: (any PolicyWorld)? = nil) -> InForce {
        let version = Self.version(rules, settings, commands.parser, cryptography)
        return InForce(rules, world: world ?? self.world, paths: paths, version: version)
    }

    /// The rules in force.
    public var rules: PolicyRuleSet { inForce.rules }

    var inForce: InForce { current.withLock { $0 } }

    // MARK: The port

    /// As the port says.
    public func verdict(on question: PolicyQuestion) async -> PolicyVerdict {
        let force = inForce
        guard scope(of: question.origin, force.rules) == .denyOnly else {
            return await judgement(question, .full, force).verdict
        }
        guard force.filter.canMatch(question.command) else { return .allow }
        if let verdict = force.denied[question.command] { return verdict }
        let parse = await commands.parse(question.command)
        guard case .tree(let tree) = parse else { return .allow }
        let verdict = force.judge.judge(tree, scope: .denyOnly, .init()).verdict
        force.denied.store(verdict, for: question.command, cost: 128 + question.command.utf8.count)
        return verdict
    }

    /// As the port says.
    public func needsAllowance(through origin: TicketOrigin) -> Bool { scope(of: origin) == .full }

    /// As the port says.
    public func needsWritableFiles(for question: PolicyQuestion) async -> Bool {
        await judgement(on: question).needsWritableFiles
    }

    /// As the port says.
    public var summary: String {
        let rules = rules
        let get =
            settings.getScope == .full
            ? "Commands of the GET face are judged by all rules."
            : "Commands of the GET face are trusted: only deny rules apply."
        let others = rules.defaultDecision == .deny ? "refused" : "asked for"
        return
            "\(get) The assistant may run what the \(rules.rules.count) rules allow; the rest is \(others)."
    }

    /// As the port says.
    public var version: String { get async { inForce.version } }

    // MARK: Judging

    /// What the rules say about a question, part by part, in the scope of its door or another one.
    public func judgement(on question: PolicyQuestion, scope: PolicyScope? = nil) async -> PolicyJudgement {
        let force = inForce
        return await judgement(question, scope ?? self.scope(of: question.origin, force.rules), force)
    }

    func judgement(_ question: PolicyQuestion, _ scope: PolicyScope, _ force: InForce) async
        -> PolicyJudgement
    {
        let circumstances = PolicyJudge.Circumstances(
            workingDirectory: question.workingDirectory,
            environmentNames: Array(question.environment.keys)
        )
        switch await commands.parse(question.command) {
        case .tree(let tree):
            let judgement = try? await thread.run {
                force.judge.judge(tree, scope: scope, circumstances)
            }
            return judgement
                ?? PolicyJudge.undecidable(question.command, "It could not be judged.", rule: "judge")
        case .unparsable(let reason): return undecided(question, scope, reason, rule: "unparsable")
        case .unavailable(let reason): return undecided(question, scope, reason, rule: "parser")
        }
    }

    private func undecided(
        _ question: PolicyQuestion,
        _ scope: PolicyScope,
        _ reason: String,
        rule: String
    ) -> PolicyJudgement {
        guard scope == .denyOnly else { return PolicyJudge.undecidable(question.command, reason, rule: rule) }
        return PolicyJudgement([
            .init(
                subject: question.command,
                decision: .allow,
                rule: "none",
                reason: "No deny rule can read it: \(reason)"
            )
        ])
    }

    /// How much of the rules a door's commands meet.
    public func scope(of origin: TicketOrigin) -> PolicyScope { scope(of: origin, rules) }

    func scope(of origin: TicketOrigin, _ rules: PolicyRuleSet) -> PolicyScope {
        switch origin {
        case .assistant, .bridge, .tool: .full
        case .cli, .console: .denyOnly
        case .api: rules.apiScope
        case .get: settings.getScope
        }
    }

    private static func version(
        _ rules: PolicyRuleSet,
        _ settings: Settings,
        _ parser: any ShellParser,
        _ cryptography: any Cryptography
    ) -> String {
        let text = "\(parser.version)\0\(settings.getScope.rawValue)\0"
        return TextCoding.hex(Array(cryptography.digest(Array(text.utf8) + rules.canonical).prefix(8)))
    }
}
