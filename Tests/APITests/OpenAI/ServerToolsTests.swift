import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("Tools of the server behind the OpenAI-compatible routes")
struct ServerToolsTests {
    private static let allowed: Set<Permission> = [.chat, .chatTools, .shellRead, .shellRun, .shellInput]
    private static let ask = #"""
        {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},
         {"role":"assistant","content":"Hello."},{"role":"user","content":"How is it?"}]}
        """#

    @Test("the model's command runs as a ticket of a tool, and what the turn says is the answer")
    func turn() async throws {
        let harness = try await AssistantHarness([
            .calls([AssistantHarness.call("c", "uptime")], saying: "I look."), .text("All ", "is well."),
        ])
        let program = try await harness.program(Self.allowed)
        try await harness.running {
            for streams in [false, true] {
                // The same key, so that the second one is told of the first one's turn.
                let answer = try await program.api(
                    .post,
                    "/v1/chat/completions",
                    json: streams ? String(Self.ask.dropLast()) + #","stream":true}"# : Self.ask,
                    headers: ["Idempotency-Key": "k1"]
                )
                #expect(answer.status == 200)
                let text =
                    streams
                    ? answer.events.dropLast().compactMap { event in
                        (try? JSONValue(parsing: Array(event.data.utf8)))?["choices"]?.array?
                            .first?["delta"]?["content"]?.string
                    }.joined() : answer["choices"]?.array?.first?["message"]?["content"]?.string
                #expect(text == "I look.\n\nAll is well.")
            }
        }
        #expect(harness.runner.started.map(\.command) == ["uptime"])
        let requests = harness.model.requests
        #expect(requests.count == 2)
        let names = requests[0].tools.compactMap { tool in
            if case .function(let function) = tool { function.name } else { nil }
        }
        #expect(names == ["shell", "ticket_output", "ticket_cancel"])
        #expect(
            requests[0].items.map(\.content) == [
                .system("Be brief."), .user([.text("Hi")]), .assistant("Hello."),
                .user([.text("How is it?")]),
            ]
        )
        let ticket = try await harness.services.tickets.ticket(
            number: 1,
            in: try SessionName("chat-1"),
            as: AccessService.hashPrincipal
        )
        #expect(ticket.origin == .tool)
        let rows = try await harness.stores.usage.rows(of: nil, before: nil, limit: 10).elements
        #expect(rows.map(\.context.door) == [.openai, .openai])
        #expect(rows.allSatisfy { $0.context.turn != nil })
    }

    @Test("a command that a person has to approve is refused to the model with words for its person")
    func approval() async throws {
        let harness = try await AssistantHarness(
            [.calls([AssistantHarness.call("c", "rm -r /srv")]), .text("Please decide.")],
            policy: FakePolicy { _ in .ask(reason: "it changes something", rule: "r") }
        )
        let program = try await harness.program(Self.allowed)
        try await harness.running {
            let answer = try await program.api(.post, "/v1/chat/completions", json: Self.ask)
            #expect(answer["choices"]?.array?.first?["message"]?["content"]?.string == "Please decide.")
        }
        #expect(harness.runner.started.isEmpty)
        guard case .toolResult(let result) = harness.model.requests.last?.items.last?.content,
            case .parts(let parts, true) = result.content, case .text(let text)? = parts.first
        else {
            Issue.record("the model was not refused")
            return
        }
        #expect(text.contains("a person has to approve it first"))
    }

    @Test(
        "tools are not used without the permission, beside the caller's own, or where the request says so",
        arguments: [
            (#""x":1"#, Set<Permission>([.chat, .shellRead, .shellRun])),
            (#""x":1"#, [.chat, .chatTools, .shellRead]),
            (#""tools":[{"type":"function","function":{"name":"f"}}]"#, ServerToolsTests.allowed),
            (#""tool_choice":"none""#, ServerToolsTests.allowed),
            (#""response_format":{"type":"json_object"}"#, ServerToolsTests.allowed),
        ] as [(String, Set<Permission>)]
    )
    func passing(member: String, permissions: Set<Permission>) async throws {
        let harness = try await AssistantHarness([.text("Hi")])
        let answer = try await harness.program(permissions).api(
            .post,
            "/v1/chat/completions",
            json: #"{"messages":[{"role":"user","content":"x"}],\#(member)}"#
        )
        #expect(answer.status == 200)
        let request = try #require(harness.model.requests.first)
        #expect(request.tools.count == (member.contains("tools") ? 1 : 0))
        #expect(request.context.turn == nil)
    }

    @Test("a turn is marked to end with its caller unless a key lets that one come back")
    func endsWithCaller() async throws {
        let harness = try await AssistantHarness([.text("Hi"), .text("Hi")])
        let program = try await harness.program(Self.allowed)
        try await harness.running {
            for (chat, headers) in [(1, [:]), (2, ["Idempotency-Key": "k1"])] as [(Int, HTTPHeaders)] {
                let answer = try await program.api(
                    .post,
                    "/v1/chat/completions",
                    json: Self.ask,
                    headers: headers
                )
                #expect(answer.status == 200)
                let page = try await program.api(.get, "/v1/chats/\(chat)/events", [("format", "json")])
                let started = page["events"]?.array?.first?["data"]
                #expect(started?["ends_with_caller"]?.bool == (chat == 1 ? true : nil), "\(page.text)")
            }
        }
    }

    @Test("a client that leaves ends the turn")
    func leaving() async throws {
        let harness = try await AssistantHarness([ScriptedAnswer([.events([.textDelta("He")]), .hang])])
        let program = try await harness.program(Self.allowed)
        try await harness.running {
            let ask = String(Self.ask.dropLast()) + #","stream":true}"#
            let response = await program.respond(.post, "/v1/chat/completions", json: ask)
            try await LiveStream.following(response) { stream in
                _ = try await stream.until("text") { $0.contains { $0.data.contains("He") } }
            }
            try await eventually("the turn is over") {
                try await program.api(.get, "/v1/turns/1")["state"]?.string == "cancelled"
            }
        }
        #expect(harness.model.cancelledCalls == 1)
    }
}

@Suite("The words of a turn as an answer")
struct TurnWordsTests {
    private static func text(_ events: [ModelEvent]) -> String {
        events.reduce(into: "") { if case .textDelta(let more) = $1 { $0 += more } }
    }

    @Test("complete text fills in what was not shown; calls are paragraphs; a stop explains itself")
    func words() throws {
        var words = TurnWords()
        var all = ""
        let stop = Failure(.tooLarge, code: "tokens_capped", message: "It stopped.", hint: "Go on.")
        for event: ChatEventBody in [
            .modelStarted(call: 1), .text(call: 1, "He"),
            .modelFinished(
                call: 1,
                items: [ModelItem(.assistant("Hello"))],
                reason: .toolCalls,
                usage: TokenUsage()
            ),
            .modelFinished(call: 2, items: [ModelItem(.refusal("No."))], reason: .stop, usage: TokenUsage()),
            .turnFinished(.stopped, usage: TokenUsage(input: 1), failure: stop),
        ] { all += Self.text(try words.take(event)) }
        #expect(all == "Hello\n\nNo.\n\nIt stopped. Go on.")
        #expect(words.isOver)
    }

    @Test("a turn that failed is its failure")
    func failure() {
        var words = TurnWords()
        let failure = Failure(.rateLimited, code: "provider_rate_limited", message: "Slow down.")
        #expect(throws: failure) {
            try words.take(.turnFinished(.failed, usage: TokenUsage(), failure: failure))
        }
    }
}
