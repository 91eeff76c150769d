internal import API
internal import Application
internal import Core
internal import Crypto
internal import Domain
internal import HTTPClient
internal import Providers
internal import Storage

/// Actions and context of host applications, put together; nothing where none is declared.
struct ActionParts: Sendable {
    let services: ActionServices
    private let context: ContextTools
    private let client: HTTPClient

    init?(
        _ configuration: Configuration,
        stores: Stores,
        credits: CreditService,
        artifacts: ArtifactService
    ) {
        guard !configuration.actions.isEmpty || !configuration.context.isEmpty else { return nil }
        // A client of its own: an application that hangs takes no connection from the assistant.
        let client = HTTPClient(configuration.proxies.client)
        self.client = client
        let clock = SystemWallClock()
        let signers = configuration.hosts.compactMap { host in
            host.callKey.map { (host.issuer, makeMessageSigner(key: $0)) }
        }
        let caller = makeHostCaller(
            signers: Dictionary(signers) { first, _ in first },
            client: client,
            clock: clock
        )
        let requests = HostRequests(
            sessions: stores.userSessions,
            tenants: stores.tenants,
            clock: clock
        )
        let reader = ContextService(
            sources: configuration.context,
            store: stores.actions,
            caller: caller,
            requests: requests,
            clock: clock
        )
        context = ContextTools(reader)
        services = ActionServices(
            actions: ActionService(
                actions: configuration.actions,
                store: stores.actions,
                caller: caller,
                requests: requests,
                credits: credits,
                clock: clock,
                artifacts: artifacts
            ),
            context: reader
        )
    }

    /// Ends what turns left behind.
    func sweeper(_ logger: Logger) -> ActionSweeper {
        ActionSweeper(actions: services.actions, logger: logger)
    }
    /// What turns are offered.
    var tools: [any TurnTools] { [context, ActionTools(services.actions)] }
    /// What is put before the model.
    var facts: any TurnContext { context }

    /// Ends what is still open to applications, once nothing uses them any more.
    func close() { client.shutDown() }
}
