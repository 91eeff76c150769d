import Core
import HTTPClient
import TestSupport
import Testing
@testable import Domain
@testable import Providers

@Suite("Scripted provider")
struct ScriptedProviderTests {
    private static let client = HTTPClient()

    private static func provider(_ script: String, _ meter: RecordingMeter = RecordingMeter()) throws
        -> any ModelProvider
    {
        var settings = ProviderSettings(
            id: try ProviderID("script"),
            kind: .scripted,
            baseURL: "script://script",
            key: nil,
            keySource: "its script"
        )
        settings.script = try ProviderScript(JSONValue(parsing: Array(script.utf8)))
        return makeScriptedProvider(settings, ProviderServices(client: client, meter: meter))
    }

    @Test("the answer follows from the conversation alone, and calls are named after it")
    func answers() async throws {
        let script = """
            {"answers": [
              {"reasoning": ["hm"], "text": ["Loo", "king."], "calls": [{"commands": ["ls", "pwd"]}],
               "usage": {"input": 5, "cached": 1, "output": 7, "reasoning": 2}},
              {"calls": [{"name": "note", "arguments": {"a": 1}}, {"name": "note"}]},
              {"text": "Done."}
            ]}
            """
        let meter = RecordingMeter()
        var items = [ModelItem(.user([.text("go")]))]
        let first = try await Conversing.ask(Self.provider(script, meter), items, tools: [.shell])
        let usage = TokenUsage(input: 5, cachedInput: 1, output: 7, reasoning: 2)
        let shell = ToolCall(
            id: "call_0_0",
            request: .shell(commands: ["ls", "pwd"], timeout: nil, maximumOutput: nil)
        )
        #expect(
            first == [
                .started(responseID: "script_0"), .reasoningDelta("hm"), .textDelta("Loo"),
                .textDelta("king."), .toolCallBegan(index: 0, name: "shell"),
                .toolCallDelta(index: 0, command: 0, text: "ls"),
                .toolCallDelta(index: 0, command: 1, text: "pwd"), .usage(usage),
                .item(ModelItem(.reasoning("hm"))), .item(ModelItem(.assistant("Looking."))),
                .item(ModelItem(.toolCall(shell))), .finished(.toolCalls),
            ]
        )
        items += Conversing.continued(first)
        // Another provider with the same script, as after a start of the server.
        let second = try await Conversing.ask(Self.provider(script, meter), items, tools: [.shell])
        let calls = Conversing.calls(second)
        #expect(calls.map(\.id) == ["call_1_0", "call_1_1"])
        #expect(
            calls.map(\.request) == [
                .function(name: "note", arguments: #"{"a":1}"#), .function(name: "note", arguments: "{}"),
            ]
        )
        items += Conversing.continued(second)
        let third = try await Conversing.ask(Self.provider(script, meter), items)
        #expect(third.suffix(2) == [.item(ModelItem(.assistant("Done."))), .finished(.stop)])
        items += Conversing.continued(third) + [ModelItem(.user([.text("again")]))]
        let again = try await Conversing.ask(Self.provider(script, meter), items)
        #expect(again.first == .started(responseID: "script_0"))
        #expect(meter.ends.map(\.outcome) == [.succeeded, .succeeded, .succeeded, .succeeded])
        #expect(meter.ends.first?.usage == usage)
    }

    @Test("commands are calls of the function shell where no shell tool is offered")
    func commandsAsFunctions() async throws {
        let script = #"{"answers": [{"calls": [{"commands": ["ls", "pwd"]}]}]}"#
        let events = try await Conversing.ask(Self.provider(script), [ModelItem(.user([.text("go")]))])
        #expect(
            Conversing.calls(events).map(\.request) == [
                .function(name: "shell", arguments: #"{"command":"ls"}"#),
                .function(name: "shell", arguments: #"{"command":"pwd"}"#),
            ]
        )
    }

    @Test(
        "answers that fail or break off hand out no calls and are metered as failed",
        arguments: [
            (#""fail": 429"#, "provider_rate_limited"), (#""fail": {"status": 401}"#, "provider_key_missing"),
            (#""fail": {"status": 400, "code": "context_length_exceeded"}"#, "context_too_long"),
            (#""cut": true"#, "provider_interrupted"),
        ]
    )
    func failures(end: String, code: String) async throws {
        let meter = RecordingMeter()
        let script = #"{"answers": [{"text": ["a"], "calls": [{"name": "f"}], \#(end)}]}"#
        let provider = try Self.provider(script, meter)
        let seen = Recorder<ModelEvent>()
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request([ModelItem(.user([.text("go")]))])) {
                $0.forEach(seen.record)
            }
        }
        #expect(failure?.code == code)
        #expect(seen.all.contains(.textDelta("a")))
        #expect(Conversing.calls(seen.all).isEmpty)
        #expect(meter.ends.map(\.outcome) == [.failed])
    }

    @Test("the meter hears how large a call may become, and how much of a broken answer was handed over")
    func metering() async throws {
        let meter = RecordingMeter()
        let provider = try Self.provider(#"{"answers": [{"text": ["Loo", "king ä"], "cut": true}]}"#, meter)
        var request = Conversing.request([ModelItem(.user([.text(String(repeating: "x", count: 300))]))])
        request.maximumOutputTokens = 77
        await #expect(throws: Failure.self) { try await provider.respond(to: request) { _ in } }
        #expect(meter.delivered.all == ["Looking ä".utf8.count])
        #expect(meter.sizes.all.map(\.maximumOutputTokens) == [77])
        #expect((100...120).contains(try #require(meter.sizes.all.first).inputTokens))
        #expect(meter.ends.map(\.outcome) == [.failed])
    }

    @Test("an answer that hangs ends with its cancellation")
    func hangs() async throws {
        let meter = RecordingMeter()
        let provider = try Self.provider(#"{"answers": [{"text": ["a"], "hang": true}]}"#, meter)
        let seen = Recorder<ModelEvent>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await provider.respond(to: Conversing.request([ModelItem(.user([.text("go")]))])) {
                        $0.forEach(seen.record)
                    }
                }
            }
            try await eventually("it says something") { seen.all.contains(.textDelta("a")) }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(meter.ends.map(\.outcome) == [.cancelled])
    }

    @Test("a call beyond the last answer fails")
    func beyond() async throws {
        let provider = try Self.provider(#"{"answers": []}"#)
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request([ModelItem(.user([.text("go")]))])) { _ in }
        }
        #expect(failure?.code == "provider_failed")
    }

    @Test(
        "scripts that cannot be played are refused",
        arguments: [
            "[]", "{}", #"{"answers": [1]}"#, #"{"answers": [{"txt": "a"}]}"#,
            #"{"answers": [{"text": [1]}]}"#, #"{"answers": [{"calls": [{}]}]}"#,
            #"{"answers": [{"fail": 200}]}"#, #"{"answers": [{"pace_ms": 60001}]}"#,
        ]
    )
    func refused(script: String) throws {
        let failure = #expect(throws: Failure.self) { try Self.provider(script) }
        #expect(failure?.code == "invalid_script")
    }
}
