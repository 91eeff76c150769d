public import Domain

/// What approvals need to know of the installation.
public struct ApprovalSettings: Sendable {
    /// The name of the machine, as people are shown it.
    public var host: String
    /// The system user that commands run as.
    public var user: String
    /// That user's home, where a command starts that names no directory; nil when it is not known.
    public var home: String?
    /// How long a person has to decide.
    public var lifetime: Duration
    /// How many approvals may wait at a time.
    public var maximumAwaiting: Int
    /// Doors whose input to running tickets is asked for; people's own doors write at once.
    public var askingOrigins: Set<TicketOrigin>

    /// Makes settings.
    public init(
        host: String,
        user: String,
        home: String? = nil,
        lifetime: Duration = .seconds(86_400),
        maximumAwaiting: Int = 1_000,
        askingOrigins: Set<TicketOrigin> = [.assistant, .bridge, .tool]
    ) {
        self.host = host
        self.user = user
        self.home = home
        self.lifetime = lifetime
        self.maximumAwaiting = maximumAwaiting
        self.askingOrigins = askingOrigins
    }
}

/// Makes a rule out of a question, for "always allow".
public protocol RuleSuggestions: Sendable {
    /// The text of a rule that would allow this and as little else as possible; nil when there is none to propose.
    func suggestion(for question: PolicyQuestion) async -> String?
}
