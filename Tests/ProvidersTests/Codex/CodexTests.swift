import Core
import Domain
import TestSupport
import Testing

@testable import Providers

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

    @Test("without an account nothing is asked, and no process is started")
    func disconnected() async throws {
        try await CodexBench.with { bench in
            let failure = await bench.failure("hello")
            #expect(failure?.code == "account_not_connected")
            #expect(bench.services.paths == [] && bench.processes == [])
        }
    }

    // MARK: Tools

    @Test("a tool's result goes to the program that waits for it, and the numbers of both answers add up")
    func tool() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            var request = bench.request(#"call lookup {"q":"é"}"#, turn: 7)
            let first = await bench.respond(request)
            let call = ToolCall(id: "call_1", request: .function(name: "lookup", arguments: #"{"q":"é"}"#))
            #expect(first.error == nil && CodexBench.items(first.events) == [ModelItem(.toolCall(call))])
            #expect(first.events.last == .finished(.toolCalls))
            let process = bench.processes
            #expect(process.count == 1)
            request.items += Self.results(["call_1"], "42 things")
            let second = await bench.respond(request)
            #expect(second.error == nil && CodexBench.text(second.events) == "Seen: 42 things")
            #expect(bench.processes == process, "the same program went on")
            #expect(bench.services.requests.count == 2)
            // The program tells the numbers of both once it has the result.
            #expect(bench.meter.ends.all.compactMap { $0.usage?.input } == [0, 200])
            #expect(bench.meter.ends.all.allSatisfy { $0.outcome == .succeeded })
        }
    }

    @Test("several calls of one answer are handed out one after the other")
    func calls() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            var request = bench.request("twice lookup", turn: 7)
            let first = await bench.respond(request)
            #expect(CodexBench.items(first.events).count == 1)
            request.items += Self.results(["call_1"], "one")
            let second = await bench.respond(request)
            #expect(CodexBench.items(second.events).count == 1)
            request.items += Self.results(["call_2"], "two")
            let third = await bench.respond(request)
            #expect(CodexBench.text(third.events) == "Seen: two")
            // On a busy machine the program sends a request once more by itself.
            #expect(bench.services.requests.count >= 2)
            let items = try #require(bench.services.requests.last?.body["input"]?.array)
            #expect(items.count { $0["type"]?.string == "function_call_output" } == 2)
        }
    }

    @Test("after a restart a fresh thread is filled with the recorded result, and nothing is asked for twice")
    func restart() async throws {
        let services = CodexStandIn()
        let folder = "/var/tmp/deckhand-codex-tests/\(UInt64.random(in: 0...UInt64.max))"
        try await CodexBench.with(services, folder: folder) { bench in
            try await bench.connect()
            var request = bench.request("call lookup {}", turn: 7)
            _ = await bench.respond(request)
            request.items += Self.results(["call_1"], "recorded")
            // Another server, which knows nothing of the turn of the program.
            await bench.provider.pool.close()
            let later = try await CodexBench(services, folder: folder)
            let answer = await later.respond(request)
            #expect(answer.error == nil && CodexBench.text(answer.events) == "Seen: recorded")
            #expect(CodexBench.items(answer.events).count == 1)
            #expect(services.requests.count == 2)
            await later.provider.pool.close()
        }
    }

    @Test("other tools than before begin another thread, which offers no more than those")
    func lessTools() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            var request = bench.request("call lookup {}", turn: 7)
            _ = await bench.respond(request)
            request.items += Self.results(["call_1"], "seen")
            request.tools = []
            let answer = await bench.respond(request)
            #expect(CodexBench.text(answer.events) == "Seen: seen")
            #expect(bench.services.requests.last?.body["tools"]?.array ?? [] == [])
        }
    }

    @Test("a turn that is over leaves no process that waits for a result")
    func ended() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            _ = await bench.respond(bench.request("call lookup {}", turn: 7))
            #expect(bench.processes.count == 1)
            await bench.provider.turnEnded(TurnID(7))
            #expect(bench.processes == [])
        }
    }

    @Test("a model that calls tools from scripts gets them as well")
    func codeMode() async throws {
        let services = CodexStandIn { request in
            if request.last?["type"]?.string == "custom_tool_call_output" {
                let text = String(decoding: (request.last ?? .null).bytes, as: UTF8.self)
                return .events(CodexStandIn.text(text.contains("forty-two") ? "It worked." : text))
            }
            let script = "text(await tools.lookup({q:'x'}))"
            return .events([CodexStandIn.script("exec_1", script)])
        }
        try await CodexBench.with(services) { bench in
            try await bench.connect()
            var request = bench.request("go", turn: 7)
            request.model = "gpt-6.1-sol"
            let first = await bench.respond(request)
            let calls = CodexBench.items(first.events).compactMap { item in
                if case .toolCall(let call) = item.content { call } else { nil }
            }
            let call = try #require(calls.first)
            #expect(call.name == "lookup")
            request.items += [ModelItem(.toolCall(call))] + Self.results([call.id], "forty-two").suffix(1)
            let second = await bench.respond(request)
            #expect(CodexBench.text(second.events) == "It worked.")
        }
    }

    /// Calls with what came of them, as the engine records them.
    private static func results(_ calls: [String], _ text: String) -> [ModelItem] {
        calls.map {
            ModelItem(.toolCall(ToolCall(id: $0, request: .function(name: "lookup", arguments: "{}"))))
        }
            + calls.map { id in
                let content = ToolResult.Content.parts([.text(text)], isError: false)
                return ModelItem(.toolResult(ToolResult(callID: id, name: "lookup", content: content)))
            }
    }
}
