import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("The OpenAI-compatible routes")
struct OpenAIRouteTests {
    static let hello = #"{"model":"fake/model","messages":[{"role":"user","content":"Hi"}]}"#

    @Test("models are listed and found by their id, whose slashes stand as they are or encoded")
    func models() async throws {
        let harness = try await AssistantHarness()
        let program = try await harness.program([.chat])
        let list = try await program.api(.get, "/v1/models")
        #expect(list["object"]?.string == "list")
        let model = try #require(list["data"]?.array?.first)
        #expect(model["id"]?.string == "fake/model")
        #expect(model["object"]?.string == "model")
        #expect(model["owned_by"]?.string == "fake")
        #expect(model["created"]?.integer == 0)
        for path in ["/v1/models/fake/model", "/v1/models/model", "/v1/models/fake"] {
            #expect(try await program.api(.get, path)["id"]?.string == "fake/model", "\(path)")
        }
        let request = HTTPRequest(
            method: .get,
            rawTarget: "/v1/models/fake%2Fmodel",
            path: ["v1", "models", "fake/model"],
            pathText: "/v1/models/fake%2Fmodel",
            headers: ["Authorization": "Bearer \(program.bearer)"]
        )
        #expect(try await Answer(harness.edge.respond(to: request))["id"]?.string == "fake/model")
        let unknown = try await program.api(.get, "/v1/models/fake/other/one")
        #expect(unknown.status == 404)
        #expect(unknown["error"]?["code"]?.string == "model_not_found")
        #expect(unknown["error"]?["param"]?.string == "model")
    }

    @Test("errors have OpenAI's form and all four members, on these routes and no others")
    func errors() async throws {
        let harness = try await AssistantHarness()
        let nobody = try await harness.send(.get, "/v1/models")
        #expect(nobody.status == 401)
        #expect(nobody.headers["WWW-Authenticate"] != nil)
        #expect(Set(nobody["error"]?.object?.keys.map { $0 } ?? []) == ["message", "type", "param", "code"])
        #expect(nobody["error"]?["type"]?.string == "authentication_error")
        let reader = try await harness.program([.shellRead])
        let forbidden = try await reader.api(.post, "/v1/chat/completions", json: Self.hello)
        #expect(forbidden.status == 403)
        #expect(forbidden["error"]?["type"]?.string == "permission_error")
        #expect(forbidden["error"]?["code"]?.string == "permission_missing")
        let program = try await harness.program([.chat])
        for (method, path) in [
            (HTTPMethod.get, ""), (.delete, ""), (.get, "/input_items"), (.post, "/cancel"),
        ] {
            let answer = try await program.api(method, "/v1/responses/resp_1\(path)")
            #expect(answer.status == 404, "\(method) \(path)")
            #expect(answer["error"]?["code"]?.string == "response_not_found")
            #expect(answer["error"]?["param"]?.string == "id")
        }
        #expect(try await program.api(.delete, "/v1/models").status == 405)
        #expect(try await program.api(.get, "/v1/chats/77")["error"] == nil)
        #expect(harness.model.requests.isEmpty)
    }

    @Test(
        "what cannot be done is refused with the field's name, before the model is asked",
        arguments: [
            (#"{"messages":[{"role":"user","content":"x"}],"n":2}"#, "n", "unsupported_parameter"),
            (#"{"messages":[]}"#, "messages", "missing_required_parameter"),
            (#"{"messages":[{"role":"robot","content":"x"}]}"#, "messages[0].role", "invalid_value"),
            (#"{"messages":[{"content":"x"}]}"#, "messages[0].role", "missing_required_parameter"),
            (
                #"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a/b.png"}}]}]}"#,
                "messages[0].content[0].image_url", "invalid_image_url"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}"#,
                "messages[0].content[0].type", "unsupported_parameter"
            ),
            (
                #"{"messages":[{"role":"user","content":"x"}],"temperature":"hot"}"#, "temperature",
                "invalid_value"
            ),
            (
                #"{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom","custom":{"name":"a"}}]}"#,
                "tools[0].type", "unsupported_parameter"
            ),
            (
                #"{"messages":[{"role":"user","content":"x"}],"functions":[]}"#, "functions",
                "unsupported_parameter"
            ),
            ("[]", "body", "invalid_json"),
        ]
    )
    func refusals(body: String, param: String, code: String) async throws {
        let harness = try await AssistantHarness()
        let answer = try await harness.program([.chat]).api(.post, "/v1/chat/completions", json: body)
        #expect(answer.status == 400)
        #expect(answer["error"]?["param"]?.string == param)
        #expect(answer["error"]?["code"]?.string == code)
        #expect(answer["error"]?["type"]?.string == "invalid_request_error")
        #expect(harness.model.requests.isEmpty)
    }

    @Test("SDKs in pages of allowed origins may send their own headers, on these routes")
    func preflight() {
        let policy = CrossOriginPolicy(allowedOrigins: ["https://app.example"])
        func allowed(_ path: String, _ asked: String) -> String? {
            let request = HTTPRequest(
                method: .options,
                rawTarget: path,
                path: [],
                pathText: path,
                headers: ["Origin": "https://app.example", "Access-Control-Request-Headers": asked]
            )
            return policy.preflight(request, allowed: [.post]).headers["Access-Control-Allow-Headers"]
        }
        #expect(
            allowed("/v1/responses", "x-stainless-os, openai-project")?.contains("x-stainless-os") == true
        )
        #expect(allowed("/v1/responses", "x\r\ny")?.contains("x") == false)
        #expect(allowed("/v1/sessions", "x-stainless-os")?.contains("stainless") == false)
    }

    @Test("an answer that is not streamed, and the row of its usage")
    func whole() async throws {
        let harness = try await AssistantHarness([
            .text("Hé", "日", usage: TokenUsage(input: 9, cachedInput: 2, output: 3, reasoning: 1))
        ])
        let program = try await harness.program([.chat])
        let answer = try await program.api(.post, "/v1/chat/completions", json: Self.hello)
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Type"] == "application/json")
        #expect(answer.headers["X-Request-Id"] != nil)
        #expect(answer["object"]?.string == "chat.completion")
        #expect(answer["model"]?.string == "fake/model")
        let choice = try #require(answer["choices"]?.array?.first)
        #expect(choice["message"]?["content"]?.string == "Hé日")
        #expect(choice["message"]?["refusal"] == .null)
        #expect(choice["finish_reason"]?.string == "stop")
        #expect(answer["usage"]?["total_tokens"]?.integer == 12)
        #expect(answer["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.integer == 2)
        #expect(answer["usage"]?["completion_tokens_details"]?["reasoning_tokens"]?.integer == 1)
        let rows = try await harness.stores.usage.rows(of: nil, before: nil, limit: 10).elements
        #expect(rows.count == 1)
        #expect(rows.first?.context.door == .openai)
        #expect(rows.first?.context.turn == nil)
        #expect(rows.first?.usage?.output == 3)
    }

    @Test("a stream: role once, usage last, each event with one write")
    func stream() async throws {
        let harness = try await AssistantHarness([.text("He", "llo")])
        let program = try await harness.program([.chat])
        let response = await program.respond(
            .post,
            "/v1/chat/completions",
            json:
                #"{"messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}"#
        )
        #expect(response.headers["Content-Type"] == "text/event-stream; charset=utf-8")
        let answer = try await Answer(response)
        let data = answer.events.map(\.data)
        #expect(data.last == "[DONE]")
        let chunks = data.dropLast().map { (try? JSONValue(parsing: Array($0.utf8))) ?? .null }
        #expect(chunks.allSatisfy { $0["object"]?.string == "chat.completion.chunk" })
        let deltas = chunks.compactMap { $0["choices"]?.array?.first?["delta"] }
        #expect(deltas.map { $0["role"]?.string } == ["assistant", nil, nil, nil])
        #expect(deltas.compactMap { $0["content"]?.string }.joined() == "Hello")
        #expect(deltas.last == .object([:]))
        #expect(chunks.dropLast().allSatisfy { $0["usage"] == .null })
        #expect(chunks.last?["choices"] == .array([]))
        #expect(chunks.last?["usage"]?["total_tokens"]?.integer == 15)
        #expect(chunks.dropLast().last?["choices"]?.array?.first?["finish_reason"]?.string == "stop")
    }

    @Test(
        "what a provider wants back with a call goes to the caller and comes back, streamed and whole",
        arguments: [true, false]
    )
    func signatures(streams: Bool) async throws {
        let call = ToolCall(id: "v1", request: .function(name: "look", arguments: "{}"))
        let part =
            #"{"functionCall":{"name":"look","args":{}},"thoughtSignature":"c2ln"}"#
        let harness = try await AssistantHarness([
            ScriptedAnswer([
                .toolCallBegan(index: 0, name: "look"), .toolCallDelta(index: 0, command: nil, text: "{}"),
                .item(
                    ModelItem(.toolCall(call), native: NativeItem(dialect: "gemini", json: Array(part.utf8)))
                ),
                .finished(.toolCalls),
            ]), .text("Fine."),
        ])
        let program = try await harness.program([.chat])
        let tools = #""tools":[{"type":"function","function":{"name":"look"}}]"#
        let answer = try await program.api(
            .post,
            "/v1/chat/completions",
            json: #"{"messages":[{"role":"user","content":"Hi"}],\#(tools),"stream":\#(streams)}"#
        )
        let entries: [JSONValue]
        if streams {
            entries = answer.events.dropLast().flatMap { event in
                (try? JSONValue(parsing: Array(event.data.utf8)))?["choices"]?.array?.first?["delta"]?[
                    "tool_calls"
                ]?.array ?? []
            }
        } else {
            entries = answer["choices"]?.array?.first?["message"]?["tool_calls"]?.array ?? []
        }
        let extra = entries.compactMap { $0["extra_content"] }
        #expect(extra == [.object(["google": .object(["thought_signature": .string("c2ln")])])])
        #expect(Set(entries.compactMap { $0["index"]?.integer }).count == (streams ? 1 : 0))
        let ids = entries.compactMap { $0["id"]?.string }
        let id = try #require(ids.first)
        let kept = String(decoding: try #require(extra.first).bytes, as: UTF8.self)
        let message =
            #"{"role":"assistant","content":null,"tool_calls":[{"id":"\#(id)","type":"function","function":{"name":"look","arguments":"{}"},"extra_content":\#(kept)}]}"#
        let after = try await program.api(
            .post,
            "/v1/chat/completions",
            json:
                #"{"messages":[{"role":"user","content":"Hi"},\#(message),{"role":"tool","tool_call_id":"\#(id)","content":"ok"}],\#(tools)}"#
        )
        #expect(after.status == 200)
        let native = try #require(harness.model.requests.last?.items[1].native)
        #expect(native.dialect == "chat-completions")
        let json = try JSONValue(parsing: native.json)
        #expect(json["extra_content"]?["google"]?["thought_signature"]?.string == "c2ln")
    }

    @Test("calls of functions: each begins once with id, type and name, and arguments follow")
    func calls() async throws {
        let first = ToolCall(id: "v1", request: .function(name: "look", arguments: #"{"at":"a"}"#))
        let second = ToolCall(id: "v2", request: .function(name: "look", arguments: "{}"))
        let harness = try await AssistantHarness([.calls([first, second]), .calls([first, second])])
        let program = try await harness.program([.chat])
        let tools =
            #""tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]"#
        let answer = try await program.api(
            .post,
            "/v1/chat/completions",
            json: #"{"messages":[{"role":"user","content":"Hi"}],\#(tools),"tool_choice":"required"}"#
        )
        let message = try #require(answer["choices"]?.array?.first?["message"])
        #expect(message["content"] == .null)
        let calls = try #require(message["tool_calls"]?.array)
        #expect(calls.map { $0["function"]?["arguments"]?.string } == [#"{"at":"a"}"#, "{}"])
        #expect(Set(calls.compactMap { $0["id"]?.string }).count == 2)
        #expect(answer["choices"]?.array?.first?["finish_reason"]?.string == "tool_calls")
        #expect(harness.model.requests.first?.toolChoice == .required)
        #expect(harness.model.requests.first?.tools.count == 1)
        let streamed = try await program.api(
            .post,
            "/v1/chat/completions",
            json: #"{"messages":[{"role":"user","content":"Hi"}],\#(tools),"stream":true}"#
        )
        let deltas = streamed.events.dropLast().compactMap { event in
            (try? JSONValue(parsing: Array(event.data.utf8)))?["choices"]?.array?.first?["delta"]
        }
        #expect(deltas.first?["role"]?.string == "assistant")
        #expect(deltas.first?["content"] == .null)
        let entries = deltas.flatMap { $0["tool_calls"]?.array ?? [] }
        for index in [0, 1] as [Int64] {
            let own = entries.filter { $0["index"]?.integer == index }
            #expect(own.map { $0["id"] != nil } == [true, false])
            #expect(own.first?["type"]?.string == "function")
            #expect(own.first?["function"]?["name"]?.string == "look")
            let text = own.compactMap { $0["function"]?["arguments"]?.string }.joined()
            #expect(text == [#"{"at":"a"}"#, "{}"][Int(index)])
        }
    }
}
