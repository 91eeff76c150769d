public import Application

/// What administrators who signed in look after.
public struct AdminServices: Sendable {
    /// Who may sign in.
    public let operators: OperatorService
    /// What programs carry.
    public let tokens: TokenService
    /// Rules for commands; nil where no command is run.
    public let policy: PolicyEditor?
    /// How this server is set up, and how it is.
    public let server: any ServerReport
    let userCheck: UserCheck

    struct UserCheck: Sendable {
        let check: @Sendable (String) async throws -> Void
    }

    /// Puts them together.
    ///
    /// `checkUser` throws when this machine has no system user of that name.
    public init(
        operators: OperatorService,
        tokens: TokenService,
        policy: PolicyEditor?,
        server: any ServerReport,
        checkUser: @escaping @Sendable (_ name: String) async throws -> Void
    ) {
        self.operators = operators
        self.tokens = tokens
        self.policy = policy
        self.server = server
        userCheck = UserCheck(check: checkUser)
    }
}

/// How the server is set up, and how it is.
public protocol ServerReport: Sendable {
    /// Every option with its value and where that comes from; secrets by their length only.
    var settings: ServerSettings { get }
    /// What `deckhand check` finds that can change, or matter, while the server runs; not older than ten minutes.
    func findings() async -> [ServerFinding]
    /// Whether providers answer: what others have to be asked for, which may take some seconds; not older than ten minutes.
    func outside() async -> [ServerFinding]
    /// The machine at this moment.
    func load() async -> ServerLoad
}

/// The resolved configuration.
public struct ServerSettings: Sendable {
    /// One option.
    public struct Option: Sendable {
        /// The name in the environment.
        public let key: String
        /// The part of the reference.
        public let group: String
        /// As text that could be given again; of a secret its length.
        public let value: String
        /// Such as `environment`, or a file.
        public let source: String
        /// Whether nobody gave it.
        public let isDefault: Bool
        /// One sentence.
        public let summary: String

        /// Makes a value.
        public init(
            key: String,
            group: String,
            value: String,
            source: String,
            isDefault: Bool,
            summary: String
        ) {
            self.key = key
            self.group = group
            self.value = value
            self.source = source
            self.isDefault = isDefault
            self.summary = summary
        }
    }

    /// In the order of the reference.
    public var options: [Option]
    /// The file of settings and sections.
    public var file: String
    /// The sections of that file beside `settings`.
    public var sections: [String]
    /// What is odd, but prevents nothing.
    public var warnings: [String]

    /// Makes a value.
    public init(options: [Option], file: String, sections: [String], warnings: [String]) {
        self.options = options
        self.file = file
        self.sections = sections
        self.warnings = warnings
    }
}

/// What a probe of the server found.
public struct ServerFinding: Sendable, Equatable {
    /// A dotted word, such as `data.space`.
    public let name: String
    /// `ok`, `warning` or `error`.
    public let verdict: String
    /// One sentence or value.
    public let text: String
    /// What to do; nil when nothing is to be done.
    public let hint: String?

    /// Makes a value.
    public init(name: String, verdict: String, text: String, hint: String?) {
        self.name = name
        self.verdict = verdict
        self.text = text
        self.hint = hint
    }
}

/// The machine at a moment; what cannot be told is nil.
public struct ServerLoad: Sendable, Equatable {
    /// Tasks that ran or waited to run, as a mean over 1, 5 and 15 minutes (proc_loadavg(5)).
    public var averages: [Double] = []
    /// Processors.
    public var processors = 1
    /// Bytes of memory, and of those that are available (proc_meminfo(5)).
    public var memory: Int64?
    /// Bytes that programs could still have.
    public var memoryAvailable: Int64?
    /// Bytes of the file system of the data directory.
    public var disk: Int64?
    /// Bytes that are free there.
    public var diskFree: Int64?
    /// Seconds since this server started.
    public var uptime: Double = 0

    /// Makes a value about which nothing is known.
    public init() {}
}
