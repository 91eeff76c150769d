import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Responses in OpenAI's form")
struct ResponsesRouteTests {
    private static func json(_ event: (id: String?, event: String, data: String)) -> JSONValue {
        (try? JSONValue(parsing: Array(event.data.utf8))) ?? .null
    }

    /// The 31 members that the schema of Open Responses requires.
    private static let members: Set<String> = [
        "id", "object", "created_at", "completed_at", "status", "incomplete_details", "model",
        "previous_response_id", "instructions", "output", "error", "tools", "tool_choice", "truncation",
        "parallel_tool_calls", "text", "top_p", "presence_penalty", "frequency_penalty", "top_logprobs",
        "temperature", "reasoning", "usage", "max_output_tokens", "max_tool_calls", "store", "background",
        "service_tier", "metadata", "safety_identifier", "prompt_cache_key",
    ]

    @Test("a response that is not streamed has every member, and repeats what was asked")
    func whole() async throws {
        let harness = try await AssistantHarness([.text("Hi", usage: TokenUsage(input: 9, output: 3))])
        let program = try await harness.program([.chat])
        let answer = try await program.api(
            .post,
            "/v1/responses",
            json: #"""
                {"model":"fake/model","input":"Hi","instructions":"Be brief.","temperature":0.5,"top_p":0.9,
                 "max_output_tokens":77,"metadata":{"a":"b"},"store":true,"unknown":1,"reasoning":{"effort":"low"},
                 "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},
                 "tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"f"}}
                """#
        )
        #expect(answer.status == 200)
        #expect(Set(answer.json.object?.keys.map { $0 } ?? []) == Self.members)
        #expect(answer["store"] == .bool(false))
        #expect(answer["temperature"]?.number == 0.5)
        #expect(answer["metadata"]?["a"]?.string == "b")
        #expect(answer["tools"]?.array?.first?["description"] == .null)
        #expect(answer["output"]?.array?.first?["content"]?.array?.first?["text"]?.string == "Hi")
        #expect(answer["usage"]?["total_tokens"]?.integer == 12)
        let request = try #require(harness.model.requests.first)
        #expect(request.instructions == "Be brief.")
        #expect(request.temperature == 0.5 && request.topP == 0.9 && request.maximumOutputTokens == 77)
        #expect(request.reasoning == .low && request.verbosity == .low)
        #expect(request.toolChoice == .function("f"))
        let schema = JSONValue.object(["type": .string("object")])
        #expect(request.format == .jsonSchema(name: "n", schema: schema, isStrict: true))
    }

    @Test("events come in order: numbered, items before what is said of them, names that stay")
    func stream() async throws {
        let call = ToolCall(id: "v", request: .function(name: "f", arguments: #"{"a":1}"#))
        let harness = try await AssistantHarness([
            ScriptedAnswer([
                .started(responseID: "x"), .reasoningDelta("Hm"), .textDelta("He"), .textDelta("llo"),
                .toolCallBegan(index: 0, name: "f"), .toolCallDelta(index: 0, command: nil, text: #"{"a""#),
                .toolCallDelta(index: 0, command: nil, text: ":1}"),
                .item(ModelItem(.reasoning("Hm"), native: NativeItem(dialect: "d", json: Array("{}".utf8)))),
                .item(ModelItem(.assistant("Hello"))), .item(ModelItem(.toolCall(call))),
                .usage(TokenUsage(input: 1, output: 2)), .finished(.toolCalls),
            ])
        ])
        let program = try await harness.program([.chat])
        let answer = try await program.api(
            .post,
            "/v1/responses",
            json: #"{"input":"Hi","stream":true,"include":["reasoning.encrypted_content"]}"#
        )
        let events = answer.events
        #expect(
            events.map(\.event) == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta",
                "response.output_text.delta", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.delta",
                "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
                "response.output_item.done", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed",
            ]
        )
        let values = events.map(Self.json)
        #expect(values.map { $0["type"]?.string } == events.map(\.event))
        #expect(values.compactMap { $0["sequence_number"]?.integer } == (0..<Int64(events.count)).map { $0 })
        #expect(Set(values.compactMap { $0["response"]?["id"]?.string }).count == 1)
        let added = values.filter { $0["type"]?.string == "response.output_item.added" }
        let done = values.filter { $0["type"]?.string == "response.output_item.done" }
        #expect(added.map { $0["item"]?["id"] } == done.map { $0["item"]?["id"] })
        #expect(added.last?["item"]?["call_id"] == done.last?["item"]?["call_id"])
        let output = try #require(values.last?["response"]?["output"]?.array)
        #expect(output.map { $0["type"]?.string } == ["reasoning", "message", "function_call"])
        #expect(output.map { .some($0) } == done.map { $0["item"] })

        // What is handed out is sealed.
        let sealed = try #require(output.first?["encrypted_content"]?.string)
        #expect(sealed.hasPrefix("dh2."))

        // The items go back as they came, and the provider finds its own form of the thought again.
        var items = output.map { String(decoding: $0.bytes, as: UTF8.self) }
        let id = try #require(output.last?["call_id"]?.string)
        items.insert(#"{"role":"user","content":"Hi"}"#, at: 0)
        items.append(
            #"{"type":"function_call_output","call_id":"\#(id)","output":[{"type":"input_text","text":"ok"}]}"#
        )
        harness.model.add(.text("Fine."))
        let after = try await program.api(
            .post,
            "/v1/responses",
            json: #"{"input":[\#(items.joined(separator: ","))]}"#
        )
        #expect(after.status == 200)
        let request = try #require(harness.model.requests.last)
        #expect(request.items.count == 5)
        #expect(request.items[1].native == NativeItem(dialect: "d", json: Array("{}".utf8)))
        #expect(request.items[2].content == .assistant("Hello"))
        guard case .toolResult(let result) = request.items[4].content else {
            Issue.record("no result")
            return
        }
        #expect(result == ToolResult(callID: id, name: "f", content: .parts([.text("ok")], isError: false)))
    }

    @Test("a model without a shell tool of its own is offered a function, and its call comes as a shell call")
    func shell() async throws {
        let call = ToolCall(
            id: "v",
            request: .function(name: "shell", arguments: #"{"commands":["ls","pwd"],"timeout_ms":5}"#)
        )
        for isNative in [false, true] {
            let native = ToolCall(
                id: "v",
                request: .shell(commands: ["ls", "pwd"], timeout: .milliseconds(5), maximumOutput: nil)
            )
            let harness = try await AssistantHarness(
                [.calls([isNative ? native : call])],
                capabilities: ModelCapabilities(shellTool: isNative)
            )
            let answer = try await harness.program([.chat]).api(
                .post,
                "/v1/responses",
                json:
                    #"{"input":"Hi","stream":true,"tools":[{"type":"shell","environment":{"type":"local"}}]}"#
            )
            #expect((harness.model.requests.first?.tools == [.shell]) == isNative)
            let values = answer.events.map(Self.json)
            let commands = values.filter { $0["type"]?.string == "response.shell_call_command.done" }
            #expect(commands.map { $0["command"]?.string } == ["ls", "pwd"])
            let item = values.last?["response"]?["output"]?.array?.first
            #expect(item?["type"]?.string == "shell_call")
            #expect(item?["status"]?.string == "completed")
            #expect(item?["action"]?["timeout_ms"]?.integer == 5)
        }
    }

    @Test("shell calls and their results go back as they came")
    func shellResults() async throws {
        let harness = try await AssistantHarness([.text("Done.")])
        let answer = try await harness.program([.chat]).api(
            .post,
            "/v1/responses",
            json: #"""
                {"input":[{"role":"user","content":"x"},
                 {"type":"shell_call","id":"sh","call_id":"c","status":"completed","environment":null,
                  "action":{"commands":["ls"],"timeout_ms":null,"max_output_length":100}},
                 {"type":"shell_call_output","call_id":"c","max_output_length":100,"output":[
                  {"stdout":"a","stderr":"","outcome":{"type":"exit","exit_code":3}}]},
                 {"type":"web_search_call","id":"w","status":"completed"},
                 {"type":"reasoning","id":"rs_unknown","summary":[],"encrypted_content":"gAAA"}]}
                """#
        )
        #expect(answer.status == 200)
        let request = try #require(harness.model.requests.first)
        #expect(
            request.items.dropFirst().map(\.content) == [
                .toolCall(
                    ToolCall(id: "c", request: .shell(commands: ["ls"], timeout: nil, maximumOutput: 100))
                ),
                .toolResult(
                    ToolResult(
                        callID: "c",
                        name: "shell",
                        content: .shell(
                            [ShellCommandResult(stdout: "a", stderr: "", outcome: .exit(code: 3))],
                            maximumOutput: 100
                        )
                    )
                ),
            ]
        )
    }

    @Test(
        "what needs a stored response, or a tool that is not here, is refused",
        arguments: [
            (
                #"{"input":"x","previous_response_id":"resp_1"}"#, "previous_response_id",
                "previous_response_not_found"
            ),
            (#"{"input":"x","conversation":"conv_1"}"#, "conversation", "unsupported_parameter"),
            (#"{"input":"x","background":true}"#, "background", "unsupported_parameter"),
            (#"{"model":"m"}"#, "input", "missing_required_parameter"),
            (#"{"input":[{"type":"item_reference","id":"x"}]}"#, "input[0].type", "unsupported_parameter"),
            (#"{"input":"x","tools":[{"type":"web_search"}]}"#, "tools[0].type", "unsupported_parameter"),
            (#"{"input":"x","text":{"format":{"type":"xml"}}}"#, "text.format.type", "invalid_value"),
        ]
    )
    func refusals(body: String, param: String, code: String) async throws {
        let harness = try await AssistantHarness()
        let answer = try await harness.program([.chat]).api(.post, "/v1/responses", json: body)
        #expect(answer.status == 400)
        #expect(answer["error"]?["param"]?.string == param)
        #expect(answer["error"]?["code"]?.string == code)
        #expect(harness.model.requests.isEmpty)
    }

    @Test("the ends: cut at the most tokens, held back, declined, failed before and after the head")
    func ends() async throws {
        let refused = Failure(
            .unauthenticated,
            code: "provider_key_refused",
            message: "No.",
            hint: "Renew it."
        )
        let harness = try await AssistantHarness([
            ScriptedAnswer([.textDelta("He"), .item(ModelItem(.assistant("He"))), .finished(.length)]),
            ScriptedAnswer([.textDelta("He"), .finished(.contentFilter)]),
            ScriptedAnswer([
                .refusalDelta("I can"), .item(ModelItem(.refusal("I cannot."))), .finished(.refusal),
            ]),
            .failure(refused),
            ScriptedAnswer([.events([.textDelta("He")]), .fail(refused)]),
        ])
        let program = try await harness.program([.chat])
        let ask = #"{"input":"Hi"}"#
        let cut = try await program.api(.post, "/v1/responses", json: ask)
        #expect(cut["status"]?.string == "incomplete")
        #expect(cut["incomplete_details"]?["reason"]?.string == "max_output_tokens")
        let held = try await program.api(.post, "/v1/responses", json: #"{"input":"Hi","stream":true}"#)
        #expect(held.events.last?.event == "response.incomplete")
        let declined = try await program.api(.post, "/v1/responses", json: ask)
        let part = declined["output"]?.array?.first?["content"]?.array?.first
        #expect(part?["type"]?.string == "refusal")
        #expect(part?["refusal"]?.string?.hasPrefix("I can") == true)
        // A key of ours that a provider refuses is no fault of the caller's.
        let before = try await program.api(.post, "/v1/responses", json: ask)
        #expect(before.status == 503)
        #expect(before["error"]?["code"]?.string == "provider_key_refused")
        #expect(before.headers["x-should-retry"] == "false")
        let after = try await program.api(.post, "/v1/responses", json: #"{"input":"Hi","stream":true}"#)
        #expect(after.events.last?.event == "response.failed")
        let response = Self.json(try #require(after.events.last))["response"]
        #expect(response?["error"]?["code"]?.string == "server_error")
        #expect(response?["error"]?["message"]?.string?.contains("provider_key_refused") == true)
    }

    @Test("a client that leaves ends the provider's call, and so does the end of a sign-in")
    func leaving() async throws {
        let harness = try await AssistantHarness([
            ScriptedAnswer([.events([.textDelta("He")]), .hang]),
            ScriptedAnswer([.events([.textDelta("He")]), .hang]),
        ])
        let person = try await harness.person()
        let ask = #"{"input":"Hi","stream":true}"#
        try await LiveStream.following(await person.respond(.post, "/v1/responses", json: ask)) { stream in
            _ = try await stream.until("text") { $0.contains { $0.event == "response.output_text.delta" } }
        }
        try await eventually("the call is cancelled") { harness.model.cancelledCalls == 1 }
        try await LiveStream.following(await person.respond(.post, "/v1/responses", json: ask)) { stream in
            _ = try await stream.until("text") { $0.contains { $0.event == "response.output_text.delta" } }
            #expect(try await person.api(.delete, "/v1/signin").status < 300)
            let events = try await stream.untilOver()
            #expect(events.last?.event != "response.completed")
        }
        try await eventually("the call is cancelled") { harness.model.cancelledCalls == 2 }
    }
}
