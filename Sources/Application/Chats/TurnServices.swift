public import Core
public import Domain

/// What turns need to be worked on.
public struct TurnServices: Sendable {
    /// Chats and what must not be lost of them.
    public let chats: any ChatStore
    /// Deltas.
    public let deltas: any ChatDeltaStore
    /// The newest events.
    public let hub: ChatHub
    /// The configured providers.
    public let providers: any ProviderDirectory
    /// What owners may do now.
    public let principals: any PrincipalDirectory
    /// How the assistant works.
    public let settings: AssistantSettings
    /// The time of day.
    public let clock: any WallClock
    /// For errors that are ours.
    public let logger: Logger
    /// What models can use, for those who may.
    let tools: ToolSets

    /// What is put before the model; nil for nothing.
    let context: (any TurnContext)?

    /// Where the pictures of models are kept; nil where they are not.
    let artifacts: ArtifactService?

    /// Ends turns with the sessions in which users asked for them; nil where there are no users.
    let sessions: UserSessionHub?

    /// What was said in chats in which turns worked lately.
    let earlier = EarlierConversations()

    /// Puts them together.
    ///
    /// `approval` is the decision that a ticket waits for; `typing` types into tickets for models; `secrets` are the names that commands can use. The shell's tools come
    /// first, then `tools`, then that of `artifacts`.
    public init(
        chats: any ChatStore,
        deltas: any ChatDeltaStore,
        hub: ChatHub,
        providers: any ProviderDirectory,
        principals: any PrincipalDirectory,
        tickets: TicketService,
        outputs: OutputService,
        settings: AssistantSettings,
        cryptography: any Cryptography,
        clock: any WallClock,
        logger: Logger,
        approval: @escaping @Sendable (TicketID) async throws -> Int64?,
        typing: any ModelTyping,
        secrets: @escaping @Sendable () -> [SecretName] = { [] },
        tools: [any TurnTools] = [],
        context: (any TurnContext)? = nil,
        artifacts: ArtifactService? = nil,
        sessions: UserSessionHub? = nil
    ) {
        self.sessions = sessions
        self.artifacts = artifacts
        self.context = context
        self.chats = chats
        self.deltas = deltas
        self.hub = hub
        self.providers = providers
        self.principals = principals
        self.settings = settings
        self.clock = clock
        self.logger = logger
        let shell = ShellTools(
            tickets: tickets,
            outputs: outputs,
            settings: settings,
            cryptography: cryptography,
            approval: approval,
            typing: typing,
            secrets: secrets
        )
        self.tools = ToolSets(sets: [shell] + tools + (artifacts.map { [ArtifactTools($0)] } ?? []))
    }
}
