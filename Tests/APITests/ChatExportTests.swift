import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Chats to take away")
struct ChatExportTests {
    @Test("Markdown reads as the conversation went, without what was tried again")
    func markdown() async throws {
        let harness = try await AssistantHarness([
            .text("Wrong."), .calls([AssistantHarness.call("c1", "df -h")], saying: "I look."),
            .text("The disk is **full**."),
        ])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            let path = "/v1/chats/\(chat)/turns"
            _ = try await ann.api(.post, path, json: #"{"message":"Hm?","stream":true}"#)
            _ = try await ann.api(
                .post,
                path,
                json: #"{"message":"Is the disk full?","replacing":1,"stream":true}"#
            )
        }
        let answer = try await ann.api(.get, "/v1/chats/\(chat)/export")
        #expect(answer.headers["Content-Type"] == "text/markdown; charset=utf-8")
        #expect(answer.headers["Content-Disposition"] == "attachment; filename=\"chat-\(chat).md\"")
        var rest = answer.text[...]
        for part in [
            "# Hm?\n", "## Question, 2026-03-01T09:30:00", "\nIs the disk full?\n", "\nI look.\n",
            "\n```sh\ndf -h\n```\n", "ok", "\nThe disk is **full**.\n",
        ] {
            let range = try #require(rest.firstRange(of: part), "\(part) in \(answer.text)")
            rest = rest[range.upperBound...]
        }
        #expect(!answer.text.contains("Wrong."))
    }

    @Test("JSON holds the chat with all its turns and facts, and no pieces")
    func json() async throws {
        let harness = try await AssistantHarness([.text("On", "e."), .text("Two.")])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            for _ in 1...2 {
                _ = try await ann.api(
                    .post,
                    "/v1/chats/\(chat)/turns",
                    json: #"{"message":"x","stream":true}"#
                )
            }
        }
        let answer = try await ann.api(.get, "/v1/chats/\(chat)/export", [("format", "json")])
        #expect(answer.headers["Content-Type"] == "application/json")
        let shown = try await ann.api(.get, "/v1/chats/\(chat)")
        #expect(answer["chat"] == shown.json)
        #expect(answer["turns"]?.array?.compactMap { $0["id"]?.integer } == [2, 1])
        let kinds = answer["events"]?.array?.compactMap { $0["event"]?.string } ?? []
        #expect(kinds.filter { $0 == "turn.finished" }.count == 2 && !kinds.contains("text"))
        #expect(try await ann.api(.get, "/v1/chats/9/export").code == "chat_not_found")
        #expect(try await ann.api(.get, "/v1/chats/\(chat)/export", [("format", "pdf")]).status == 400)
    }

    @Test("nothing in an output ends its block or moves a terminal's cursor")
    func blocks() {
        var markdown = ChatMarkdown()
        let result = ShellCommandResult(
            stdout: "a\n```\n````\u{1B}[2Kb",
            stderr: "",
            outcome: .exit(code: 1)
        )
        let text = markdown.text(
            of: .toolFinished(ToolStepID(call: "c", index: 0), .command(result)),
            at: Timestamp(seconds: 0)
        )
        #expect(text == "\n`````text\na\n```\n````\u{FFFD}[2Kb\n`````\n\n*Exit code 1.*\n")
    }
}
