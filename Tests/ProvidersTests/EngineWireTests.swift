import Core
import HTTPClient
import TestSupport
import Testing

@testable import Domain
@testable import Providers

/// The order and the form in which each vendor wants what it said, and what came of it, in its own words again.
///
/// A first answer thinks and makes two calls, a second one thinks and makes one, a third one speaks; then a new server
/// goes on with the chat from what is stored.
@Suite("Turns over real sockets", .timeLimit(.minutes(1)))
struct EngineWireTests {
    private let client = HTTPClient()
    private let meter = RecordingMeter()

    /// What came over the wire in four requests, after two turns in two lives of the server.
    private func requests(
        _ provider: (String) throws -> any ModelProvider,
        _ answers: [[UInt8]],
        model: String = "m",
        _ check: @escaping @Sendable (WireRequest) -> [String]
    ) async throws -> [JSONValue] {
        let server = WireServer(answers.map(WireReply.stream), check: check)
        let bench = EngineBench(provider: try provider(server.url), model: model)
        let (chat, first) = try await bench.turn("What is here? 日", in: nil)
        #expect(bench.runs.commands == ["one", "two", "three"], "each once, in order")
        guard case .turnFinished(.completed, _, failure: nil) = try first.last?.body() else {
            Issue.record(
                "the turn did not complete: \(first.map { String(decoding: $0.json, as: UTF8.self) })"
            )
            return []
        }
        let second = try await bench.turn("Thanks.", in: chat).events
        #expect(second.last?.kind == .turnFinished && second.last?.turn != first.last?.turn)
        #expect(server.complaints == [])
        let bodies = server.requests.map(\.body)
        #expect(bodies.count == 4 && answers.count == 4)
        #expect(meter.ends.map(\.outcome) == Array(repeating: .succeeded, count: 4))
        return bodies.count == 4 ? bodies : []
    }

    private static func stream(_ events: [String]) -> [UInt8] {
        Array(events.map { "data: \($0)\n\n" }.joined().utf8)
    }

    private static func text(_ json: JSONValue?) -> String {
        json.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }

    private static func settings(_ kind: ProviderKind, _ url: String) throws -> ProviderSettings {
        ProviderSettings(
            id: try ProviderID("vendor"),
            kind: kind,
            baseURL: url,
            key: Secret(Vendor.key),
            keySource: "VENDOR_KEY"
        )
    }

    // MARK: Responses

    /// Reasoning that is handed back encrypted, directly before what it produced (facts 1.3).
    @Test func responses() async throws {
        func done(_ output: String) -> [UInt8] {
            Self.stream([
                #"{"type":"response.completed","response":{"id":"r","status":"completed","output":["#
                    + output + #"],"usage":{"input_tokens":5,"output_tokens":3}}}"#
            ])
        }
        func reasoning(_ number: Int) -> String {
            #"{"type":"reasoning","id":"rs_\#(number)","summary":[],"encrypted_content":"gAAAA\#(number)=="}"#
        }
        func call(_ number: Int, _ command: String) -> String {
            #"{"type":"function_call","id":"fc_\#(number)","call_id":"c\#(number)","name":"run","arguments":"{\"cmd\":\"\#(command)\"}","status":"completed"}"#
        }
        func message(_ text: String) -> String {
            #"{"type":"message","id":"msg_\#(text.count)","role":"assistant","status":"completed","phase":"final_answer","content":[{"type":"output_text","text":"\#(text)","annotations":[]}]}"#
        }
        let bodies = try await requests(
            { url in
                var settings = try Self.settings(.openAIResponses, url + "/v1")
                settings.models = [ModelSettings(name: "gpt-5.6-sol")]
                return makeOpenAIResponsesProvider(
                    settings,
                    ProviderServices(client: client, meter: meter)
                )
            },
            [
                done([reasoning(1), call(1, "one"), call(2, "two")].joined(separator: ",")),
                done([reasoning(2), call(3, "three")].joined(separator: ",")),
                done([reasoning(3), message("All done.")].joined(separator: ",")), done(message("Bye.")),
            ],
            model: "gpt-5.6-sol"
        ) { _ in [] }
        for body in bodies { try ResponsesRequestRules.check(body.bytes) }
        let inputs = bodies.map { $0["input"]?.array ?? [] }
        let last = try #require(inputs.last)
        #expect(
            last.compactMap { $0["type"]?.string ?? $0["role"]?.string } == [
                "user", "reasoning", "function_call", "function_call", "function_call_output",
                "function_call_output", "reasoning", "function_call", "function_call_output", "reasoning",
                "message", "user",
            ]
        )
        #expect(last.compactMap { $0["encrypted_content"]?.string } == ["gAAAA1==", "gAAAA2==", "gAAAA3=="])
        #expect(last.compactMap { $0["call_id"]?.string } == ["c1", "c2", "c1", "c2", "c3", "c3"])
        #expect(last.first { $0["type"] == .string("message") }?["phase"] == .string("final_answer"))
        let outputs = last.filter { $0["type"] == .string("function_call_output") }
        let third = Self.text(outputs.last)
        #expect(third.contains("result of three"))
        // Each request begins with all of the one before: what was sent once is sent unchanged.
        for (earlier, later) in zip(inputs, inputs.dropFirst()) {
            #expect(Array(later.prefix(earlier.count)) == earlier)
        }
    }

    // MARK: Anthropic

    /// Thinking with its signature, unmodified, in the message whose calls the next one answers first (facts 3.2).
    @Test func anthropic() async throws {
        func message(_ blocks: [(String, [String])], _ reason: String) -> [UInt8] {
            var events = [
                #"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#
            ]
            for (index, (block, deltas)) in blocks.enumerated() {
                events.append(#"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"#)
                for delta in deltas {
                    events.append(#"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"#)
                }
                events.append(#"{"type":"content_block_stop","index":\#(index)}"#)
            }
            events += [
                #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":9}}"#,
                #"{"type":"message_stop"}"#,
            ]
            return Self.stream(events)
        }
        func thinking(_ number: Int) -> (String, [String]) {
            (
                #"{"type":"thinking","thinking":"","signature":""}"#,
                [
                    #"{"type":"thinking_delta","thinking":"thought \#(number) é"}"#,
                    #"{"type":"signature_delta","signature":"EqQB\#(number)g=="}"#,
                ]
            )
        }
        func call(_ number: Int, _ command: String) -> (String, [String]) {
            (
                #"{"type":"tool_use","id":"toolu_\#(number)","name":"run","input":{}}"#,
                [#"{"type":"input_json_delta","partial_json":"{\"cmd\":\"\#(command)\"}"}"#]
            )
        }
        func text(_ text: String) -> (String, [String]) {
            (#"{"type":"text","text":""}"#, [#"{"type":"text_delta","text":"\#(text)"}"#])
        }
        let bodies = try await requests(
            { try Vendor.anthropic.provider(at: $0, meter, client: client) },
            [
                message([thinking(1), call(1, "one"), call(2, "two")], "tool_use"),
                message([thinking(2), call(3, "three")], "tool_use"),
                message([text("All done.")], "end_turn"), message([text("Bye.")], "end_turn"),
            ],
            Vendor.anthropic.complaints
        )
        func thought(_ number: Int) -> JSONValue {
            .object([
                "type": .string("thinking"), "thinking": .string("thought \(number) é"),
                "signature": .string("EqQB\(number)g=="),
            ])
        }
        for (index, body) in bodies.enumerated() {
            let messages = body["messages"]?.array ?? []
            let roles = ["user", "assistant", "user", "assistant", "user", "assistant", "user"]
            let count = [1, 3, 5, 7][index]
            #expect(messages.compactMap { $0["role"]?.string } == Array(roles.prefix(count)))
            guard index == 1 || index == 2 else { continue }
            #expect(messages[1]["content"]?.array?.first == thought(1))
            let calls = messages[1]["content"]?.array?.dropFirst().compactMap { $0["id"]?.string }
            #expect(calls == ["toolu_1", "toolu_2"])
            let results = messages[2]["content"]?.array ?? []
            #expect(results.compactMap { $0["tool_use_id"]?.string } == ["toolu_1", "toolu_2"])
            #expect(Self.text(results.first).contains("result of one"))
            if index == 2 { #expect(messages[3]["content"]?.array?.first == thought(2)) }
        }
        // What of it stands in a later turn is as it was.
        let kept = (bodies.last?["messages"]?.array ?? []).flatMap { $0["content"]?.array ?? [] }
        #expect(kept.filter { $0["type"] == .string("thinking") } == [thought(1), thought(2)])
    }

    // MARK: Gemini

    /// The signature stands on the part on which it came, the first of parallel calls (facts 4).
    @Test func gemini() async throws {
        func answer(_ parts: [String], isLast: Bool = true) -> String {
            #"{"candidates":[{"content":{"role":"model","parts":["# + parts.joined(separator: ",")
                + #"]},"index":0"# + (isLast ? #","finishReason":"STOP""# : "") + "}]}"
        }
        func call(_ number: Int, _ command: String, signature: String? = nil) -> String {
            #"{"functionCall":{"id":"fc-\#(number)","name":"run","args":{"cmd":"\#(command)"}}"#
                + (signature.map { #","thoughtSignature":"\#($0)""# } ?? "") + "}"
        }
        let thought = #"{"text":"**Planning**","thought":true}"#
        let bodies = try await requests(
            { try Vendor.gemini.provider(at: $0, meter, client: client) },
            [
                Self.stream([
                    answer([thought], isLast: false),
                    answer([call(1, "one", signature: "c2ln_1w==")], isLast: false),
                    answer([call(2, "two")]),
                ]), Self.stream([answer([call(3, "three", signature: "c2ln_2w==")])]),
                Self.stream([answer([#"{"text":"All done."}"#])]),
                Self.stream([answer([#"{"text":"Bye."}"#])]),
            ],
            Vendor.gemini.complaints
        )
        for (index, body) in bodies.enumerated() {
            let contents = body["contents"]?.array ?? []
            #expect(contents.count == [1, 3, 5, 7][index])
            let parts = contents.flatMap { $0["parts"]?.array ?? [] }
            let calls = parts.filter { $0["functionCall"] != nil }
            let signatures = calls.map { $0["thoughtSignature"]?.string }
            #expect(
                signatures
                    == Array([[], ["c2ln_1w==", nil], ["c2ln_1w==", nil, "c2ln_2w=="]][min(index, 2)])
            )
            let answered = parts.compactMap { $0["functionResponse"]?["id"]?.string }
            #expect(answered == Array(["fc-1", "fc-2", "fc-3"].prefix([0, 2, 3, 3][index])))
        }
        #expect(Self.text(bodies.last).contains("result of three"))
    }

    // MARK: Chat Completions

    /// Every call is answered by the messages right behind it, in order (facts 2.1).
    @Test func chatCompletions() async throws {
        func chunk(_ delta: String, _ reason: String? = nil) -> String {
            #"{"id":"c","choices":[{"index":0,"delta":\#(delta),"finish_reason":"#
                + (reason.map { "\"\($0)\"" } ?? "null") + "}]}"
        }
        func call(_ index: Int, _ number: Int, _ command: String) -> String {
            #"{"index":\#(index),"id":"call_\#(number)","type":"function","function":{"name":"run","arguments":"{\"cmd\":\"\#(command)\"}"}}"#
        }
        func calls(_ calls: [String]) -> [UInt8] {
            Self.stream(
                calls.map { chunk(#"{"tool_calls":[\#($0)]}"#) } + [chunk("{}", "tool_calls"), "[DONE]"]
            )
        }
        func text(_ text: String) -> [UInt8] {
            Self.stream([chunk(#"{"content":"\#(text)"}"#), chunk("{}", "stop"), "[DONE]"])
        }
        let bodies = try await requests(
            { try Vendor.chat.provider(at: $0, meter, client: client) },
            [
                calls([call(0, 1, "one"), call(1, 2, "two")]), calls([call(0, 3, "three")]),
                text("All done."), text("Bye."),
            ],
            Vendor.chat.complaints
        )
        let messages = bodies.map { $0["messages"]?.array ?? [] }
        let roles = [
            "system", "user", "assistant", "tool", "tool", "assistant", "tool", "assistant", "user",
        ]
        for (index, count) in [2, 5, 7, 9].enumerated() where messages.indices.contains(index) {
            #expect(messages[index].compactMap { $0["role"]?.string } == Array(roles.prefix(count)))
        }
        let results = (messages.last ?? []).filter { $0["role"] == .string("tool") }
        #expect(results.compactMap { $0["tool_call_id"]?.string } == ["call_1", "call_2", "call_3"])
        #expect(
            results.compactMap { $0["content"]?.string } == ["one", "two", "three"].map { "result of \($0)" }
        )
    }
}
