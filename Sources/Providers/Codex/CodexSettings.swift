/// What is configured for the Codex CLI.
public struct CodexSettings: Sendable {
    /// Where the services are that the program talks to, if not at their usual places; for tests and gateways.
    public struct Endpoints: Sendable, Equatable {
        /// Where models answer.
        public var models: String
        /// Where accounts are looked up.
        public var accounts: String
        /// Where people log in.
        public var login: String

        /// Makes a value.
        public init(models: String, accounts: String, login: String) {
            self.models = models
            self.accounts = accounts
            self.login = login
        }
    }

    /// The program's file, absolute.
    public var program: String
    /// The folder of the profiles, absolute; not below `/tmp`, where the program refuses to keep its helpers.
    public var profiles: String
    /// The folder of the empty working directories, absolute.
    public var workspaces: String
    /// The models that can be chosen; empty for those that the account offers.
    public var models: [String] = []
    /// How long one call of a model may take.
    public var timeout = Duration.seconds(600)
    /// How long a person has to confirm a login; the service itself gives 15 minutes.
    public var loginLifetime = Duration.seconds(900)
    /// How long a process without work is kept.
    public var idle = Duration.seconds(300)
    /// How long a turn's process is kept while the turn carries out a tool.
    public var parking = Duration.seconds(900)
    /// Processes at a time.
    public var maximumProcesses = 32
    /// Where the services are; nil for their usual places.
    public var endpoints: Endpoints?

    /// Makes settings with the defaults.
    public init(program: String, profiles: String, workspaces: String) {
        self.program = program
        self.profiles = profiles
        self.workspaces = workspaces
    }
}
