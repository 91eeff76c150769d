internal import CLinux
public import Core

/// An HTTP/1.1 server on libmicrohttpd.
///
/// Requests are received and answered on the library's threads; the responder runs in child tasks of ``run()``.
public final class HTTPServer: Service {
    private let configuration: HTTPServerConfiguration
    private let responder: any HTTPResponder
    private let logger: Logger
    private let metrics: MetricsRegistry
    private let listening = Announcement<[BoundListener]>()
    private let stopping = Announcement<Void>()
    /// Starting and stopping daemons blocks, so it has a thread.
    private let thread = DedicatedThread(name: "http-control")

    /// Makes a server; it listens when it runs, and runs once.
    public init(
        configuration: HTTPServerConfiguration,
        responder: any HTTPResponder,
        logger: Logger,
        metrics: MetricsRegistry
    ) {
        self.configuration = configuration
        self.responder = responder
        self.logger = logger
        self.metrics = metrics
    }

    /// Listens and answers until the task is cancelled; then drains.
    ///
    /// Draining: no connection is accepted any more, streams are cancelled at once, requests in flight may end until
    /// the drain timeout and are cancelled then. A responder that ignores cancellation holds the server.
    /// Throws ``HTTPServerError`` when it cannot listen.
    public func run() async throws {
        try await withTaskCancellationHandler {
            // A task of its own, because cancelling this one must begin the drain and not cut requests off.
            try await Task { try await self.serve() }.value
        } onCancel: {
            stopping.announce(())
        }
    }

    /// Waits until all listeners are bound, and says where; empty when the server could not listen.
    public func waitUntilListening() async -> [BoundListener] { await listening.value() }

    private func serve() async throws {
        defer { listening.announce([]) }
        let core = try ServerCore(
            configuration: configuration,
            responder: responder,
            logger: logger,
            metrics: metrics
        )
        let listeners = try await start(core)
        listening.announce(listeners.map(\.socket.bound))
        logger.notice("listening", .init("http.listeners", listeners.count))
        let loops = max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await Self.work(off: core.admission, loops: loops) { await core.handle($0) } }
            group.addTask { await Self.work(off: core.streams, loops: 1) { await core.run($0) } }
            group.addTask { await core.heartbeats.run() }
            group.addTask { [thread] in
                await Self.watch(core, listeners, on: thread)
            }
            await stopping.value()
            await Self.drain(core, listeners, on: thread)
            group.cancelAll()
        }
        await Self.close(core, listeners, on: thread)
    }

    private func start(_ core: ServerCore) async throws -> [ListenerService] {
        let configuration = configuration
        return try await thread.run {
            var listeners: [ListenerService] = []
            do {
                for listener in configuration.listeners {
                    let service = try ListenerService(listener, core: core)
                    try service.start()
                    listeners.append(service)
                }
            } catch {
                for listener in listeners {
                    listener.stopAccepting()
                    listener.stop()
                }
                throw error
            }
            return listeners
        }
    }

    /// Runs each element in a child task until the queue is finished; then cancels what still runs and waits for it.
    ///
    /// With several loops a child starts at once on the thread of the loop that took its element, which saves a switch
    /// of threads; with one it is scheduled like any other task.
    private static func work<Element: Sendable>(
        off queue: AdmissionQueue<Element>,
        loops: Int,
        _ body: @escaping @Sendable (Element) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { loopGroup in
            for _ in 0..<loops {
                loopGroup.addTask {
                    await withDiscardingTaskGroup { group in
                        while true {
                            let batch = await queue.next()
                            if batch.isEmpty { break }
                            for element in batch {
                                if loops == 1 {
                                    group.addTask { await body(element) }
                                } else {
                                    group.addImmediateTask { await body(element) }
                                }
                            }
                        }
                        group.cancelAll()
                    }
                }
            }
        }
    }
}
