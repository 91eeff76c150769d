import Core
import Domain
import Providers
import TestSupport
import Testing

@Suite("The real Codex CLI against stand-ins", .timeLimit(.minutes(5)))
struct CodexTests {
    @Test("an answer comes in pieces, with its numbers, and only our tools are offered")
    func answer() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            let answer = await bench.respond(bench.request("hello"))
            #expect(answer.error == nil)
            #expect(CodexBench.text(answer.events) == "You said: hello")
            #expect(CodexBench.items(answer.events) == [ModelItem(.assistant("You said: hello"))])
            let usage = TokenUsage(input: 100, cachedInput: 20, output: 10, reasoning: 1)
            #expect(answer.events.suffix(2).contains(.usage(usage)) && answer.events.last == .finished(.stop))
            #expect(bench.meter.ends.all == [.init(call: 1, usage: usage, outcome: .succeeded)])
            let body = try #require(bench.services.requests.first).body
            #expect(body["tools"]?.array?.compactMap { $0["name"]?.string } == ["lookup"])
            let texts = String(decoding: body.bytes, as: UTF8.self)
            #expect(texts.contains("Be brief.") && !texts.contains(bench.folder))
        }
    }
}
