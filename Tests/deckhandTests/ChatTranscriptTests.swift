import Core
import HTTPClient
import Testing

@testable import deckhand

@Suite struct ChatTranscriptTests {
    private func event(_ kind: String, _ json: String, number: Int = 1) throws -> ChatEventView.Body {
        let event = ServerSentEvent(event: kind, data: json, id: String(number))
        return try #require(ChatEventView(event)).body
    }

    private func shown(
        _ events: [(String, String)],
        reasoning: Bool = false,
        paint: Bool = false
    ) throws -> (answer: String, all: String) {
        var transcript = ChatTranscript(paint: TerminalPaint(isOn: paint), showsReasoning: reasoning)
        var answer = ""
        var all = ""
        for (kind, json) in events {
            for piece in transcript.take(try event(kind, json)) {
                switch piece {
                case .answer(let text):
                    answer += text
                    all += text
                case .note(let text): all += text
                }
            }
        }
        return (answer, all)
    }

    private static let call = #"""
        {"call":1,"items":[{"type":"assistant","text":"I look."},{"type":"tool_call","id":"c1","name":"shell",
        "commands":["ls /nope","echo \u001b[2Jhi"]}],"usage":{"input":1,"cached_input":0,"output":1,"reasoning":0}}
        """#

    @Test("a file that was made is named in one line, and cannot write elsewhere on the screen")
    func file() throws {
        let json =
            #"{"artifact":{"id":7,"type":"table","title":"Jobs\u001b[2J","media_type":"text/csv","size":8}}"#
        let (answer, all) = try shown([("artifact.made", json)])
        #expect(answer.isEmpty && all.hasPrefix("file: Jobs") && !all.contains("\u{1B}"), "\(all)")
        #expect(all.hasSuffix("(text/csv) at /v1/artifacts/7/content\n"), "\(all)")
    }

    @Test("a turn with commands reads from top to bottom, the answer apart from the rest")
    func turn() throws {
        let (answer, all) = try shown([
            ("turn.started", #"{"message":[{"type":"text","text":"q"}]}"#), ("model.started", #"{"call":1}"#),
            ("text", #"{"call":1,"text":"I "}"#), ("text", #"{"call":1,"text":"look."}"#),
            ("model.finished", Self.call), ("tool.started", #"{"call_id":"c1","step":0,"name":"shell"}"#),
            (
                "tool.ticket",
                #"{"call_id":"c1","step":0,"session":"chat-1","session_id":4,"number":2,"state":"running"}"#
            ),
            ("tool.finished", #"{"call_id":"c1","step":0,"stdout":"","stderr":"ls: no\n","exit_code":2}"#),
            ("tool.started", #"{"call_id":"c1","step":1,"name":"shell"}"#),
            ("tool.finished", #"{"call_id":"c1","step":1,"stdout":"hi\n","stderr":"","exit_code":0}"#),
            ("model.started", #"{"call":2}"#), ("text", #"{"call":2,"text":"Done.\n"}"#),
            ("turn.finished", #"{"state":"completed","usage":{"input":5,"output":6}}"#),
        ])
        #expect(answer == "I look.\nDone.\n")
        #expect(
            all == """
                I look.
                ▸ $ ls /nope
                  ticket chat-1/2: running
                  ! ls: no
                  ✗ exit 2
                ▸ $ echo \\u{1B}[2Jhi
                  │ hi
                  ✓ exit 0
                Done.

                """
        )
    }

    @Test("deltas that are missing are made up for by the complete answer, and nothing is said twice")
    func deltas() throws {
        let full = #"{"call":1,"items":[{"type":"assistant","text":"one two"}]}"#
        let finished = ("model.finished", full)
        let start = ("model.started", #"{"call":1}"#)
        #expect(try shown([start, finished]).answer == "one two\n")
        #expect(try shown([start, ("text", #"{"call":1,"text":"one"}"#), finished]).answer == "one two\n")
        #expect(
            try shown([start, ("text", #"{"call":1,"text":"one two"}"#), finished]).answer == "one two\n"
        )
        #expect(try shown([start, ("text", #"{"call":1,"text":"x"}"#), finished]).answer == "x\none two\n")
        let cut = ("model.interrupted", #"{"call":1,"text":"one"}"#)
        let again = ("model.started", #"{"call":2}"#)
        let (answer, all) = try shown([start, ("text", #"{"call":1,"text":"one"}"#), cut, again, finished])
        #expect(answer == "one\none two\n" && all.contains("cut off"))
    }

    @Test("long outputs are cut with a count")
    func long() throws {
        let lines = (1...25).map { "line \($0)\\n" }.joined()
        let all = try shown([
            ("tool.started", #"{"call_id":"c","step":0,"name":"shell"}"#),
            ("tool.finished", #"{"call_id":"c","step":0,"stdout":"\#(lines)","stderr":"","exit_code":0}"#),
        ]).all
        #expect(all.contains("│ line 10\n") && !all.contains("line 11"))
        #expect(all.contains("… (15 more lines)"))
    }

    @Test("no byte of a model or a command steers the terminal, with colours or without")
    func safety() throws {
        let evil = #"a\u001b]0;t\u0007b\u009b31mc\rd\u202ee\u0000f\u2028g"#
        for paint in [false, true] {
            let all = try shown(
                [
                    ("model.started", #"{"call":1}"#), ("reasoning", #"{"call":1,"text":"\#(evil)"}"#),
                    ("text", #"{"call":1,"text":"\#(evil)"}"#),
                    (
                        "model.finished",
                        #"{"call":1,"items":[{"type":"tool_call","id":"c","name":"shell","commands":["\#(evil)"]}]}"#
                    ),
                    ("tool.started", #"{"call_id":"c","step":0,"name":"\#(evil)"}"#),
                    (
                        "tool.ticket",
                        #"{"call_id":"c","step":0,"session":"\#(evil)","number":1,"state":"running"}"#
                    ),
                    ("tool.finished", #"{"call_id":"c","step":0,"text":"\#(evil)","error":true}"#),
                    (
                        "turn.finished",
                        #"{"state":"failed","usage":{},"failure":{"code":"x","message":"\#(evil)","hint":"\#(evil)"}}"#
                    ),
                ],
                reasoning: true,
                paint: paint
            ).all
            // What remains of escapes is our own colours.
            let bare = all.replacing("\u{1B}[", with: "").unicodeScalars
            #expect(
                bare.allSatisfy { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control },
                "\(all.debugDescription)"
            )
            #expect(!paint || all.contains("\u{1B}[1m"))
            #expect(!all.contains("\u{1B}]") && !all.contains("\u{202E}") && !all.contains("\u{2028}"))
            #expect(all.contains("\\u{1B}]0;t\\u{7}b\\u{9B}31mc"))
        }
    }

    @Test("colours are off where nobody wants them")
    func colours() {
        #expect(TerminalPaint([:], isTerminal: true).isOn)
        #expect(TerminalPaint(["NO_COLOR": ""], isTerminal: true).isOn)
        #expect(!TerminalPaint(["NO_COLOR": "1"], isTerminal: true).isOn)
        #expect(!TerminalPaint(["TERM": "dumb"], isTerminal: true).isOn)
        #expect(!TerminalPaint([:], isTerminal: false).isOn)
    }

    @Test("what is no event of a chat is passed over")
    func malformed() {
        #expect(ChatEventView(ServerSentEvent(event: "text", data: "{}", id: "")) == nil)
        #expect(ChatEventView(ServerSentEvent(event: "text", data: "[", id: "1")) == nil)
        #expect(ChatEventView(ServerSentEvent(event: "new.kind", data: "{}", id: "1"))?.body == .other)
    }
}
