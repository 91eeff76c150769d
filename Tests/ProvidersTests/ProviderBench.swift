import Core
import Domain
import FoundationEssentials
import HTTPClient
import Providers
import Synchronization
import TestSupport

/// What a test of a provider needs: a vendor on a socket, a provider that calls it, and what came of it.
struct ProviderBench: Sendable {
    let server: LoopbackServer
    let provider: any ModelProvider
    let meter = CallLedger()
    /// Heads and bodies of the requests, in order.
    let requests = Recorder<Request>()
    /// How long the provider waited before each retry.
    let waits = Recorder<Duration>()

    struct Request: Sendable {
        let head: String
        let body: [UInt8]
    }

    /// `answer` is called with the number of the request, from 0; the connection ends with it.
    init(retries: Int = 0, answer: @escaping @Sendable (Int, Peer) -> Void) throws {
        let requests = requests
        let waits = waits
        server = LoopbackServer { peer in
            guard let head = peer.readHead() else { return }
            let length = head.split(separator: "\r\n").compactMap { line -> Int? in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.first?.lowercased() == "content-length" ? Int(String(parts[1]).trimmed) : nil
            }
            let body = peer.readExactly(length.first ?? 0) ?? []
            let number = requests.all.count
            requests.record(Request(head: head, body: body))
            answer(number, peer)
        }
        var settings = ProviderSettings(
            id: try ProviderID("openai"),
            kind: .openAIResponses,
            baseURL: server.url + "/v1",
            key: Secret("sk-of-the-test"),
            keySource: "OPENAI_API_KEY"
        )
        settings.limits.retries = retries
        settings.models = [ModelSettings(name: "gpt-5.6-sol")]
        settings.models[0].shellTool = true
        var policy = RetryPolicy()
        policy.pause = { waits.record($0) }
        policy.jitter = { 0 }
        provider = makeOpenAIResponsesProvider(
            settings,
            ProviderServices(client: HTTPClient(), meter: meter, retries: policy)
        )
    }

    static let context = CallContext(principal: .hash, door: .chat)

    static func request(_ items: [ModelItem] = [ModelItem(.user([.text("ls")]))]) -> ModelRequest {
        var request = ModelRequest(
            model: "gpt-5.6-sol",
            instructions: "Be brief.",
            items: items,
            context: context
        )
        request.tools = [
            .shell,
            .function(
                FunctionTool(name: "run", description: "d", parameters: .object(["type": .string("object")]))
            ),
        ]
        return request
    }

    /// Everything that the provider handed over, and the error that it ended with.
    func respond(to request: ModelRequest = request()) async -> (events: [ModelEvent], error: (any Error)?) {
        let events = Recorder<ModelEvent>()
        do {
            try await provider.respond(to: request) { for event in $0 { events.record(event) } }
            return (events.all, nil)
        } catch {
            return (events.all, error)
        }
    }
}

/// Remembers how calls ended.
final class CallLedger: CallMeter {
    struct End: Sendable, Equatable {
        let call: Int64
        let usage: TokenUsage?
        let outcome: CallOutcome
    }
    private let begun = Atomic<Int64>(0)
    let ends = Recorder<End>()

    var beginnings: Int64 { begun.load(ordering: .relaxed) }

    func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    {
        MeteredCallID(begun.add(1, ordering: .relaxed).newValue)
    }

    func end(_ call: MeteredCallID, _ report: CallReport) async {
        ends.record(End(call: call.rawValue, usage: report.usage, outcome: report.outcome))
    }
}

/// Streams as vendors send them.
enum ResponsesFixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        return Array(try Data(contentsOf: URL(filePath: folder + "/Fixtures/providers/\(name)")))
    }
}

extension Peer {
    /// Answers with a stream of events in chunks of so many bytes; without `isWhole` the connection just ends.
    func stream(_ bytes: [UInt8], chunk: Int = 7, isWhole: Bool = true) {
        write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(chunk)
            rest = rest.dropFirst(chunk)
            write(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
        }
        if isWhole { write("0\r\n\r\n") }
    }
}
