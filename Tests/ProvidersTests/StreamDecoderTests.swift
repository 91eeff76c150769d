import Core
import Testing
@testable import Domain
@testable import Providers

@Suite("Decoders of answers")
struct StreamDecoderTests {
    static let fixtures = ["chat-1.sse", "chat-2.sse", "anthropic-1.sse", "gemini-1.sse"]

    @Test("an answer cut at any byte is the same answer", arguments: fixtures)
    func anyCut(fixture: String) throws {
        let bytes = try Fixture.bytes(fixture)
        let whole = try Replay.run([bytes], try Replay.decoder(for: fixture))
        #expect(whole.isFinished)
        for cut in bytes.indices {
            let result = try Replay.run(
                [Array(bytes[..<cut]), Array(bytes[cut...])],
                try Replay.decoder(for: fixture)
            )
            #expect(result == whole, "cut at \(cut)")
        }
        let single = try Replay.run(bytes.map { [$0] }, try Replay.decoder(for: fixture))
        #expect(single == whole)
    }

    @Test("an answer that breaks off is not finished and hands out no calls", arguments: fixtures)
    func breaksOff(fixture: String) throws {
        let bytes = try Fixture.bytes(fixture)
        // What says why the model stopped; all that counts is there behind it.
        let word =
            fixture.hasPrefix("chat")
            ? #""finish_reason":""# : fixture.hasPrefix("gemini") ? "finishReason" : #""stop_reason":""#
        let mark = try #require(bytes.firstRange(of: Array(word.utf8)))
        for end in 0..<mark.lowerBound {
            let result = try Replay.run([Array(bytes[..<end])], try Replay.decoder(for: fixture))
            #expect(!result.isFinished, "\(end) bytes")
            #expect(result.items.isEmpty, "\(end) bytes")
        }
    }

    @Test("Chat Completions: two calls whose arguments come mixed")
    func chatCalls() throws {
        let result = try Replay.run([Fixture.bytes("chat-1.sse")], Replay.decoder(for: "chat"))
        let usage = TokenUsage(input: 30, output: 12, reasoning: 4)
        let first = ToolCall(
            id: "call_a",
            request: .function(name: "run", arguments: #"{"cmd":"echo 日本"}"#)
        )
        let second = ToolCall(id: "call_b", request: .function(name: "run", arguments: #"{"cmd":"pwd"}"#))
        #expect(
            result.events == [
                .started(responseID: "chatcmpl-1"),
                .toolCallBegan(index: 0, name: "run"),
                .toolCallDelta(index: 0, command: nil, text: #"{"cmd":"#),
                .toolCallBegan(index: 1, name: "run"),
                .toolCallDelta(index: 1, command: nil, text: #"{"cmd":"pwd"}"#),
                .toolCallDelta(index: 0, command: nil, text: #""echo 日本"}"#),
                .usage(usage),
                .item(ModelItem(.toolCall(first))),
                .item(ModelItem(.toolCall(second))),
                .finished(.toolCalls),
            ]
        )
        #expect(result.usage == usage)
        #expect(usage.total == 42)
    }

    @Test("Chat Completions: text")
    func chatText() throws {
        let result = try Replay.run([Fixture.bytes("chat-2.sse")], Replay.decoder(for: "chat"))
        #expect(
            result.events == [
                .started(responseID: "chatcmpl-1"), .textDelta("Hé日"),
                .usage(TokenUsage(input: 9, output: 3)),
                .item(ModelItem(.assistant("Hé日"))), .finished(.stop),
            ]
        )
    }

    @Test("Anthropic: a thought with its signature, text and a call")
    func anthropic() throws {
        let result = try Replay.run([Fixture.bytes("anthropic-1.sse")], Replay.decoder(for: "anthropic"))
        let thought =
            #"{"signature":"EqQBCg==","thinking":"I should list","type":"thinking"}"#
        let call = ToolCall(
            id: "toolu_01",
            request: .function(name: "bash", arguments: #"{"command": "ls -la"}"#)
        )
        #expect(
            result.events == [
                .started(responseID: "msg_01"),
                .usage(TokenUsage(input: 25, output: 1)),
                .reasoningDelta("I should list"),
                .textDelta("Let me look 日"),
                .toolCallBegan(index: 0, name: "bash"),
                .toolCallDelta(index: 0, command: nil, text: #"{"command": "ls"#),
                .toolCallDelta(index: 0, command: nil, text: #" -la"}"#),
                .usage(TokenUsage(input: 25, output: 89)),
                .item(
                    ModelItem(
                        .reasoning("I should list"),
                        native: NativeItem(dialect: "anthropic", json: Array(thought.utf8))
                    )
                ),
                .item(ModelItem(.assistant("Let me look 日"))),
                .item(ModelItem(.toolCall(call))),
                .finished(.toolCalls),
            ]
        )
    }

    @Test("Gemini: a thought, text and a signed call, which come without a reason of their own")
    func gemini() throws {
        let result = try Replay.run([Fixture.bytes("gemini-1.sse")], Replay.decoder(for: "gemini"))
        let part =
            #"{"functionCall":{"args":{"cmd":"ls"},"id":"fc-1","name":"run"},"thoughtSignature":"c2ln_w=="}"#
        let call = ToolCall(id: "fc-1", request: .function(name: "run", arguments: #"{"cmd":"ls"}"#))
        #expect(
            result.events == [
                .started(responseID: "r1"),
                .usage(TokenUsage(input: 12, output: 28, reasoning: 28)),
                .reasoningDelta("**Planning**"),
                .textDelta("Listing 日"),
                .toolCallBegan(index: 0, name: "run"),
                .toolCallDelta(index: 0, command: nil, text: #"{"cmd":"ls"}"#),
                .usage(TokenUsage(input: 12, output: 37, reasoning: 28)),
                .item(ModelItem(.reasoning("**Planning**"))),
                .item(ModelItem(.assistant("Listing 日"))),
                .item(
                    ModelItem(
                        .toolCall(call),
                        native: NativeItem(dialect: "gemini", json: Array(part.utf8))
                    )
                ),
                .finished(.toolCalls),
            ]
        )
    }
}
