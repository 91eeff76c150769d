import Core
import Domain
import HTTPClient
import Testing

@testable import Providers

@Suite struct ResponsesDecoderTests {
    /// Feeds a stream in the given pieces, as a provider does.
    private func decode(_ pieces: [ArraySlice<UInt8>]) throws -> (events: [ModelEvent], isFinished: Bool) {
        var stream = ServerSentEventDecoder(limit: 1 << 20)
        var decoder = ResponsesStreamDecoder()
        var events: [ModelEvent] = []
        for piece in pieces {
            for event in try stream.decode(Array(piece)) { events += try decoder.decode(event) }
        }
        events += try decoder.finish()
        return (events, decoder.isFinished)
    }

    private func decode(_ text: String) throws -> (events: [ModelEvent], isFinished: Bool) {
        try decode([Array(text.utf8)[...]])
    }

    private static let call = ToolCall(
        id: "call_1",
        request: .shell(commands: ["echo 'hé日'", "pwd"], timeout: .seconds(10), maximumOutput: 4_096)
    )

    @Test("the commands of a shell call arrive interleaved; the call, its limits and the usage at the end")
    func shell() throws {
        let (events, isFinished) = try decode([ResponsesFixture.bytes("responses-shell.sse")[...]])
        #expect(isFinished)
        #expect(
            events.dropLast(3) == [
                .started(responseID: "resp_1"),
                .toolCallBegan(index: 0, name: "shell"),
                .toolCallDelta(index: 0, command: 0, text: "echo 'h"),
                .toolCallDelta(index: 0, command: 1, text: "pwd"),
                .toolCallDelta(index: 0, command: 0, text: "é日'"),
            ]
        )
        guard case .item(let item) = events.dropLast(2).last else {
            Issue.record("no item")
            return
        }
        #expect(item.content == .toolCall(Self.call))
        #expect(item.native?.dialect == "openai-responses")
        #expect(
            String(decoding: item.native?.json ?? [], as: UTF8.self)
                == #"{"id":"sh_1","type":"shell_call","status":"completed","call_id":"call_1","environment":null,"action":{"commands":["echo 'hé日'","pwd"],"timeout_ms":10000,"max_output_length":4096}}"#
        )
        #expect(
            events.suffix(2) == [
                .usage(TokenUsage(input: 50, cachedInput: 0, output: 20, reasoning: 8)),
                .finished(.toolCalls),
            ]
        )
    }

    @Test("a stream cut in two at any byte gives the same events")
    func cuts() throws {
        let bytes = try ResponsesFixture.bytes("responses-shell.sse")
        let whole = try decode([bytes[...]]).events
        for cut in 1..<bytes.count {
            #expect(try decode([bytes[..<cut], bytes[cut...]]).events == whole, "cut at \(cut)")
        }
        #expect(try decode(bytes.indices.map { bytes[$0...$0] }).events == whole)
    }

    @Test("a stream that ends early is not finished and hands out no call")
    func truncated() throws {
        let bytes = try ResponsesFixture.bytes("responses-shell.sse")
        let mark = Array("event: response.completed".utf8)
        let end = try #require(bytes.firstRange(of: mark)).lowerBound
        for cut in stride(from: 0, through: end, by: 1) {
            let (events, isFinished) = try decode([bytes[..<cut]])
            #expect(!isFinished)
            let hasItem = events.contains { if case .item = $0 { true } else { false } }
            #expect(!hasItem)
        }
    }

    @Test("response.failed is an error with the vendor's code and its wait")
    func failed() throws {
        let error = #expect(throws: VendorError.self) {
            _ = try decode([ResponsesFixture.bytes("responses-failed.sse")[...]])
        }
        #expect(error?.words.contains("rate_limit_exceeded") == true)
        #expect(error?.retryAfter == .milliseconds(1_200))
    }

    @Test("response.incomplete ends for length, with usage")
    func incomplete() throws {
        let (events, isFinished) = try decode([ResponsesFixture.bytes("responses-incomplete.sse")[...]])
        #expect(isFinished)
        #expect(
            events == [
                .started(responseID: "resp_3"),
                .usage(TokenUsage(input: 9, cachedInput: 0, output: 16, reasoning: 16)), .finished(.length),
            ]
        )
    }

    @Test(
        "error events count, nested and flat, with and without a name",
        arguments: [
            #"{"type":"error","sequence_number":8,"code":"server_error","message":"The server had an error","param":null}"#,
            #"{"type":"error","error":{"type":"server_error","code":null,"message":"The server had an error"}}"#,
            #"{"error":{"type":"server_error","message":"The server had an error"}}"#,
        ]
    )
    func errors(data: String) {
        let error = #expect(throws: VendorError.self) { _ = try decode("event: error\ndata: \(data)\n\n") }
        #expect(error?.words.contains("server_error") == true)
        #expect(error?.message == "The server had an error")
        #expect(throws: VendorError.self) { _ = try decode("data: \(data)\n\n") }
    }

    @Test("calls of an answer that was cut are handed out only when they are complete")
    func cutCalls() throws {
        let output =
            #"[{"type":"function_call","id":"fc_1","call_id":"c1","name":"run","arguments":"{\"a\":1}","status":"completed"},"#
            + #"{"type":"function_call","id":"fc_2","call_id":"c2","name":"run","arguments":"{\"a\":","status":"incomplete"}]"#
        let text =
            #"data: {"type":"response.incomplete","response":{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":"#
            + output + "}}\n\n"
        let (events, _) = try decode(text)
        let calls = events.compactMap { event -> String? in
            if case .item(let item) = event, case .toolCall(let call) = item.content { call.id } else { nil }
        }
        #expect(calls == ["c1"])
        #expect(events.last == .finished(.length))
    }

    @Test("text, thought, a refusal and unknown events; the end counts more than the deltas")
    func text() throws {
        let lines = [
            #"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"Plan"}"#,
            #"{"type":"keepalive","sequence_number":3}"#,
            #"{"type":"response.output_text.delta","output_index":1,"delta":"Hel"}"#,
            #"{"type":"response.output_text.delta","output_index":1,"delta":""}"#,
            #"{"type":"response.output_text.delta","output_index":1,"delta":"lo \ud83d"}"#,
            #"{"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Plan."}],"encrypted_content":"gAA"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]}]}}"#,
        ]
        let (events, isFinished) = try decode(lines.map { "data: \($0)\n\n" }.joined())
        #expect(isFinished)
        #expect(events.contains(.reasoningDelta("Plan")))
        #expect(!events.contains(.textDelta("")))
        let items = events.compactMap { event -> ModelItem.Content? in
            if case .item(let item) = event { item.content } else { nil }
        }
        #expect(items == [.reasoning("Plan."), .assistant("Hello")])
        #expect(events.last == .finished(.stop))
    }
}
