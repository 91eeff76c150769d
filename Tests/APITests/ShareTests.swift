import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Shares")
struct ShareTests {
    /// An operator who signed in, with a chat.
    private struct Person {
        let harness: EdgeHarness
        let id: OperatorID
        let name: OperatorName
        let token: String
        var owner: PrincipalID { id.principal }

        init(_ harness: EdgeHarness, _ name: String, _ permissions: Set<Permission> = [.chat, .share])
            async throws
        {
            self.harness = harness
            self.name = try OperatorName(name)
            id = try await harness.operators.create(
                self.name,
                passphrase: Secret("three quiet words"),
                permissions: permissions,
                runAs: nil,
                by: .hash
            ).id
            let begun = try await harness.signIns.signIn(
                name: name,
                passphrase: Secret("three quiet words"),
                kind: .client,
                from: "192.0.2.1"
            )
            token = begun.credential.reveal()
        }

        func api(_ method: HTTPMethod, _ path: String, json: String? = nil) async throws -> Answer {
            try await harness.api(method, path, json: json, bearer: token)
        }

        func chat(title: String? = "Disk full") async throws -> ChatID {
            try await harness.chats.create(ChatDraft(title: title), owner: owner, at: harness.clock.now()).id
        }

        /// A turn that is over, with these events after its first.
        @discardableResult
        func say(
            _ text: String,
            in chat: ChatID,
            replacing: TurnID? = nil,
            _ bodies: [ChatEventBody] = []
        ) async throws -> TurnID {
            let model = ModelReference(provider: try ProviderID("fake"), model: "m")
            var draft = TurnDraft(message: [.text(text)], options: TurnOptions(model: model))
            draft.replacing = replacing
            draft.options.instructions = "hidden instructions"
            draft.message.append(.image(ImageContent(mediaType: "image/png", bytes: [7, 7, 7])))
            let now = harness.clock.now()
            let begun = try await harness.chats.begin(draft, in: chat, owner: owner, above: 0, at: now)
            let answer = ModelItem(.assistant("About \(text)"))
            let all =
                bodies + [
                    .modelFinished(call: 9, items: [answer], reason: .stop, usage: TokenUsage()),
                    .turnFinished(.completed, usage: TokenUsage(), failure: nil),
                ]
            let events = all.enumerated().map { index, body in
                ChatEvent(
                    body,
                    number: begun.event.number + 1 + Int64(index),
                    turn: begun.turn.id,
                    at: now
                )
            }
            try await harness.chats.record(
                events,
                of: begun.turn,
                TurnChange(state: .completed, reason: nil, usage: TokenUsage()),
                reserving: 0,
                at: now
            )
            return begun.turn.id
        }

        func share(_ chat: ChatID, _ more: String = "") async throws -> Answer {
            try await api(.post, "/v1/shares", json: "{\"chat\":\(chat.rawValue)\(more)}")
        }
    }

    /// A command that ran: what the model asked for, and what came of it.
    private static func command() throws -> [ChatEventBody] {
        let call = ToolCall(
            id: "call_1",
            request: .shell(commands: ["df -h <b>"], timeout: nil, maximumOutput: nil)
        )
        let thought = ModelItem(.reasoning("a thought"))
        let ticket = StepTicket(
            ticket: TicketID(session: SessionID(3), number: 4),
            session: try SessionName("ann-private"),
            state: "running",
            approval: nil
        )
        let step = ToolStepID(call: "call_1", index: 0)
        let ended = ShellCommandResult(stdout: "printed", stderr: "complained", outcome: .exit(code: 3))
        return [
            .modelFinished(
                call: 1,
                items: [thought, ModelItem(.toolCall(call))],
                reason: .toolCalls,
                usage: TokenUsage()
            ),
            .toolStarted(step, name: "shell"), .toolTicket(step, ticket),
            .toolFinished(step, .command(ended)),
        ]
    }

    private static func entries(_ answer: Answer) -> [String] {
        (answer["entries"]?.array ?? []).map { entry in
            let parts = entry["parts"]?.array?.map { $0["text"]?.string ?? $0["media_type"]?.string ?? "?" }
            let commands = entry["commands"]?.array?.compactMap(\.string)
            let code = entry["exit_code"]?.integer.map { "\($0)" }
            let detail = parts?.joined(separator: "+") ?? entry["text"]?.string ?? commands?.joined() ?? code
            return "\(entry["type"]?.string ?? "?"): \(detail ?? entry["state"]?.string ?? "")"
        }
    }

    @Test("a link shows what was said, and nothing of what is hidden, thought, printed or identifying")
    func shown() async throws {
        let ann = try await Person(EdgeHarness(), "ann-the-owner")
        let chat = try await ann.chat()
        try await ann.say("disks", in: chat, Self.command())
        let made = try await ann.share(chat)
        #expect(made.status == 201)
        let token = try #require(made["token"]?.string)
        #expect(token.utf8.count == 32)
        #expect(token.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        #expect(made["url"]?.string == "\(EdgeHarness.baseURL)/s/\(token)")
        let read = try await ann.harness.send(.get, "/v1/shared/\(token)")
        #expect(read.status == 200)
        #expect(read["title"]?.string == "Disk full")
        #expect(
            Self.entries(read) == [
                "message: disks+image/png", "call: df -h <b>", "result: 3", "answer: About disks",
            ]
        )
        let page = try await ann.harness.send(.get, "/s/\(token)")
        #expect(page.status == 200)
        for text in [
            "<h1>Disk full</h1>", "disks", "<pre>df -h &lt;b&gt;</pre>", "exit code 3", "<p>About disks</p>",
        ] {
            #expect(page.text.contains(text), "\(text)")
        }
        for answer in [read, page] {
            for hidden in [
                "hidden instructions", "a thought", "printed", "complained", "ann-", "operator", "BwcH",
                token,
            ] {
                #expect(!answer.text.contains(hidden), "\(hidden)")
            }
            #expect(answer.headers["X-Robots-Tag"]?.contains("noindex") == true)
            #expect(answer.headers["Referrer-Policy"] == "no-referrer")
            #expect(answer.headers["Cache-Control"] == "no-store")
            #expect(answer.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            #expect(answer.template?.contains("{token}") == true, "the log names the template")
        }
    }

    @Test("output is shown when that was chosen")
    func output() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let chat = try await ann.chat()
        try await ann.say("disks", in: chat, Self.command())
        let token = try #require(try await ann.share(chat, ",\"includes_output\":true")["token"]?.string)
        let read = try await ann.harness.send(.get, "/v1/shared/\(token)")
        let result = read["entries"]?.array?.first { $0["type"]?.string == "result" }
        #expect(result?["stdout"]?.string == "printed")
        #expect(result?["stderr"]?.string == "complained")
        let page = try await ann.harness.send(.get, "/s/\(token)").text
        for text in ["printed", "complained"] {
            #expect(page.contains("<pre class=\"output\">\(text)</pre>"))
        }
        // What the command was and what came of it are one card.
        #expect(page.split(separator: "<article").count == 2)
    }

    @Test("Markdown is rendered without its scripts, raw HTML and foreign pictures")
    func markdown() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let chat = try await ann.chat(title: "<script>1</script>")
        try await ann.say("**no** <script>alert(1)</script> [x](javascript:alert(1))", in: chat)
        let token = try #require(try await ann.share(chat)["token"]?.string)
        let page = try await ann.harness.send(.get, "/s/\(token)")
        #expect(page.text.contains("<strong>no</strong>"), "the answer is Markdown")
        #expect(
            page.text.contains("<div class=\"said\">**no** &lt;script&gt;"),
            "the question is as it was typed"
        )
        #expect(!page.text.contains("<script"))
        #expect(!page.text.contains("href=\"javascript:"))
        #expect(page.headers["Content-Security-Policy"]?.contains("img-src 'self'") == true)
    }

    @Test(
        "links of before go on working, and refusals are pages in the same design without ways into the server"
    )
    func address() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let token = try #require(try await ann.share(try await ann.chat())["token"]?.string)
        let page = try await ann.harness.send(.get, "/s/\(token)")
        let before = try await ann.harness.send(.get, "/share/\(token)")
        #expect(before.status == 200 && before.text == page.text)
        let refused = try await ann.harness.send(.get, "/s/wrong")
        #expect(refused.status == 404 && refused.text.contains("share_not_found"))
        for answer in [page, refused] {
            #expect(answer.headers["Content-Type"]?.hasPrefix("text/html") == true)
            #expect(answer.text.contains("href=\"/base/assets/\(HTMLPage.sheetFile)\""))
            #expect(!answer.text.contains("/base/app") && !answer.text.contains("style="))
        }
    }

    @Test(
        "functions, long outputs and what was cut off are drawn, with colours and without their escape sequences"
    )
    func cards() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let chat = try await ann.chat()
        let lines = (1...30).map { "\u{1B}[31mline \($0)\u{1B}[0m" }.joined(separator: "\n")
        let call = { (id: String, name: String, arguments: String) in
            ModelItem(.toolCall(ToolCall(id: id, request: .function(name: name, arguments: arguments))))
        }
        try await ann.say(
            "look",
            in: chat,
            [
                .modelFinished(
                    call: 1,
                    items: [
                        call("a", "shell", "{\"command\":\"ls\"}"),
                        call("b", "ticket_output", "{\"ticket\":\"<i>\"}"),
                        call("c", "shell", "{\"command\":\"never\"}"),
                    ],
                    reason: .toolCalls,
                    usage: TokenUsage()
                ),
                .toolFinished(ToolStepID(call: "b", index: 0), .text("no such ticket", isError: true)),
                .toolFinished(ToolStepID(call: "a", index: 0), .text(lines, isError: false)),
            ]
        )
        let token = try #require(try await ann.share(chat, ",\"includes_output\":true")["token"]?.string)
        let page = try await ann.harness.send(.get, "/s/\(token)").text
        let cards = page.split(separator: "<article").dropFirst().map(String.init)
        #expect(cards.count == 3)
        #expect(cards[0].contains("<pre>ls</pre>") && cards[0].contains("<summary>20 more lines</summary>"))
        #expect(cards[0].contains("<span class=\"fg-1\">line 30</span>") && !page.contains("\u{1B}"))
        #expect(cards[1].contains("<pre class=\"function\">ticket_output</pre>"))
        #expect(cards[1].contains("<span class=\"hljs-string\">&quot;&lt;i&gt;&quot;</span>"))
        #expect(cards[1].contains("Failed") && cards[1].contains("no such ticket"))
        #expect(cards[2].contains("<pre>never</pre>") && cards[2].contains("No result here"))
    }

    @Test("a snapshot stays as it was; a following share goes on, without turns that were replaced")
    func extents() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let chat = try await ann.chat(title: "Then")
        try await ann.say("one", in: chat)
        let second = try await ann.say("two", in: chat)
        let snapshot = try #require(try await ann.share(chat)["token"]?.string)
        let following = try #require(try await ann.share(chat, ",\"following\":true")["token"]?.string)
        try await ann.say("three", in: chat)
        try await ann.say("two, edited", in: chat, replacing: second)
        let later = try #require(try await ann.share(chat)["token"]?.string)
        _ = try await ann.harness.chats.change(
            chat,
            owner: ann.owner,
            ChatChange(title: "Now"),
            above: 0,
            at: ann.harness.clock.now()
        )
        let read: (String) async throws -> (String?, [String]) = { token in
            let answer = try await ann.harness.send(.get, "/v1/shared/\(token)")
            let said = Self.entries(answer).filter { $0.hasPrefix("answer: ") }
            return (answer["title"]?.string, said.map { String($0.dropFirst("answer: About ".count)) })
        }
        #expect(try await read(snapshot) == ("Then", ["one", "two"]))
        #expect(try await read(following) == ("Now", ["one", "two, edited"]))
        #expect(try await read(later) == ("Then", ["one", "two, edited"]))
    }

    @Test("a long chat is read in pieces, page after page")
    func pieces() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let chat = try await ann.chat()
        let long = String(repeating: "x", count: 200_000)
        for number in 1...5 { try await ann.say("\(number)\(long)", in: chat) }
        let token = try #require(try await ann.share(chat)["token"]?.string)
        var said: [String] = []
        var after: Int64? = 0
        var rounds = 0
        while let number = after, rounds < 20 {
            let answer = try await ann.harness.send(
                .get,
                "/v1/shared/\(token)",
                query: [("after", "\(number)")]
            )
            #expect(answer.body.count < 1 << 20)
            said += Self.entries(answer).filter { $0.hasPrefix("message") }.map {
                String($0.dropFirst(9).prefix(1))
            }
            after = answer["next"]?.integer
            rounds += 1
        }
        #expect(said == ["1", "2", "3", "4", "5"])
        #expect(rounds > 2)
        let page = try await ann.harness.send(.get, "/s/\(token)").text
        #expect(page.contains("href=\"?after="))
        #expect(!page.contains(">5x"))
    }

    @Test("a link that is wrong, revoked or expired, or whose chat or owner is gone, leads nowhere")
    func gone() async throws {
        let harness = EdgeHarness()
        let ann = try await Person(harness, "ann")
        let status: (String?) async throws -> Int = { token in
            let answer = try await harness.send(.get, "/v1/shared/\(try #require(token))")
            if answer.status != 200 { #expect(answer.code == "share_not_found") }
            #expect(try await harness.send(.get, "/s/\(token ?? "")").status == answer.status)
            return answer.status
        }
        for wrong in ["x", String(repeating: "0", count: 32), String(repeating: "a", count: 4_000)] {
            #expect(try await status(wrong) == 404)
        }
        let revoked = try await ann.share(try await ann.chat())
        #expect(try await status(revoked["token"]?.string) == 200)
        let path = "/v1/shares/\(revoked["id"]?.integer ?? 0)"
        for _ in 0..<2 { #expect(try await ann.api(.delete, path).status == 204) }
        #expect(try await status(revoked["token"]?.string) == 404)
        #expect(try await ann.api(.get, path)["live"]?.bool == false)

        let expiring = try await ann.share(try await ann.chat(), ",\"lifetime_seconds\":60")
        harness.clock.advance(by: .seconds(59))
        #expect(try await status(expiring["token"]?.string) == 200)
        harness.clock.advance(by: .seconds(1))
        #expect(try await status(expiring["token"]?.string) == 404)

        let chat = try await ann.chat()
        let orphan = try await ann.share(chat)
        #expect(try await harness.chats.remove(chat, owner: ann.owner))
        #expect(try await status(orphan["token"]?.string) == 404)

        let disabled = try await ann.share(try await ann.chat())
        try await harness.operators.disable(ann.name, by: .hash)
        #expect(try await status(disabled["token"]?.string) == 404)
    }

    @Test("only the owner shares, and sees and revokes it; the hash, tokens and other operators do not")
    func owners() async throws {
        let harness = EdgeHarness()
        let ann = try await Person(harness, "ann")
        let bob = try await Person(harness, "bob")
        let eve = try await Person(harness, "eve", [.chat])
        let chat = try await ann.chat()
        let mine = try await ann.share(chat)
        let path = "/v1/shares/\(mine["id"]?.integer ?? 0)"
        #expect(try await bob.share(chat).code == "chat_not_found")
        #expect(try await bob.api(.get, path).code == "share_not_found")
        #expect(try await bob.api(.delete, path).code == "share_not_found")
        #expect(try await bob.api(.get, "/v1/shares")["shares"]?.array?.isEmpty == true)
        #expect(try await eve.share(try await eve.chat()).code == "permission_missing")
        #expect(try await harness.api(.get, "/v1/shares").code == "sign_in_required")
        #expect(try await harness.api(.post, "/v1/shares", json: "{\"chat\":1}").code == "sign_in_required")
        let listed = try await ann.api(.get, "/v1/shares")
        #expect(listed["shares"]?.array?.count == 1)
        #expect(listed["shares"]?.array?.first?["token"] == nil)
        #expect(!listed.text.contains(mine["token"]?.string ?? "?"))
    }

    @Test("mistakes are named")
    func mistakes() async throws {
        let ann = try await Person(EdgeHarness(), "ann")
        let chat = try await ann.chat()
        #expect(try await ann.api(.post, "/v1/shares", json: "{}").code == "invalid_field")
        #expect(try await ann.share(chat, ",\"lifetime_seconds\":59").code == "invalid_share_lifetime")
        #expect(try await ann.share(chat, ",\"lifetime_seconds\":31536001").code == "invalid_share_lifetime")
        #expect(try await ann.share(chat, ",\"token\":1").code == "unknown_field")
        #expect(try await ann.api(.get, "/v1/shares/x").code == "share_not_found")
        let made = try await ann.share(chat)
        let year = Timestamp(microseconds: ann.harness.clock.now().microseconds) + .seconds(365 * 86_400)
        #expect(made["expires"]?.string == year.rfc3339)
    }

    @Test("fifty look-ups an hour from one address; going on in a share is not counted, wrong tokens are")
    func lookups() async throws {
        let harness = EdgeHarness()
        let ann = try await Person(harness, "ann")
        let token = try #require(try await ann.share(try await ann.chat())["token"]?.string)
        for _ in 0..<60 {
            let more = try await harness.send(.get, "/v1/shared/\(token)", query: [("after", "1")])
            #expect(more.status == 200)
        }
        for number in 0..<50 {
            let query = number % 2 == 0 ? [] : [("after", "1")]
            #expect(try await harness.send(.get, "/s/wrong\(number)", query: query).status == 404)
        }
        for path in ["/v1/shared/\(token)", "/s/\(token)"] {
            let refused = try await harness.send(.get, path)
            #expect(refused.status == 429)
            #expect(refused.headers["Retry-After"] == "3600")
        }
        let elsewhere = try await harness.send(.get, "/s/\(token)", clientAddress: "2001:db8::1")
        #expect(elsewhere.status == 200)
        harness.clock.advance(by: .seconds(3_600))
        #expect(try await harness.send(.get, "/s/\(token)").status == 200)
    }
}
