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
    /// Commands.
    public let tickets: TicketService
    /// Their output.
    public let outputs: OutputService
    /// How the assistant works.
    public let settings: AssistantSettings
    /// For keys of tickets.
    public let cryptography: any Cryptography
    /// The time of day.
    public let clock: any WallClock
    /// For errors that are ours.
    public let logger: Logger
    /// The decision that a ticket waits for.
    public let approval: @Sendable (TicketID) async throws -> Int64?
    /// Types into a ticket for a model, once a person approved it; says what came of it.
    public let type: @Sendable ([UInt8], _ closing: Bool, TicketID, Principal) async throws -> String

    /// What was said in turns that are over.
    let earlier = EarlierTurns()

    /// Puts them together.
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
        type: @escaping @Sendable ([UInt8], _ closing: Bool, TicketID, Principal) async throws -> String
    ) {
        self.chats = chats
        self.deltas = deltas
        self.hub = hub
        self.providers = providers
        self.principals = principals
        self.tickets = tickets
        self.outputs = outputs
        self.settings = settings
        self.cryptography = cryptography
        self.clock = clock
        self.logger = logger
        self.approval = approval
        self.type = type
    }
}
