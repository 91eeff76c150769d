import Application
import Core
import Domain
import Providers

/// What the program was told, resolved: plain values, handed down in pieces.
struct Configuration: Sendable {
    /// Where keys, database and socket live; absolute.
    var dataDirectory = ""
    /// Where the folders of the sessions live; absolute.
    var sessionsDirectory = ""
    /// The file of settings and sections; absolute.
    var file = ""
    /// The sections of that file beside `settings`, by name; see ``ConfigurationSection``.
    var sections: [String: JSONValue] = [:]
    /// The installation's hash as configured; nil for the one in the data directory.
    var hash: Secret<String>?
    /// What is logged.
    var logLevel = LogLevel.info
    var network = NetworkConfiguration()
    var signIn = SignInConfiguration()
    var panel = PanelConfiguration()
    var execution = ExecutionConfiguration()
    var scheduling = SchedulingConfiguration()
    var retention = RetentionConfiguration()
    /// The vendors' keys by the name of their option.
    var vendorKeys: [String: Secret<String>] = [:]
    /// The models that are used when nobody chooses, by the names of their options; where there is none, the vendor's.
    var vendorModels: [String: String] = [:]
    var openAI = OpenAIConfiguration()
    var codex = CodexConfiguration()
    /// The providers of models, complete and checked.
    var providers: [ProviderSettings] = []
    var assistant = AssistantConfiguration()
    var approvals = ApprovalConfiguration()
    /// How files that were made are kept.
    var artifacts = ArtifactSettings()
    /// What the section `prices` says; nil while nothing costs anything.
    var prices: PriceList?
    var proxies = ProxyConfiguration()
    /// The business applications that embed this server, complete and checked.
    var hosts: [HostSettings] = []
    /// What may be proposed to do there.
    var actions: [Action] = []
    /// What is put before the model from there.
    var context: [ContextSource] = []
    /// What the roles of their users give.
    var roles = RoleTable.standard
}

/// What the provider of `OPENAI_API_KEY` is like.
struct OpenAIConfiguration: Sendable {
    /// Version included.
    var baseURL = "https://api.openai.com/v1"
}

/// Doors and who may knock.
struct NetworkConfiguration: Sendable {
    /// What links begin with: scheme, host, port and base path, without a slash at the end.
    var baseURL = ""
    /// The path below which everything lies, such as `/deckhand`; empty for none.
    var basePath = ""
    /// The address that TCP listeners bind; nil when TCP is switched off.
    var listenHost: String? = "127.0.0.1"
    /// The port of plain HTTP.
    var port: UInt16 = 8_083
    /// HTTPS beside it.
    var tls: TLSConfiguration?
    /// The Unix socket of the command line; absolute.
    var socketPath = ""
    /// Host names that requests may carry.
    var allowedHosts: [String] = []
    /// Networks in CIDR notation, or `unix`, whose forwarding headers are believed.
    var trustedProxies: [String] = []
    /// Origins that browsers may call from; none by default.
    var corsOrigins: [String] = []
    var maximumConnections = 4_096
    /// Per listener and client address; behind a proxy all clients have the proxy's.
    var maximumConnectionsPerAddress = 1_024
    /// Bytes.
    var requestLineLimit = 64 << 10
    /// Bytes.
    var bodyLimit = 25_000_000
    /// The longest silence of an event stream.
    var heartbeat = Duration.seconds(15)
    /// Bytes of output that one answer carries.
    var answerLimit = 1 << 20
}

/// How operators sign in.
struct SignInConfiguration: Sendable {
    /// How long a browser's sign-in lasts after its last use.
    var browserLifetime: Duration = .seconds(30 * 86_400)
    /// How long a client's lasts.
    var clientLifetime: Duration = .seconds(86_400)
    /// Sign-ins of one operator at a time.
    var limit = 100
    /// The binary logarithm of bcrypt's rounds.
    var cost = 12
    /// What signs the tokens of clients; nil for a key of the data directory.
    var tokenKey: Secret<String>?
    /// Operators that the environment names.
    var operators: [EnvironmentOperator] = []
}

/// HTTPS with certificate files that are read again when they change.
struct TLSConfiguration: Sendable, Equatable {
    /// The address of its port; nil for that of the plain one.
    var host: String?
    var port: UInt16
    var certificateFile: String
    var keyFile: String
}

/// Something that the machine may or may not be able to do.
enum Availability: String, Sendable, CaseIterable {
    /// Used where the machine can.
    case auto
    case off
}

/// How the GET face is judged by the command policy.
enum GetPolicy: String, Sendable, CaseIterable {
    /// Whoever has the hash may run what the server's user may.
    case trusted
    /// All rules apply, and what they do not allow waits for a person.
    case ask
}

/// How commands are run.
struct ExecutionConfiguration: Sendable {
    /// Says whether tickets exist at all.
    var shell = true
    /// The system user of the commands; nil for the server's own.
    var runAs: String?
    var cgroup = Availability.auto
    /// Says whether the data directory is hidden from commands of the server's own user.
    var hideData = Availability.auto
    /// Says whether commands that a rule allows as reading are kept from writing.
    var readOnly = Availability.auto
    /// Names of variables of the server's environment that commands get.
    var environmentAllowList: [String] = []
    /// The program that owns one ticket; absolute.
    var runnerPath = ""
    var getPolicy = GetPolicy.trusted
    var limits = RunLimits()
    /// How long a command of the panel assistant's bridge may run.
    var bridgeTimeLimit = Duration.seconds(3)
}

/// How many commands at a time.
struct SchedulingConfiguration: Sendable {
    var running = RunningLimits()
    /// Tickets that may wait.
    var queue = 10_000
}

/// What is kept of finished tickets; reaching either bound removes the oldest.
struct RetentionConfiguration: Sendable {
    var age: Duration = .seconds(90 * 86_400)
    var bytes: Int64 = 10 << 30
}
