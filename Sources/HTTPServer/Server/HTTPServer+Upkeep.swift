internal import Core

extension HTTPServer {
    /// Closes stalled connections and follows certificate files, until cancelled.
    static func watch(
        _ core: ServerCore,
        _ listeners: [ListenerService],
        on thread: DedicatedThread
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while (try? await ContinuousClock().sleep(for: .seconds(1))) != nil {
                    core.instruments.stalled.add(core.connections.shutLate())
                }
            }
            guard listeners.contains(where: { $0.socket.kind == .tls }) else { return }
            group.addTask {
                let interval = max(core.configuration.certificateCheckInterval, .milliseconds(50))
                while (try? await ContinuousClock().sleep(for: interval)) != nil {
                    _ = try? await thread.run { for listener in listeners { listener.reloadCertificate() } }
                }
            }
        }
    }

    /// Stops accepting, ends streams, and lets requests in flight end until the deadline; then cancels them.
    static func drain(_ core: ServerCore, _ listeners: [ListenerService], on thread: DedicatedThread) async {
        core.logger.notice("draining", .init("http.in_flight", core.instruments.inFlight.current))
        core.beginDraining()
        _ = try? await thread.run { for listener in listeners { listener.stopAccepting() } }
        for job in core.streams.finish() { job.stream.finish(.failed) }
        await waitUntilIdle(core, atMost: core.configuration.limits.drainTimeout)
        for admitted in core.admission.finish() {
            let rejection = HTTPRejection(
                reason: .draining,
                message: "The server is going down.",
                hint: "Try again in a moment.",
                retryAfter: .seconds(1),
                method: admitted.request.method,
                pathText: admitted.request.pathText,
                id: admitted.request.id
            )
            admitted.exchange.answer(core.response(to: rejection, closes: true), stream: nil)
        }
    }

    /// Sends what was answered last, and closes everything; no handler and no producer runs any more.
    static func close(_ core: ServerCore, _ listeners: [ListenerService], on thread: DedicatedThread) async {
        await waitUntilIdle(core, atMost: .seconds(1))
        _ = try? await thread.run { for listener in listeners { listener.stop() } }
        core.logger.notice("stopped")
    }

    private static func waitUntilIdle(_ core: ServerCore, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await core.activity.waitUntilIdle() }
            group.addTask { try? await ContinuousClock().sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
