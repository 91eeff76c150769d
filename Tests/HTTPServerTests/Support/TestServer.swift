import Core
import Testing

@testable import HTTPServer

/// Answers with a closure, and renders refusals as `reason path hint`.
struct ClosureResponder: HTTPResponder {
    let handle: @Sendable (HTTPRequest) async -> HTTPResponse

    func respond(to request: HTTPRequest) async -> HTTPResponse { await handle(request) }

    func respond(toRejected rejection: HTTPRejection) -> HTTPResponse {
        .text("\(rejection.reason.rawValue) \(rejection.pathText ?? "-") \(rejection.hint ?? "-")")
    }
}

extension HTTPResponse {
    static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "text/plain"],
            body: .bytes(Array(text.utf8)),
            routeTemplate: "/test"
        )
    }
}

/// What a test has of a running server.
struct RunningServer: Sendable {
    let server: HTTPServer
    let port: UInt16
    let log: MemoryLogSink
    let metrics: MetricsRegistry
    /// Begins the drain, as SIGTERM would.
    let stop: @Sendable () -> Void

    func client() throws -> RawClient { try RawClient(port: port) }

    func get(_ target: String, headers: String = "", method: String = "GET") async throws -> RawResponse {
        try await client().get(target, headers: headers, method: method)
    }

    /// The value of a metric.
    func metric(_ name: String) -> Int? {
        metrics.prometheusText().split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }
}

/// Runs a server on a free port of the loopback interface for the time of a closure.
func withServer(
    listeners: [HTTPListener] = [.tcp(host: "127.0.0.1", port: 0)],
    configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse = { .text($0.pathText) },
    _ body: @Sendable (RunningServer) async throws -> Void
) async throws {
    var configuration = HTTPServerConfiguration(listeners: listeners)
    configure(&configuration)
    let log = MemoryLogSink()
    let metrics = MetricsRegistry()
    let server = HTTPServer(
        configuration: configuration,
        responder: ClosureResponder(handle: handler),
        logger: Logger(level: .debug, sink: log),
        metrics: metrics
    )
    let task = Task { try await server.run() }
    let bound = await server.waitUntilListening()
    do {
        guard let first = bound.first else {
            try await task.value
            return
        }
        try await body(
            RunningServer(
                server: server,
                port: first.port,
                log: log,
                metrics: metrics,
                stop: { task.cancel() }
            )
        )
    } catch {
        task.cancel()
        _ = try? await task.value
        throw error
    }
    task.cancel()
    try await task.value
}

/// Waits until a condition holds; fails the test after 20 seconds.
func eventually(
    _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record(comment, sourceLocation: sourceLocation)
}
