public import Application
public import Core
public import Domain

/// What the edge needs to know of the configuration.
public struct EdgeSettings: Sendable {
    /// The base URL that stands in links, without a slash at its end; asked for at each answer, because the port may
    /// be known only once the server listens.
    public var baseURL: @Sendable () -> String
    /// The path of the base URL, such as `/deckhand`, or empty.
    public var basePath: String
    /// Origins that may read answers from pages.
    public var allowedOrigins: Set<String>
    /// Whether tickets can be reached at all.
    public var shellIsOn: Bool
    /// The user this server runs as.
    public var serverUID: UInt32
    /// Bytes of output in one answer.
    public var answerLimit: Int
    /// How long a command of the panel assistant's bridge may take.
    public var bridgeTimeLimit = Duration.seconds(3)
    /// Questions that the assistant offers operators; nil for those of the widget.
    public var prompts: [QuickPrompt]?
    /// What a ticket gets when it asks for nothing.
    public var runLimits: RunLimits
    /// How many tickets run at a time.
    public var runningLimits: RunningLimits
    /// How many tickets wait.
    public var maximumQueued: Int
    /// README.md and CONTEXT.md of the data directory, if they are there; asked at each request.
    public var pageOverride: @Sendable (_ name: String) async -> String?
    /// The program's version.
    public var version: String

    /// Makes settings.
    public init(
        baseURL: @escaping @Sendable () -> String,
        basePath: String,
        allowedOrigins: Set<String>,
        shellIsOn: Bool,
        serverUID: UInt32,
        answerLimit: Int,
        runLimits: RunLimits,
        runningLimits: RunningLimits,
        maximumQueued: Int,
        version: String,
        pageOverride: @escaping @Sendable (_ name: String) async -> String?
    ) {
        self.baseURL = baseURL
        self.basePath = basePath
        self.allowedOrigins = allowedOrigins
        self.shellIsOn = shellIsOn
        self.serverUID = serverUID
        self.answerLimit = answerLimit
        self.runLimits = runLimits
        self.runningLimits = runningLimits
        self.maximumQueued = maximumQueued
        self.version = version
        self.pageOverride = pageOverride
    }
}

/// The use cases that the edge speaks for.
///
/// An object: each open stream holds it several times over, and its values would take kilobytes each time.
public final class EdgeServices: Sendable {
    /// Tickets and sessions.
    public let tickets: TicketService
    /// Outputs.
    public let outputs: OutputService
    /// Credentials.
    public let access: AccessService
    /// Signing in and out.
    public let signIns: SignInService
    /// The assistant; nil where there is none, and no route of it either.
    public let assistant: AssistantServices?
    /// Registered secrets; nil where there are none, and no route of them either.
    public let secrets: SecretService?
    /// Links to chats; nil where there are none, and no route of them either.
    public let shares: ShareService?
    /// Host applications and their users; nil where none is configured, and no route of them either.
    public let hosts: HostServices?
    /// Prepaid credits; nil where there are none, and no route of them either.
    public let credits: CreditServices?
    /// Accounts of principals at providers; nil where there are none, and no route of them either.
    public let accounts: AccountService?
    /// The audit log; nil where there is none to be read, and no route of it either.
    public let audit: AuditService?
    /// Actions of host applications; nil where none is declared, and no route of them either.
    public let actions: ActionServices?
    /// What administrators look after in the console; nil where there is none of it, and no route of it either.
    public let admin: AdminServices?
    /// What administrators see of all owners; nil where nobody does, and no route of it either.
    public let oversight: OversightService?
    /// Verifying the audit log; nil where there is none to be verified, and no route of it either.
    public let inspection: AuditInspection?
    /// Files that were made; nil where none are kept, and no route of them either.
    public let artifacts: ArtifactService?
    /// Signing in by the word of a hosting panel; nil where none is configured.
    public let panels: PanelSignIns?
    /// All metrics.
    public let metrics: MetricsRegistry
    /// Whether the server can do its work now, with a sentence when not.
    public let readiness: @Sendable () async -> String?
    /// The settings.
    public let settings: EdgeSettings
    /// For errors that are ours.
    public let logger: Logger
    /// The time of day.
    public let clock: any WallClock

    /// Puts them together.
    public init(
        tickets: TicketService,
        outputs: OutputService,
        access: AccessService,
        signIns: SignInService,
        assistant: AssistantServices? = nil,
        secrets: SecretService? = nil,
        shares: ShareService? = nil,
        hosts: HostServices? = nil,
        credits: CreditServices? = nil,
        accounts: AccountService? = nil,
        audit: AuditService? = nil,
        actions: ActionServices? = nil,
        admin: AdminServices? = nil,
        oversight: OversightService? = nil,
        inspection: AuditInspection? = nil,
        artifacts: ArtifactService? = nil,
        panels: PanelSignIns? = nil,
        metrics: MetricsRegistry,
        readiness: @escaping @Sendable () async -> String?,
        settings: EdgeSettings,
        logger: Logger,
        clock: any WallClock
    ) {
        self.tickets = tickets
        self.outputs = outputs
        self.access = access
        self.signIns = signIns
        self.assistant = assistant
        self.secrets = secrets
        self.shares = shares
        self.hosts = hosts
        self.credits = credits
        self.accounts = accounts
        self.audit = audit
        self.actions = actions
        self.admin = admin
        self.oversight = oversight
        self.inspection = inspection
        self.artifacts = artifacts
        self.panels = panels
        self.metrics = metrics
        self.readiness = readiness
        self.settings = settings
        self.logger = logger
        self.clock = clock
    }
}
