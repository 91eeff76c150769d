/// A submission as the command policy sees it, before anything is stored.
public struct PolicyQuestion: Sendable {
    /// The command, byte for byte.
    public let command: String
    /// The door.
    public let origin: TicketOrigin
    /// Who asks.
    public let principal: PrincipalID
    /// Where it would start; nil when that is not known.
    public let workingDirectory: String?
    /// The variables that session and caller add.
    public let environment: [String: String]
    /// The system user it would run as; nil means the server's own.
    public let runAs: String?

    /// Makes a question.
    public init(
        command: String,
        origin: TicketOrigin,
        principal: PrincipalID,
        workingDirectory: String?,
        environment: [String: String],
        runAs: String? = nil
    ) {
        self.command = command
        self.origin = origin
        self.principal = principal
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.runAs = runAs
    }
}

/// What the policy decided.
public enum PolicyVerdict: Sendable, Equatable {
    case allow
    /// A person has to decide.
    case ask(reason: String, rule: String)
    /// Never: with the reason, the rule, and a next permitted step.
    case deny(reason: String, rule: String, hint: String)

    /// What it is called: `allow`, `ask` or `deny`.
    public var word: String {
        switch self {
        case .allow: "allow"
        case .ask: "ask"
        case .deny: "deny"
        }
    }
}

/// Decides whether a command may run, must be asked for, or is refused.
public protocol CommandPolicy: Sendable {
    /// Judges a command. Throws nothing: what cannot be decided is `.ask`.
    func verdict(on question: PolicyQuestion) async -> PolicyVerdict
    /// Says whether commands of this door need a rule or a person that allows them.
    ///
    /// Where they do, a stateful session carries over to them only what the verdict allows for.
    func needsAllowance(through origin: TicketOrigin) -> Bool
    /// Says whether what a rule allows here writes files by its nature, so that it cannot be kept from it.
    func needsWritableFiles(for question: PolicyQuestion) async -> Bool
    /// One sentence for the context page.
    var summary: String { get }
    /// Names the rules in force: a digest over file and database rules, that changes when a verdict could change.
    var version: String { get async }
}

extension CommandPolicy {
    /// True: nothing says that it only reads.
    public func needsWritableFiles(for question: PolicyQuestion) async -> Bool { true }

    /// Those of models.
    public func needsAllowance(through origin: TicketOrigin) -> Bool {
        switch origin {
        case .assistant, .bridge, .tool: true
        case .get, .api, .cli, .console: false
        }
    }
}

/// Allows everything: the policy until rules are configured.
public struct AllowEverything: CommandPolicy {
    /// Makes the policy.
    public init() {}
    /// Always `.allow`.
    public func verdict(on question: PolicyQuestion) async -> PolicyVerdict { .allow }
    /// One sentence for the context page.
    public var summary: String { "Every command is allowed." }
    /// Always the same.
    public var version: String { get async { "none" } }
}
