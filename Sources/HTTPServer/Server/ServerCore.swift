internal import Core
internal import Synchronization

/// What all listeners of a server share.
final class ServerCore: Sendable {
    let configuration: HTTPServerConfiguration
    let responder: any HTTPResponder
    let logger: Logger
    let instruments: ServerInstruments
    let rules: HeadRules
    let forwarding: ForwardingRule
    let ids = RequestIDs()
    let connections = ConnectionRegistry()
    let bodyMemory: BodyMemory
    let admission: AdmissionQueue<Admitted>
    let streams: AdmissionQueue<StreamJob>
    let activity = Activity()
    let lingering = LingeringCloser()
    let heartbeats: Heartbeats
    private let draining = Atomic<Bool>(false)

    init(
        configuration: HTTPServerConfiguration,
        responder: any HTTPResponder,
        logger: Logger,
        metrics: MetricsRegistry
    ) throws(HTTPServerError) {
        guard
            let forwarding = ForwardingRule(
                trusted: configuration.trustedProxies,
                header: configuration.forwardingHeader
            )
        else {
            throw HTTPServerError(reason: "a trusted proxy is neither a network in CIDR notation nor `unix`")
        }
        let limits = configuration.limits
        self.configuration = configuration
        self.responder = responder
        self.logger = logger
        self.forwarding = forwarding
        heartbeats = Heartbeats(longest: configuration.heartbeat)
        rules = HeadRules(
            limits: limits,
            base: configuration.basePath.split(separator: "/").map(String.init),
            hosts: HostRule(configuration.allowedHosts)
        )
        bodyMemory = BodyMemory(limit: limits.bodiesInFlight)
        admission = AdmissionQueue(capacity: limits.queue, concurrency: limits.concurrentRequests)
        let mostStreams = limits.connections * configuration.listeners.count
        streams = AdmissionQueue(capacity: mostStreams, concurrency: mostStreams)
        instruments = ServerInstruments(metrics, connections: connections)
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func beginDraining() { draining.store(true, ordering: .relaxed) }

    /// The product's rendering of a refusal, with the status and headers that are ours to set.
    func response(to rejection: HTTPRejection, closes: Bool) -> HTTPResponse {
        var response = responder.respond(toRejected: rejection)
        response.status = rejection.status
        response.closesConnection = closes
        if let delay = rejection.retryAfter {
            response.headers["Retry-After"] = String(max(1, delay.components.seconds))
        }
        return response
    }

    /// Answers one admitted request.
    func handle(_ admitted: Admitted) async {
        let response = await Logger.$requestID.withValue(admitted.request.id) {
            await responder.respond(to: admitted.request)
        }
        admission.finished()
        guard case .stream(let length, let produce) = response.body, admitted.request.method != .head else {
            return admitted.exchange.answer(response, stream: nil)
        }
        let stream = ResponseStream(capacity: configuration.limits.streamBuffer, length: length)
        let job = StreamJob(stream: stream, requestID: admitted.request.id, produce: produce)
        if !streams.offer(job) { stream.finish(.failed) }
        admitted.exchange.answer(response, stream: stream)
    }

    /// Runs the producer of one stream.
    func run(_ job: StreamJob) async {
        instruments.streams.add(1)
        defer {
            instruments.streams.add(-1)
            streams.finished()
        }
        await Logger.$requestID.withValue(job.requestID) {
            do {
                try await job.produce(HTTPResponseWriter(job.stream, heartbeats: heartbeats))
                job.stream.finish(.complete)
            } catch {
                job.stream.finish(.failed)
                if !(error is CancellationError), !(error is HTTPStreamError) {
                    logger.warning("stream ended early", .init("error", LogValue.error(error)))
                }
            }
        }
    }

    /// Counts and logs a finished exchange.
    func note(_ record: AccessRecord) {
        instruments.finished(record)
        record.log(to: logger)
        activity.leave()
    }

    /// Counts and logs a request that the library refused, whose answer was the library's as well.
    func note(_ refusal: LibraryRefusal) {
        if let reason = refusal.reason { instruments.rejected(reason) }
        logger.info("request refused by libmicrohttpd", LogField("http.status", refusal.status))
    }
}

/// A stream whose producer is yet to run.
struct StreamJob: Sendable {
    let stream: ResponseStream
    let requestID: String
    let produce: @Sendable (HTTPResponseWriter) async throws -> Void
}
