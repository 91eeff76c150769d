import Core
import Testing
@testable import Domain
@testable import Providers

/// How servers that speak Chat Completions differ, each as it was seen.
@Suite("Dialects of Chat Completions")
struct ChatQuirkTests {
    private func replay(_ events: [String], comments: String = "") throws -> Replay.Result {
        let text = comments + events.map { "data: \($0)\n\n\(comments)" }.joined()
        return try Replay.run([Array(text.utf8)], Replay.decoder(for: "chat"))
    }

    private func text(_ result: Replay.Result) -> String {
        result.items.compactMap { if case .assistant(let text) = $0.content { text } else { nil } }.joined()
    }

    private func arguments(_ result: Replay.Result) -> [String] {
        result.calls.compactMap {
            if case .function(_, let arguments) = $0.request { arguments } else { nil }
        }
    }

    private static func chunk(_ delta: String, _ finish: String = "null", more: String = "") -> String {
        #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]\#(more)}"#
    }

    private static let stop = #""stop""#

    // MARK: Server by server

    @Test("OpenAI pads chunks, and wants its own fields")
    func openAI() throws {
        let result = try replay([
            Self.chunk(#"{"role":"assistant","content":""}"#, more: #","obfuscation":"x8Q""#),
            Self.chunk(#"{"content":"Hi"}"#, more: #","obfuscation":"""#), Self.chunk("{}", Self.stop),
            #"{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#,
            "[DONE]",
        ])
        #expect(text(result) == "Hi")
        #expect(result.usage == TokenUsage(input: 1, output: 2))
        let quirks = ChatQuirks(baseURL: "https://api.openai.com/v1")
        #expect(quirks.limitField == .maxCompletionTokens && quirks.takesOpenAIFields)
        #expect(ChatQuirks(baseURL: "http://localhost:8080/v1").limitField == .maxTokens)
    }

    @Test("Azure begins with what it found in the prompt, and says of each choice what it found")
    func azure() throws {
        let result = try replay([
            #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}"#,
            #"{"id":"c","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null,"content_filter_results":{"hate":{"filtered":false}}}]}"#,
            Self.chunk("{}", Self.stop), "[DONE]",
        ])
        #expect(text(result) == "Hi" && result.isFinished)
        #expect(
            ChatQuirks(baseURL: "https://x.openai.azure.com/openai/v1").limitField == .maxCompletionTokens
        )
    }

    @Test("Ollama sends a whole call in one chunk, thinks in a field of its own, and has its own efforts")
    func ollama() throws {
        let result = try replay([
            Self.chunk(#"{"role":"assistant","content":"","reasoning":"hm"}"#),
            Self.chunk(
                #"{"role":"assistant","content":"","tool_calls":[{"id":"call_x","index":0,"type":"function","function":{"name":"run","arguments":"{\"cmd\":\"ls\"}"}}]}"#
            ),
            Self.chunk(#"{"role":"assistant","content":""}"#, #""tool_calls""#), "[DONE]",
        ])
        #expect(result.calls.map(\.id) == ["call_x"])
        #expect(result.items.first?.content == .reasoning("hm"))
        #expect(result.events.last == .finished(.toolCalls))
        // Older versions: the role with every chunk, the end with the last words.
        let older = try replay([
            Self.chunk(#"{"role":"assistant","content":"Hel"}"#),
            Self.chunk(#"{"role":"assistant","content":"lo"}"#, Self.stop), "[DONE]",
        ])
        #expect(text(older) == "Hello")
        #expect(ChatQuirks(baseURL: "http://127.0.0.1:11434/v1").efforts[.xhigh] == "max")
    }

    @Test("llama.cpp names a call once, and counts on the chunk that ends the answer")
    func llama() throws {
        let result = try replay([
            Self.chunk(#"{"reasoning_content":"hm"}"#),
            Self.chunk(#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"run"}}]}"#),
            Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"cmd\":"}}]}"#),
            Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"\"ls\"}"}}]}"#),
            Self.chunk(
                "{}",
                #""tool_calls""#,
                more: #","usage":{"prompt_tokens":4,"completion_tokens":5},"timings":{"predicted_ms":1.5}"#
            ), "[DONE]",
        ])
        #expect(arguments(result) == [#"{"cmd":"ls"}"#])
        #expect(result.usage == TokenUsage(input: 4, output: 5))
    }

    @Test(
        "llama.cpp that still loads its model is overloaded; one that fails over a grammar has failed",
        arguments: [
            (
                "503 Service Unavailable",
                #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
                "provider_overloaded"
            ),
            (
                "500 Internal Server Error",
                #"{"error":{"code":500,"message":"Failed to parse grammar","type":"server_error"}}"#,
                "provider_failed"
            ),
        ]
    )
    func llamaErrors(status: String, body: String, code: String) async throws {
        let server = SayingServer { _ in .init(status: status, text: body) }
        let failure = await #expect(throws: Failure.self) {
            _ = try await Conversing.ask(server.provider(.openAIChat), [ModelItem(.user([.text("x")]))])
        }
        #expect(failure?.code == code)
    }

    @Test("vLLM counts on every chunk, numbers all calls 0, and stops although it calls")
    func vllm() throws {
        let result = try replay([
            Self.chunk(#"{"reasoning":"hm"}"#, more: #","usage":{"prompt_tokens":4,"completion_tokens":1}"#),
            Self.chunk(
                #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"run","arguments":"{\"cmd\":\"ls\"}"}}]}"#,
                more: #","usage":{"prompt_tokens":4,"completion_tokens":2}"#
            ),
            Self.chunk(
                #"{"tool_calls":[{"index":0,"id":"b","type":"function","function":{"name":"run","arguments":"{\"cmd\":\"pwd\"}"}}]}"#,
                more: #","usage":{"prompt_tokens":4,"completion_tokens":3}"#
            ),
            Self.chunk("{}", Self.stop, more: #","usage":{"prompt_tokens":4,"completion_tokens":3}"#),
            "[DONE]",
        ])
        #expect(result.calls.map(\.id) == ["a", "b"])
        #expect(result.events.last == .finished(.toolCalls))
        #expect(result.usage == TokenUsage(input: 4, output: 3))
    }

    @Test("LiteLLM repeats ids and the whole answer, and counts twice")
    func liteLLM() throws {
        let entry = { (arguments: String) in
            #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"run","arguments":"\#(arguments)"}}]}"#
        }
        let usage = #","usage":{"prompt_tokens":4,"completion_tokens":5,"total_tokens":9}"#
        let result = try replay([
            Self.chunk(entry(#"{\"cmd\":"#)), Self.chunk(entry(#"\"ls\"}"#)),
            Self.chunk("{}", #""tool_calls""#),
            Self.chunk(entry(#"{\"cmd\":\"ls\"}"#), #""tool_calls""#, more: usage),
            Self.chunk("{}", more: usage), "[DONE]",
        ])
        #expect(result.calls.map(\.id) == ["a"])
        #expect(arguments(result) == [#"{"cmd":"ls"}"#])
        #expect(result.usage == TokenUsage(input: 4, output: 5))
    }

    @Test("xAI sends a whole call at once, beside its thoughts")
    func xai() throws {
        let result = try replay([
            Self.chunk(#"{"reasoning_content":"hm"}"#),
            Self.chunk(
                #"{"role":"assistant","content":"On it.","tool_calls":[{"id":"a","function":{"name":"run","arguments":"{}"},"index":0,"type":"function"}]}"#,
                #""tool_calls""#
            ), "[DONE]",
        ])
        #expect(text(result) == "On it." && arguments(result) == ["{}"])
        #expect(ChatQuirks(baseURL: "https://api.x.ai/v1").efforts[.xhigh] == "high")
    }

    @Test(
        "DeepSeek keeps alive with comments, wants thoughts back with calls only, and runs out of resources"
    )
    func deepSeek() throws {
        let result = try replay(
            [
                Self.chunk(#"{"role":"assistant","content":null,"reasoning_content":"hm"}"#),
                Self.chunk(
                    #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"run","arguments":"{}"}}]}"#
                ),
                Self.chunk(#"{"content":""}"#, #""tool_calls""#), "[DONE]",
            ],
            comments: ": keep-alive\n\n"
        )
        #expect(result.calls.count == 1)
        var encoder = ChatMessageEncoder(systemRole: .system, takesImages: false, names: .wordLike())
        encoder.encode(instructions: nil, Transcript(result.items))
        let sent = try JSONValue(parsing: encoder.bytes).array
        #expect(sent?.first?["reasoning_content"]?.string == "hm")
        // Without a call they are dropped.
        var plain = ChatMessageEncoder(systemRole: .system, takesImages: false, names: .wordLike())
        plain.encode(instructions: nil, Transcript([result.items[0], ModelItem(.assistant("Hi"))]))
        #expect(try JSONValue(parsing: plain.bytes).array?.first?["reasoning_content"] == nil)
    }

    @Test("DeepSeek sends empty lines while a whole answer is not ready")
    func deepSeekWhole() async throws {
        let server = SayingServer { _ in
            .init(
                text:
                    "\n\n\n"
                    + #"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}"#
            )
        }
        let events = try await Conversing.ask(server.provider(.openAIChat), [ModelItem(.user([.text("x")]))])
        #expect(events.last == .finished(.stop))
        #expect(Conversing.items(events) == [ModelItem(.assistant("Hi"))])
    }

    @Test("Gemini's compatible interface leaves out indices, and signs a call in a delta of its own")
    func gemini() throws {
        let result = try replay([
            Self.chunk(
                #"{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"run","arguments":"{\"cmd\":\"ls\"}"}}]}"#
            ),
            Self.chunk(
                #"{"tool_calls":[{"id":"a","extra_content":{"google":{"thought_signature":"c2ln"}}}]}"#
            ),
            Self.chunk("{}", Self.stop), "[DONE]",
        ])
        #expect(arguments(result) == [#"{"cmd":"ls"}"#])
        #expect(result.events.last == .finished(.toolCalls))
        var encoder = ChatMessageEncoder(systemRole: .system, takesImages: false, names: .wordLike())
        encoder.encode(instructions: nil, Transcript(result.items))
        let call = try JSONValue(parsing: encoder.bytes).array?.first?["tool_calls"]?.array?.first
        #expect(call?["extra_content"]?["google"]?["thought_signature"]?.string == "c2ln")
    }

    @Test("Mistral writes content as parts and arguments as an object, and wants ids of nine characters")
    func mistral() throws {
        let result = try replay([
            Self.chunk(
                #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hi"}]}"#
            ),
            Self.chunk(
                #"{"tool_calls":[{"id":"D681PevKs","function":{"name":"run","arguments":{"cmd":"ls"}}}]}"#,
                #""tool_calls""#
            ),
            "[DONE]",
        ])
        #expect(text(result) == "Hi")
        #expect(result.items.first?.content == .reasoning("hm"))
        #expect(arguments(result) == [#"{"cmd":"ls"}"#])
        #expect(ChatQuirks(baseURL: "https://api.mistral.ai/v1").hasNineCharacterCallNames)
        let foreign = ToolCall(id: "call_of_another_vendor", request: .function(name: "run", arguments: "{}"))
        var encoder = ChatMessageEncoder(systemRole: .system, takesImages: false, names: .nineCharacters())
        encoder.encode(instructions: nil, Transcript([ModelItem(.toolCall(foreign))]))
        let messages = try #require(try JSONValue(parsing: encoder.bytes).array)
        let id = try #require(messages.first?["tool_calls"]?.array?.first?["id"]?.string)
        #expect(id.utf8.count == 9 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        #expect(messages.last?["tool_call_id"]?.string == id)
    }

    // MARK: Whoever it is

    @Test("an answer is complete without its last word, and what comes behind that is not looked at")
    func ends() throws {
        let missing = try replay([Self.chunk(#"{"content":"Hi"}"#), Self.chunk("{}", Self.stop)])
        #expect(missing.isFinished && text(missing) == "Hi")
        let behind = try replay([
            Self.chunk(#"{"content":"Hi"}"#, Self.stop), "[DONE]", Self.chunk(#"{"content":" again"}"#),
            "not JSON",
        ])
        #expect(text(behind) == "Hi")
        let twice = try replay([
            Self.chunk(#"{"content":"Hi"}"#), Self.chunk("{}", Self.stop), Self.chunk("{}", Self.stop),
            "[DONE]",
        ])
        #expect(text(twice) == "Hi" && twice.events.count { $0 == .finished(.stop) } == 1)
        let cut = try replay([Self.chunk(#"{"content":"Hi"}"#)])
        #expect(!cut.isFinished)
    }

    @Test("arguments that are empty, cut within an escape, or several objects")
    func oddArguments() throws {
        let call = { (arguments: String) in
            Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"\#(arguments)"}}]}"#)
        }
        let begin = Self.chunk(
            #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"run","arguments":""}}]}"#
        )
        let end = Self.chunk("{}", #""tool_calls""#)
        #expect(arguments(try replay([begin, end])) == ["{}"])
        let escaped = try replay([begin, call(#"{\"cmd\":\"\\u00"#), call(#"e9\"}"#), end])
        #expect(arguments(escaped) == [#"{"cmd":"\u00e9"}"#])
        let several = try replay([begin, call(#"{\"cmd\":\"ls\"}{\"cmd\":\"pwd\"}"#), end])
        #expect(arguments(several) == [#"{"cmd":"ls"}"#, #"{"cmd":"pwd"}"#])
        #expect(Set(several.calls.map(\.id)).count == 2)
    }

    @Test("nothing at all, nulls and a page in place of an answer")
    func oddBodies() async throws {
        let empty = try replay([
            Self.chunk("{}"), Self.chunk(#"{"content":null,"tool_calls":null}"#),
            Self.chunk(#"{"content":"Hi"}"#),
            Self.chunk(#"{"content":null}"#), Self.chunk("{}", Self.stop), "[DONE]",
        ])
        #expect(text(empty) == "Hi")
        let page = SayingServer { _ in .init(type: "text/html", text: "<html>Sign in</html>") }
        let failure = await #expect(throws: Failure.self) {
            _ = try await Conversing.ask(page.provider(.openAIChat), [ModelItem(.user([.text("x")]))])
        }
        #expect(failure?.code == "provider_answer_malformed")
    }
}
