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
    /// Reads the rules of the configuration file again when it is asked.
    let policyReload: PolicyReload
    /// How it is set up, and how it is, for administrators.
    let report: RunningReport

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
        if let problem = processes.machine.readOnlyProblem {
            logger.notice("commands are not kept from writing", .init("reason", LogValue.untrusted(problem)))
        }
        let rules = try await PolicyParts(
            configuration,
            data: data,
            stores: stores,
            cryptography: cryptography,
            reload: policyReload,
            logger: logger
        )
        let readiness = Readiness { [meta = stores.meta] in
            try await meta.set("readiness", to: String(clock.now().seconds))
        }
        let address = ServerAddress(configuration.network)
        let notices = NoticeParts(configuration, address: address, logger: logger)
        defer { notices.close() }
        let shell = try await ShellParts(
            configuration,
            stores: stores,
            processes: processes,
            secrets: secrets.vault,
            policy: rules.policy,
            announcer: notices.announcer,
            cryptography: cryptography,
            metrics: metrics,
            logger: logger
        )
        let hosts = try HostParts(configuration, stores: stores, cryptography: cryptography, logger: logger)
        let artifacts = try await ArtifactParts(
            configuration.artifacts,
            data: data,
            stores: stores,
            cryptography: cryptography,
            metrics: metrics,
            logger: logger
        )
        let assistant = try await AssistantParts(
            configuration,
            stores: stores,
            deltas: deltas,
            shell: shell,
            secrets: secrets.vault,
            sealer: secrets.sealer,
            cryptography: cryptography,
            bootID: processes.runner.bootID,
            address: address,
            users: hosts?.sessions,
            artifacts: artifacts,
            logger: logger
        )
        defer { assistant.close() }
        let auditFiles = try AuditFiles(data)
        let checkpoints = AuditCheckpointer(
            trail: stores.auditTrail,
            log: auditFiles,
            signer: auditFiles.signer,
            clock: clock,
            logger: logger
        )
        let access = AccessService(
            hash: try data.serverHash(),
            tokens: stores.tokens,
            signIns: signIn.service,
            cryptography: cryptography,
            clock: clock
        )
        let tokens = TokenWatch(hub: access.hub, store: stores.tokens, clock: clock, logger: logger)
        let services = EdgeServices(
            tickets: shell.tickets,
            outputs: shell.outputs,
            access: access,
            signIns: signIn.service,
            assistant: assistant.services,
            secrets: secrets.service,
            shares: assistant.shares,
            hosts: hosts?.services(assistant.engine),
            credits: assistant.credits.services,
            accounts: assistant.accounts,
            audit: AuditService(trail: stores.auditTrail, audit: stores.audit, clock: clock),
            actions: assistant.actions?.services,
            admin: AdminParts(
                configuration,
                stores: stores,
                operators: signIn.operators,
                rules: rules,
                report: report,
                notices: notices.record,
                cryptography: cryptography
            ).services,
            oversight: OversightService(
                hosts: configuration.hosts,
                roles: configuration.roles,
                catalogue: configuration.actions,
                unit: assistant.credits.services.service.unit,
                store: stores.oversight,
                actions: stores.actions,
                tenants: stores.tenants,
                audit: stores.audit,
                clock: clock
            ),
            inspection: auditFiles.inspection(of: stores, clock: clock),
            artifacts: artifacts.service,
            panels: try await PanelParts.signIns(configuration.panel, stores, signIn.service, cryptography),
            metrics: metrics,
            readiness: { await readiness.reason() },
            settings: edgeSettings(address),
            logger: logger,
            clock: clock
        )
        let server = HTTPServer(
            configuration: httpConfiguration(),
            responder: Edge(services),
            logger: logger,
            metrics: metrics
        )
        let panel = try PanelParts(configuration.panel, services: services, logger: logger)
        // Before anybody is let in, so that the passphrase is shown by the time the server answers.
        let first = try await signIn.operators.createFirst()
        let front = FrontDoor(server: server, shell: shell, panel: panel, readiness: readiness) { listeners in
            address.bound(listeners, configuration.network)
            onListening(ServerStart(listeners: listeners, baseURL: address.baseURL, firstOperator: first))
        }
        try await ServiceGroup(
            [
                ("audit", checkpoints), ("processes", processes.service), ("scheduler", shell.scheduler),
                ("pruner", shell.pruner),
                ("approvals", shell.approvals),
            ] + assistant.providerServices + [("turns", assistant.engine)] + assistant.upkeep
                + notices.services + (hosts?.upkeep ?? []) + [
                    ("policy", rules.upkeep), ("sign-ins", signIn.watch),
                    ("tokens", tokens), ("secrets", secrets.vault),
                ] + PanelParts.doors(panel, front),
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
        if execution.readOnly == .auto { result.readOnlyScratch = data.path }
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
                    host: tls.host ?? network.listenHost ?? "127.0.0.1",
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
        limits.connectionsPerAddress = network.maximumConnectionsPerAddress
        var result = HTTPServerConfiguration(
            listeners: listeners,
            limits: limits,
            basePath: network.basePath,
            allowedHosts: network.allowedHosts,
            trustedProxies: network.trustedProxies
        )
        result.heartbeat = network.heartbeat
        return result
    }

    private func edgeSettings(_ address: ServerAddress) -> EdgeSettings {
        let network = configuration.network
        let pages = PageOverrides(directory: data.path)
        var settings = EdgeSettings(
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
        settings.bridgeTimeLimit = configuration.execution.bridgeTimeLimit
        settings.prompts = configuration.assistant.prompts
        return settings
    }
}

/// Lets requests in once every ticket of an earlier server has its true state.
private struct FrontDoor: Service {
    let server: HTTPServer
    let shell: ShellParts
    let panel: PanelParts?
    let readiness: Readiness
    let onListening: @Sendable ([BoundListener]) async throws -> Void

    func run() async throws {
        try await shell.approvals.repair()
        _ = try await shell.reconciler.reconcile()
        // Whoever finds the main doors open finds the panel's open too.
        _ = await panel?.server.waitUntilListening()
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
            shell.hub.stopWaiting()
            readiness.end()
        }
    }
}
