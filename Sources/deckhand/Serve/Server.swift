internal import API
internal import Application
internal import CLinux
internal import Core
internal import Crypto
internal import Domain
internal import HTTPServer
internal import Processes
internal import SQL
internal import SQLite
internal import Storage

/// The server, put together: the only place that names every concrete type.
struct Server: Sendable {
    let configuration: Configuration
    let data: DataDirectory
    let logger: Logger
    let inherited: [Int32]
    let killPoint: String?

    private static let databaseReaders = 2

    /// Serves until the task is cancelled; then drains, and gives everything back.
    ///
    /// `onListening` is told once, when the server listens.
    func run(onListening: @escaping @Sendable (ServerStart) -> Void) async throws {
        let clock = SystemWallClock()
        let metrics = MetricsRegistry()
        let database = try await openSQLite(
            path: data.databasePath,
            readers: Self.databaseReaders,
            logger: logger
        )
        do {
            let deltas = try await DeltaDatabase.open(data.deltasPath, logger: logger, at: clock.now())
            do {
                try await run(on: database, deltas, clock, metrics, onListening)
            } catch {
                await deltas.close()
                throw error
            }
            await deltas.close()
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private func run(
        on database: any FileDatabase,
        _ deltas: any FileDatabase,
        _ clock: SystemWallClock,
        _ metrics: MetricsRegistry,
        _ onListening: @escaping @Sendable (ServerStart) -> Void
    ) async throws {
        for name in try await migrate(database, at: clock.now()) {
            logger.notice("schema migrated", .init("migration", LogValue.untrusted(name)))
        }
        let stores = makeStores(on: database)
        let cryptography = makeCryptography(masterKey: data.masterKey)
        let installation = try await stores.meta.establish(
            "installation",
            as: TextCoding.hex(cryptography.randomBytes(8))
        )
        let signIn = try await SignInParts(
            configuration.signIn,
            stores: stores,
            data: data,
            installation: installation,
            logger: logger
        )
        let secrets = try await SecretParts(stores: stores, data: data, configuration, logger: logger)
        let processes = try await makeProcesses(processesConfiguration(installation), logger: logger)
        let hub = TicketHub()
        let scheduler = TicketScheduler(
            store: stores.tickets,
            runner: processes.runner,
            hub: hub,
            limits: configuration.scheduling.running,
            defaults: configuration.execution.limits,
            clock: clock,
            logger: logger,
            metrics: metrics,
            secrets: secrets.vault
        )
        let address = ServerAddress(configuration.network)
        let services = edgeServices(
            stores,
            signIn.service,
            secrets,
            processes,
            scheduler,
            hub,
            cryptography,
            clock,
            metrics,
            address
        )
        let server = HTTPServer(
            configuration: httpConfiguration(),
            responder: Edge(services),
            logger: logger,
            metrics: metrics
        )
        let reconciler = Reconciler(
            store: stores.tickets,
            runner: processes.runner,
            scheduler: scheduler,
            logger: logger,
            clock: clock
        )
        let pruner = TicketPruner(
            store: stores.tickets,
            outputs: processes.outputs,
            finished: hub.finished,
            clock: clock,
            logger: logger,
            keepFor: configuration.retention.age,
            keepBytes: configuration.retention.bytes
        )
        let chatPruner = ChatPruner(
            chats: stores.chats,
            deltas: makeDeltaStore(on: deltas),
            clock: clock,
            logger: logger
        )
        // Before anybody is let in, so that the passphrase is shown by the time the server answers.
        let first = try await signIn.operators.createFirst()
        let front = FrontDoor(server: server, reconciler: reconciler, hub: hub) { listeners in
            address.bound(listeners, configuration.network)
            onListening(ServerStart(listeners: listeners, baseURL: address.baseURL, firstOperator: first))
        }
        try await ServiceGroup(
            [
                ("processes", processes.service), ("scheduler", scheduler), ("pruner", pruner),
                ("chat-pruner", chatPruner), ("sign-ins", signIn.watch), ("secrets", secrets.vault),
                ("http", front),
            ],
            logger: logger
        ).run()
    }

    private func processesConfiguration(_ installation: String) throws -> ProcessesConfiguration {
        let execution = configuration.execution
        let own = try RunAs.lookUp(nil)
        let user = try RunAs.lookUp(execution.runAs)
        var result = ProcessesConfiguration(
            runnerPath: execution.runnerPath,
            sessionsPath: configuration.sessionsDirectory,
            installation: installation,
            runAs: user.uid == own.uid ? nil : user
        )
        if execution.hideData == .auto {
            result.hiddenPaths = [data.path]
            // Both may lie elsewhere.
            if !configuration.sessionsDirectory.hasPrefix(data.path + "/") {
                result.hiddenPaths.append(configuration.sessionsDirectory)
            }
        }
        result.environmentNames += execution.environmentAllowList
        result.controlGroups = execution.cgroup == .auto ? .auto : .off
        result.killPoint = killPoint
        return result
    }

    private func httpConfiguration() -> HTTPServerConfiguration {
        let network = configuration.network
        var listeners: [HTTPListener] = [.unix(path: network.socketPath)]
        if !inherited.isEmpty {
            listeners += inherited.map { .inherited(descriptor: $0) }
        } else if let host = network.listenHost {
            listeners.append(.tcp(host: host, port: network.port))
        }
        if let tls = network.tls {
            listeners.append(
                .tls(
                    host: network.listenHost ?? "127.0.0.1",
                    port: tls.port,
                    certificateFile: tls.certificateFile,
                    keyFile: tls.keyFile
                )
            )
        }
        var limits = HTTPLimits()
        limits.requestLine = network.requestLineLimit
        limits.body = network.bodyLimit
        limits.connections = network.maximumConnections
        return HTTPServerConfiguration(
            listeners: listeners,
            limits: limits,
            basePath: network.basePath,
            allowedHosts: network.allowedHosts,
            trustedProxies: network.trustedProxies
        )
    }

    private func edgeServices(
        _ stores: Stores,
        _ signIns: SignInService,
        _ secrets: SecretParts,
        _ processes: Processes,
        _ scheduler: TicketScheduler,
        _ hub: TicketHub,
        _ cryptography: any Cryptography,
        _ clock: SystemWallClock,
        _ metrics: MetricsRegistry,
        _ address: ServerAddress
    ) -> EdgeServices {
        let network = configuration.network
        let pages = PageOverrides(directory: data.path)
        let settings = EdgeSettings(
            baseURL: { address.baseURL },
            basePath: network.basePath,
            allowedOrigins: Set(network.corsOrigins),
            shellIsOn: configuration.execution.shell,
            serverUID: getuid(),
            answerLimit: network.answerLimit,
            runLimits: configuration.execution.limits,
            runningLimits: configuration.scheduling.running,
            maximumQueued: configuration.scheduling.queue,
            version: Version.current,
            pageOverride: { await pages.text($0) }
        )
        let tickets = TicketService(
            store: stores.tickets,
            runner: processes.runner,
            scheduler: scheduler,
            outputs: processes.outputs,
            audit: stores.audit,
            policy: AllowEverything(),
            hub: hub,
            cryptography: cryptography,
            clock: clock,
            maximumQueued: configuration.scheduling.queue,
            secrets: secrets.vault
        )
        let access = AccessService(
            hash: data.hash,
            tokens: stores.tokens,
            signIns: signIns,
            cryptography: cryptography,
            clock: clock
        )
        return EdgeServices(
            tickets: tickets,
            outputs: OutputService(outputs: processes.outputs),
            access: access,
            signIns: signIns,
            secrets: secrets.service,
            metrics: metrics,
            readiness: {
                do {
                    _ = try await stores.tickets.queuedCount()
                    return nil
                } catch {
                    return "The database does not answer."
                }
            },
            settings: settings,
            logger: logger,
            clock: clock
        )
    }
}

/// Lets requests in once every ticket of an earlier server has its true state.
private struct FrontDoor: Service {
    let server: HTTPServer
    let reconciler: Reconciler
    let hub: TicketHub
    let onListening: @Sendable ([BoundListener]) async throws -> Void

    func run() async throws {
        _ = try await reconciler.reconcile()
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask {
                    let listeners = await server.waitUntilListening()
                    if !listeners.isEmpty { try await onListening(listeners) }
                }
                try await group.waitForAll()
            }
        } onCancel: {
            // Long polls answer at once, so that the drain does not wait for them.
            hub.stopWaiting()
        }
    }
}
