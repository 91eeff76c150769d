import Core
import HTTPClient
import TestSupport
@testable import Domain
@testable import Providers

/// A vendor on 127.0.0.1 that says what a test wants it to say, whatever it is asked.
final class SayingServer: Sendable {
    struct Request: Sendable {
        let line: String
        /// Names in lower case.
        let headers: [String: String]
        let body: [UInt8]

        var json: JSONValue? { try? JSONValue(parsing: body) }
    }

    /// An answer that is no stream.
    struct Reply: Sendable {
        var status = "200 OK"
        var type = "application/json"
        var text: String
    }

    let meter: RecordingMeter
    private let received = Recorder<Request>()
    private let server: LoopbackServer

    var requests: [Request] { received.all }
    var url: String { server.url }

    init(limit: Int? = nil, _ answer: @escaping @Sendable (Request) -> Reply) {
        meter = RecordingMeter(limit: limit)
        let received = received
        server = LoopbackServer { peer in
            guard let request = Self.read(peer) else { return }
            received.record(request)
            let reply = answer(request)
            peer.respond(
                reply.text,
                status: reply.status,
                headers: "Content-Type: \(reply.type)\r\nConnection: close\r\n"
            )
        }
    }

    deinit { server.stop() }

    /// One that answers everything with a stream of events.
    convenience init(limit: Int? = nil, stream: String) {
        self.init(limit: limit) { _ in Reply(type: "text/event-stream", text: stream) }
    }

    /// A provider that calls this vendor.
    func provider(_ kind: ProviderKind, models: [ModelSettings] = []) throws -> any ModelProvider {
        var settings = ProviderSettings(
            id: try ProviderID("vendor"),
            kind: kind,
            baseURL: kind == .anthropic || kind == .gemini ? url : url + "/v1",
            key: Secret(Vendor.key),
            keySource: "VENDOR_KEY"
        )
        settings.limits.retries = 0
        settings.models = models
        var policy = RetryPolicy()
        policy.pause = { _ in }
        let services = ProviderServices(client: HTTPClient(), meter: meter, retries: policy)
        return switch kind {
        case .openAIResponses: makeOpenAIResponsesProvider(settings, services)
        case .anthropic: makeAnthropicProvider(settings, services)
        case .gemini: makeGeminiProvider(settings, services)
        case .openAIChat, .codex, .scripted: makeChatCompletionsProvider(settings, services)
        }
    }

    private static func read(_ peer: Peer) -> Request? {
        guard let head = peer.readHead() else { return nil }
        let lines = head.split(separator: "\r\n").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        let size = headers["content-length"].flatMap(Int.init) ?? 0
        return Request(line: lines.first ?? "", headers: headers, body: peer.readExactly(size) ?? [])
    }
}
