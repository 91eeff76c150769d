internal import API
internal import Application
internal import Core
internal import Domain
internal import HTTPClient
internal import Processes
internal import Providers
internal import SQL
internal import Storage

/// The assistant, put together.
struct AssistantParts: Sendable {
    let services: AssistantServices
    let engine: TurnEngine
    let shares: ShareService
    let credits: CreditParts
    /// Actions and context of host applications; nil where none is declared.
    let actions: ActionParts?
    /// Accounts of principals; nil where no provider has any.
    let accounts: AccountService?
    /// What works for providers, and ends after the engine.
    let providerServices: [(name: StaticString, service: any Service)]
    /// What works beside the engine.
    let upkeep: [(name: StaticString, service: any Service)]
    private let client: HTTPClient

    /// Puts it together, and completes what an earlier server left open of its calls.
    init(
        _ configuration: Configuration,
        stores: Stores,
        deltas: any Database,
        shell: ShellParts,
        secrets: SecretVault,
        sealer: any Sealer,
        cryptography: any Cryptography,
        bootID: String,
        address: ServerAddress,
        users: HostSessionService?,
        artifacts: ArtifactParts,
        logger: Logger
    ) async throws {
        let clock = SystemWallClock()
        _ = try await stores.usage.endInterrupted(at: clock.now())
        // Deltas are not synced, so that a machine that went down may have lost some.
        let isAnotherBoot = try await stores.meta.value(Self.bootName) != bootID
        try await stores.meta.set(Self.bootName, to: bootID)
        let deltas = makeDeltaStore(on: deltas)
        credits = try await CreditParts(
            configuration,
            stores: stores,
            deltas: deltas,
            clock: clock,
            logger: logger
        )
        let actions = ActionParts(
            configuration,
            stores: stores,
            credits: credits.services.service,
            artifacts: artifacts.service
        )
        self.actions = actions
        var connections = configuration.proxies.client
        // Each working turn may be in a call, and calls that belong to no turn come on top.
        connections.maximumConcurrentRequests += configuration.assistant.maximumWorkingTurns
        client = HTTPClient(connections)
        let providers = ConfiguredProviders(
            configuration: configuration,
            services: ProviderServices(
                client: client,
                meter: credits.meter
            ),
            keys: StoredUserKeys(store: stores.accounts, sealer: sealer),
            cryptography: cryptography,
            mask: { secrets.mask },
            logger: logger
        )
        providerServices = providers.services
        let hub = ChatHub()
        let profile = ProfileWatch()
        var settings = configuration.assistant.settings(shellIsOn: configuration.execution.shell) {
            await profile.text()
        }
        settings.approvalLink = { "\(address.baseURL)/approve/\($0)" }
        let models = ModelCatalog(providers, configured: settings.defaultModel)
        let (tickets, approvals) = (shell.tickets, shell.approvals)
        engine = TurnEngine(
            services: TurnServices(
                chats: stores.chats,
                deltas: deltas,
                hub: hub,
                providers: providers,
                principals: CurrentPrincipals(
                    operators: stores.operators,
                    tokens: stores.tokens,
                    clock: clock,
                    users: users
                ),
                tickets: tickets,
                outputs: shell.outputs,
                settings: settings,
                cryptography: cryptography,
                clock: clock,
                logger: logger,
                approval: { try await approvals.approval(for: $0)?.id.rawValue },
                typing: ApprovedTyping(tickets: tickets, approvals: approvals),
                secrets: { secrets.names },
                tools: actions?.tools ?? [],
                context: actions?.facts,
                artifacts: artifacts.service,
                sessions: users?.hub
            ),
            machineRestarted: isAnotherBoot
        )
        var upkeep: [(name: StaticString, service: any Service)] = []
        let accounts = Self.accounts(providers, stores, sealer, clock, logger, &upkeep)
        self.accounts = accounts
        services = AssistantServices(
            chats: ChatService(
                store: stores.chats,
                deltas: deltas,
                hub: hub,
                engine: engine,
                models: models,
                clock: clock,
                accounts: accounts,
                credits: credits.services.service,
                secrets: secrets
            ),
            completions: CompletionService(
                models: models,
                accounts: accounts,
                credits: credits.services.service
            ),
            models: models,
            approvals: approvals,
            sealer: sealer
        )
        shares = ShareService(
            shares: stores.shares,
            chats: stores.chats,
            operators: stores.operators,
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock,
            settings: ShareSettings(lifetime: configuration.assistant.keepShares),
            users: users
        )
        upkeep += [
            (
                "chat-pruner",
                ChatPruner(
                    chats: stores.chats,
                    deltas: deltas,
                    clock: clock,
                    logger: logger,
                    keepFor: configuration.assistant.keepChats
                )
            ),
            ("hold-sweeper", credits.sweeper),
            ("artifact-sweeper", artifacts.sweeper),
            ("share-pruner", SharePruner(shares: stores.shares, clock: clock, logger: logger)),
        ]
        if let actions { upkeep.append(("action-sweeper", actions.sweeper(logger))) }
        if configuration.assistant.profile == .probed { upkeep.append(("profile", profile)) }
        self.upkeep = upkeep
    }

    private static func accounts(
        _ providers: ConfiguredProviders,
        _ stores: Stores,
        _ sealer: any Sealer,
        _ clock: SystemWallClock,
        _ logger: Logger,
        _ upkeep: inout [(name: StaticString, service: any Service)]
    ) -> AccountService? {
        guard !providers.connectable.isEmpty else { return nil }
        let supervisor = LoginSupervisor(
            providers: providers.connectable,
            store: stores.accounts,
            audit: stores.audit,
            clock: clock,
            logger: logger
        )
        upkeep.append(("logins", supervisor))
        return AccountService(
            providers: providers.connectable,
            store: stores.accounts,
            sealer: sealer,
            supervisor: supervisor,
            audit: stores.audit,
            clock: clock,
            // The provider itself ends it after 15 minutes.
            loginLifetime: .seconds(890)
        )
    }

    /// Ends what is still open to providers, once nothing uses them any more.
    func close() {
        client.shutDown()
        actions?.close()
    }

    private static let bootName = "assistant-boot"
}
