import Domain
import TestSupport
import Testing

@testable import API

@Suite("Putting an answer together")
struct AnswerAssemblerTests {
    private static func assemble(_ events: [ModelEvent], offersShell: Bool = false) throws
        -> (answer: AnswerAssembler, steps: [AnswerAssembler.Step])
    {
        var assembler = AnswerAssembler(offersShell: offersShell)
        var steps: [AnswerAssembler.Step] = []
        for event in events { steps += try assembler.take(event) }
        return (assembler, steps)
    }

    private static func call(_ name: String, _ arguments: String) -> ModelEvent {
        .item(ModelItem(.toolCall(ToolCall(id: "x", request: .function(name: name, arguments: arguments)))))
    }

    @Test("text after a call is a message of its own, and each item closes its own output")
    func order() throws {
        let (answer, steps) = try Self.assemble([
            .textDelta("a"), .toolCallBegan(index: 0, name: "f"), .textDelta("b"),
            .item(ModelItem(.assistant("a"))), Self.call("f", "{}"), .item(ModelItem(.assistant("b!"))),
            .finished(.toolCalls),
        ])
        #expect(answer.outputs.map(\.kind) == [.message, .function, .message])
        #expect(answer.outputs.map(\.text) == ["a", "{}", "b!"])
        #expect(answer.outputs.map(\.rank) == [0, 1, 2])
        #expect(steps.suffix(5) == [.closed(0), .text(1, "{}"), .closed(1), .text(2, "!"), .closed(2)])
    }

    @Test("a call that was cut stays incomplete, and does not take the place of the next one")
    func cut() throws {
        let (answer, _) = try Self.assemble([
            .toolCallBegan(index: 0, name: "f"), .toolCallDelta(index: 0, command: nil, text: #"{"a"#),
            .toolCallBegan(index: 1, name: "f"), .toolCallDelta(index: 1, command: nil, text: #"{"b":1}"#),
            Self.call("f", #"{"b":1}"#), .finished(.length),
        ])
        #expect(answer.outputs.map(\.isWhole) == [false, true])
        #expect(answer.outputs.map(\.call) == [0, 1])
        #expect(answer.hasCalls)
        #expect(ChatCompletionWriter.finish(answer) == "length")
    }

    @Test("a complete item without deltas is told whole")
    func whole() throws {
        let (answer, steps) = try Self.assemble([
            .item(ModelItem(.assistant("Hi"))), Self.call("f", "{}"), .finished(.stop),
        ])
        #expect(
            steps == [
                .opened(0), .text(0, "Hi"), .closed(0), .opened(1), .text(1, "{}"), .closed(1),
            ]
        )
        #expect(ChatCompletionWriter.finish(answer) == "tool_calls")
    }

    @Test("the shell as a function: commands at the end only, arguments never shown")
    func shell() throws {
        let (answer, steps) = try Self.assemble(
            [
                .toolCallBegan(index: 0, name: "shell"),
                .toolCallDelta(index: 0, command: nil, text: #"{"commands":"#),
                Self.call("shell", #"{"commands":["ls","pwd"],"max_output_length":9}"#),
                .finished(.toolCalls),
            ],
            offersShell: true
        )
        #expect(
            steps == [
                .opened(0), .command(0, index: 0, "ls"), .command(0, index: 1, "pwd"), .closed(0),
            ]
        )
        #expect(answer.outputs[0].maximumOutput == 9)
    }

    @Test("an answer beyond the bound is an error")
    func bound() throws {
        let piece = String(repeating: "x", count: 8 << 20)
        #expect(throws: Failure.self) {
            try Self.assemble(Array(repeating: .textDelta(piece), count: 9))
        }
    }

    @Test(
        "thoughts in the provider's own form come back from their seal, for whom they were sealed; others' texts do not"
    )
    func envelope() {
        let native = NativeItem(dialect: "openai-responses", json: Array(#"{"type":"reasoning"}"#.utf8))
        let seal = ThoughtSeal(FakeSealer(), for: PrincipalID("token:1"))
        let thought = ThoughtSeal.Thought(native: native, position: 3)
        let text = seal.text(of: thought)
        #expect(seal.thought(text) == thought)
        #expect(ThoughtSeal(FakeSealer(), for: PrincipalID("token:2")).thought(text) == nil)
        for text in ["", "gAAAA", "dh1.0.YQ.e30", "dh2.", "dh2.0.YQ.e30", String(text.dropFirst(4))] {
            #expect(seal.thought(text) == nil, "\(text)")
        }
    }
}
