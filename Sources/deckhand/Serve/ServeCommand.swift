internal import Application
internal import CLinux
internal import Core
internal import Domain
internal import HTTPServer
internal import SQL

/// `deckhand serve`: opens the data directory, serves until it is asked to end, and says how it went.
struct ServeCommand: Sendable {
    let resolved: ResolvedConfiguration
    /// `NOTIFY_SOCKET`, `LISTEN_FDS`, `LISTEN_PID` (sd_notify(3), sd_listen_fds(3)) and the tests' `DECKHAND_KILL_AT`.
    let environment: [String: String]

    private var configuration: Configuration { resolved.configuration }

    /// Serves; returns the exit code.
    ///
    /// The signals were blocked before any other thread was started.
    func run(signals: SignalSource) async -> Int32 {
        // What this process holds in memory is not for others (prctl(2), PR_SET_DUMPABLE).
        _ = dh_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        _ = umask(0o077)
        let sink = DescriptorLogSink()
        let logger = Logger(level: configuration.logLevel, sink: sink)
        let code = await run(signals, logger)
        await sink.flush()
        return code
    }

    private func run(_ signals: SignalSource, _ logger: Logger) async -> Int32 {
        for warning in resolved.warnings {
            logger.warning("configuration", .init("warning", LogValue.untrusted(warning)))
        }
        do {
            let data = try openDataDirectory(configuration)
            let killPoint = environment["DECKHAND_KILL_AT"]
            let isServerPoint = killPoint.map(FaultPoint.arm) ?? false
            let socket = environment["NOTIFY_SOCKET"]
            let file = PolicyFile(configuration, owner: geteuid())
            let reload = PolicyReload { () throws(Failure) in try await file.section() }
            let server = Server(
                configuration: configuration,
                data: data,
                logger: logger,
                inherited: InheritedDescriptors.all(environment: environment),
                killPoint: isServerPoint ? nil : killPoint,
                policyReload: reload,
                report: RunningReport(resolved)
            )
            let welcome = Welcome(
                configuration: configuration,
                data: data,
                hashSource: resolved.sources["HASH"]
            )
            logger.notice("starting", .init("version", LogValue.untrusted(Version.current)))
            try await serve(server, signals, reload, socket) { start in
                for listener in start.listeners {
                    logger.notice(
                        "listening",
                        .init("listener.kind", LogValue.untrusted(listener.kind.rawValue)),
                        .init("listener.address", LogValue.untrusted(listener.address)),
                        .init("listener.port", Int(listener.port))
                    )
                }
                welcome.show(start)
                ServiceNotice.ready.send(to: socket)
            }
            logger.notice("ended")
            return 0
        } catch {
            Self.explain(error)
            return 1
        }
    }

    private func serve(
        _ server: Server,
        _ signals: SignalSource,
        _ reload: PolicyReload,
        _ socket: String?,
        onListening: @escaping @Sendable (ServerStart) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(onListening: onListening) }
            group.addTask {
                for await signal in signals.signals() {
                    switch signal {
                    case .reload: reload.ask()
                    case .terminate:
                        ServiceNotice.stopping.send(to: socket)
                        return
                    }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// Says on standard error why the server cannot serve, and what to do.
    private static func explain(_ error: any Error) {
        switch error {
        case let failure as Failure:
            StandardError.print(failure.message)
            if let hint = failure.hint { StandardError.print(hint) }
        case let error as HTTPServerError:
            StandardError.print("The server cannot listen: \(error.reason).")
            StandardError.print("Choose another PORT or DECKHAND_LISTEN, or end the program that holds it.")
        case let error as MigrationError:
            StandardError.print(String(describing: error))
        default:
            StandardError.print("The server ended: \(error)")
        }
    }
}
