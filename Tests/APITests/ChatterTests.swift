import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("The panel assistant's contract")
struct ChatterTests {
    static func client(_ harness: AssistantHarness, _ user: String = "ann") -> PanelClient {
        PanelClient(user: user) { path, headers, body in
            var fields: HTTPHeaders = [:]
            for (name, value) in headers { fields[name] = value }
            let answer = try await harness.send(.post, path, headers: fields, body: body)
            return PanelClient.Reply(
                status: answer.status,
                body: answer.body,
                headers: Dictionary(answer.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
            )
        }
    }

    /// A model that asks for commands with the provider's own shell tool.
    static func shell(_ id: String, _ commands: String..., saying text: String = "") -> ScriptedAnswer {
        let call = ToolCall(
            id: id,
            request: .shell(commands: commands, timeout: .seconds(10), maximumOutput: 4_096)
        )
        return .calls([call], saying: text)
    }

    @Test("check-in, a command through the bridge, its result to the model, the answer, and the history")
    func walk() async throws {
        let harness = try await AssistantHarness([
            .calls([AssistantHarness.call("c1", "df -h /")], saying: "I look."),
            .text("The disk is ", "fine."),
            .text("You are welcome."),
        ])
        _ = try await harness.person()
        let client = Self.client(harness)
        try await harness.running {
            #expect(try await client.send("/check", .object([:])).text == "ok")
            let reply = try await client.checkIn(AssistantHarness.passphrase)
            #expect(reply.status == 200)
            #expect(reply.json.object.map { Set($0.keys) } == ["token", "userChatHistory"])
            #expect(await client.history.isEmpty)

            let asking = try await client.say("How is the disk?")
            #expect(asking.text == "I look." && asking.commands == ["df -h /"] && asking.isComplete)
            #expect(asking.types.first == "response.created" && asking.types.last == "response.completed")

            let run = try await client.run("df -h /").json
            #expect(run["success"] == .bool(true))
            #expect(run["received"]?["shellCmd"]?.string == "df -h /")
            #expect(run["received"]?["stdout"]?.string == "ok\n")
            #expect(run["received"]?["stderr"]?.string == "")
            #expect(run["received"]?["exitCode"]?.integer == 0)

            let answered = try await client.bring([run])
            #expect(answered.text == "The disk is fine." && answered.commands.isEmpty && answered.isComplete)
            let again = try await client.say("Thanks!")
            #expect(again.text == "You are welcome.")
        }
        let requests = harness.model.requests
        #expect(requests.count == 3)
        #expect(requests[0].instructions?.hasPrefix("You help with servers.") == true)
        #expect(requests[0].reasoning == .low && requests[0].verbosity == .medium)
        #expect(requests[0].context.door == .seed)
        let result = requests[1].items.compactMap { item in
            if case .toolResult(let result) = item.content { result } else { nil }
        }
        #expect(result.map(\.callID) == ["c1"], "the result belongs to the call, not to the person")
        #expect(requests[1].items.count == 4 && requests[2].items.count == 6)

        // Another check-in brings all of it back.
        let later = Self.client(harness)
        try await later.checkIn(AssistantHarness.passphrase)
        let history = await later.history
        await later.restoreMessages()
        let seen = await later.messages
        #expect(seen.map(\.role) == ["system", "user", "assistant", "assistant", "user", "assistant"])
        #expect(
            seen.map(\.text) == [
                "You help with servers.", "How is the disk?", "I look.", "The disk is fine.", "Thanks!",
                "You are welcome.",
            ]
        )
        #expect(Set(history.keys) == Set((0..<6).flatMap { ["i_\($0)", "c_\($0)", "t_\($0)"] }))
        #expect(history["c_0"] == .array([]) && history["t_0"] == .array([]))
        let entry = try #require(history["i_1"]?.object)
        #expect(Set(entry.keys) == ["u", "m", "t", "p", "k", "r", "d", "z"])
        #expect(entry["u"]?.string == "float-ann" && entry["m"]?.string == "model")
        #expect(entry["t"] == .number(0.8) && entry["p"] == .integer(1) && entry["k"] == .integer(1))
        #expect(entry["d"]?.string.map(Self.isDate) == true, "\(String(describing: entry["d"]))")
    }

    private static func isDate(_ text: String) -> Bool {
        text.wholeMatch(of: /\d\d\/\d\d\/\d\d\d\d \d\d:\d\d:\d\d/) != nil
    }

    @Test("dates are day, month, year, hour, minute and second")
    func dates() {
        #expect(ChatterEntry.date(Timestamp(seconds: 1_772_357_405)) == "01/03/2026 09:30:05")
    }

    @Test("several commands of the provider's own shell tool, with their limits, and one result each")
    func nativeShell() async throws {
        let harness = try await AssistantHarness(
            [Self.shell("call_9", "echo 'hé日'", "pwd"), .text("Done.")],
            capabilities: ModelCapabilities(shellTool: true)
        )
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            let asking = try await client.say("Where am I?")
            #expect(asking.text.isEmpty && asking.commands == ["echo 'hé日'", "pwd"])
            let results = [
                #"{"success":true,"received":{"shellCmd":"x","stdout":"hé日\n","stderr":"w","exitCode":3}}"#,
                #"{"success":true,"received":{"shellCmd":"pwd","stdout":"","stderr":"","exitCode":124,"timedOut":true}}"#,
            ].map { (try? JSONValue(parsing: Array($0.utf8))) ?? .null }
            let done = try await client.bring(results)
            #expect(done.text == "Done.")
        }
        #expect(harness.model.requests[0].tools == [.shell])
        let last = harness.model.requests[1].items.last
        #expect(
            last?.content
                == .toolResult(
                    ToolResult(
                        callID: "call_9",
                        name: "shell",
                        content: .shell(
                            [
                                ShellCommandResult(stdout: "hé日\n", stderr: "w", outcome: .exit(code: 3)),
                                ShellCommandResult(stdout: "", stderr: "", outcome: .timeout),
                            ],
                            maximumOutput: 4_096
                        )
                    )
                )
        )
    }

    @Test("results whose call is not known become a message of the user, as that server made it")
    func unknownCall() async throws {
        let harness = try await AssistantHarness([.text("I see.")])
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            let more: [String: JSONValue] = [
                "cmdResults": .array([
                    .object(["stdout": .string("a"), "stderr": .string(""), "exitCode": .integer(0)]),
                    .object(["stdout": .string("b"), "stderr": .string("")]),
                    .object(["stdout": .string("c"), "exitCode": .integer(1), "timeout": .bool(true)]),
                ]),
                "shellCallId": .string("call_1"), "shellMaxOutputLength": .integer(4_096),
            ]
            let reply = try await client.ask("", more)
            #expect(reply.status == 200)
        }
        guard case .user(let parts)? = harness.model.requests[0].items.last?.content,
            case .text(let text)? = parts.first
        else {
            Issue.record("no message")
            return
        }
        #expect(
            text
                == #"{"type":"shell_call_output","call_id":"call_1","max_output_length":4096,"output":[{"stdout":"a","stderr":"","outcome":{"type":"exit","exit_code":0}},{"stdout":"b","stderr":"","outcome":{"type":"timeout"}},{"stdout":"c","stderr":"","outcome":{"type":"timeout"}}]}"#
        )
    }

    @Test("without a stream the answer is the vendor's response")
    func whole() async throws {
        let harness = try await AssistantHarness(
            [Self.shell("call_1", "uptime", saying: "One moment."), .text("Up.")],
            capabilities: ModelCapabilities(shellTool: true)
        )
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            let reply = try await client.ask("Up?", [:])
            #expect(
                reply.status == 200 && reply.headers["content-type"]?.hasPrefix("application/json") == true
            )
            let output = try #require(reply.json["output"]?.array)
            #expect(output.map { $0["type"]?.string } == ["message", "shell_call"])
            #expect(output[0]["content"]?.array?.first?["text"]?.string == "One moment.")
            #expect(output[1]["action"]?["commands"] == .array([.string("uptime")]))
            #expect(output[1]["action"]?["timeout_ms"]?.integer == 10_000)
            #expect(output[1]["call_id"]?.string == "call_1")
            #expect(reply.json["output_text"]?.string == "One moment.")
            #expect(reply.json["status"]?.string == "completed" && reply.json["object"]?.string == "response")
            #expect(reply.json["usage"]?["total_tokens"]?.integer == 15)
        }
    }

    @Test("wrong names, passphrases and bodies at the check-in")
    func checkIn() async throws {
        let harness = try await AssistantHarness()
        _ = try await harness.person()
        let wrong = try await Self.client(harness).checkIn("not the passphrase")
        let unknown = try await Self.client(harness, "nobody").checkIn(AssistantHarness.passphrase)
        for reply in [wrong, unknown] {
            #expect(reply.status == 400 && reply.json["error"]?.string == "Authentication Failure")
        }
        #expect(wrong.body == unknown.body)
        let spaced = try await Self.client(harness, " ann ").checkIn("  \(AssistantHarness.passphrase)\n")
        #expect(spaced.status == 200)
        for body in [
            #"{}"#, #"[]"#, #"nonsense"#, #"{"serverUsername":"ann","serverPassphrase":"x"}"#,
            #"{"serverUsername":"a b","serverPassphrase":"x","sessionHash":""}"#,
            #"{"serverUsername":"ann","serverPassphrase":"  ","sessionHash":""}"#,
            #"{"serverUsername":"ann","serverPassphrase":"x","sessionHash":7}"#,
        ] {
            let answer = try await harness.send(.post, "/checkin", body: Array(body.utf8))
            #expect(answer.status == 400 && answer["error"]?.string == "Bad Request", "\(body)")
        }
    }

    @Test("tokens that are none, those of somebody else, and none at all")
    func tokens() async throws {
        let harness = try await AssistantHarness([.text("For Bob.")])
        _ = try await harness.person()
        _ = try await harness.person("bob")
        let client = Self.client(harness)
        for token in ["", "nonsense", "eyJhbGciOiJub25lIn0.e30."] {
            await client.use(token: token)
            let reply = try await client.ask("Hi", [:])
            #expect(reply.status == 401 && reply.json["error"]?.string == "Unauthorized", "\(token)")
            let run = try await client.run("true")
            #expect(run.status == 401 && run.json["success"] == .bool(false), "\(token)")
        }
        try await client.checkIn(AssistantHarness.passphrase)
        let inQuery = try await harness.send(
            .post,
            "/openai",
            query: [("token", "x")],
            body: Array(#"{"model":"model","messages":[]}"#.utf8)
        )
        #expect(inQuery.status == 401 && inQuery["error"]?.string == "Unauthorized")
        let withHash = AssistantCaller(harness: harness, bearer: AssistantHarness.hash)
        let run = try await withHash.api(.post, "/bridge", json: #"{"shellCmd":"true"}"#)
        #expect(run.status == 403 && run.code == "sign_in_required")

        // Bob signs in and claims to be Ann: what he says goes into a chat of his own.
        let bob = Self.client(harness, "ann")
        let begun = try await Self.client(harness, "bob").checkIn(AssistantHarness.passphrase)
        await bob.use(token: try #require(begun.json["token"]?.string))
        try await harness.running {
            let reading = try await bob.say("I am Ann.")
            #expect(reading.text == "For Bob.")
        }
        try await client.checkIn(AssistantHarness.passphrase)
        #expect(await client.history.isEmpty)
        let own = Self.client(harness, "bob")
        try await own.checkIn(AssistantHarness.passphrase)
        #expect(await own.history["i_1"]?["z"]?.string == "I am Ann.")
    }

    @Test(
        "fields that are missing or of another type",
        arguments: [
            (#"{}"#, "Missing required fields"), (#"{"model":"model"}"#, "Missing required fields"),
            (#"{"messages":[]}"#, "Missing required fields"), (#"{"model":7,"messages":[]}"#, "Bad Request"),
            (#"{"model":"model","messages":{}}"#, "Bad Request"),
            (#"{"model":"model","messages":[]}"#, "Bad Request"),
            (#"{"model":"model","messages":[],"prompt":"x","stream":"yes"}"#, "Bad Request"),
            (#"{"model":"model","messages":[],"prompt":"x","temperature":2}"#, "Bad Request"),
            (#"{"model":"model","messages":[],"prompt":"x","top_k":0}"#, "Bad Request"),
            (#"{"model":"model","messages":[],"prompt":"x","reasoning":"much"}"#, "Bad Request"),
            (#"{"model":"model","messages":[],"prompt":"x","thread":{}}"#, "Bad Request"),
            (#"{"model":"model","messages":[],"prompt":"x","cmdResults":["x"]}"#, "Bad Request"),
            (#"{"model":"model","messages":[{"role":"boss","content":[]}],"prompt":"x"}"#, "Bad Request"),
            (
                #"{"model":"model","messages":[{"role":"user","content":[{"type":"image_url","url":"https://x.example/a.png"}]}]}"#,
                "Bad Request"
            ),
        ]
    )
    func badBodies(body: String, error: String) async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let answer = try await ann.api(.post, "/openai", json: body)
        #expect(answer.status == 400 && answer["error"]?.string == error, "\(answer.text)")
        #expect(answer["next"]?.string?.isEmpty == false)
    }

    @Test("a registered secret is refused in a message and in a command's result, and not sent to the vendor")
    func secret() async throws {
        let harness = try await AssistantHarness([.text("Hello.")])
        let ann = try await harness.person()
        let secrets = try #require(harness.services.secrets)
        _ = try await secrets.set(
            try SecretName("DB_PASSWORD"),
            Secret(Array("hunter2-and-more".utf8)),
            by: PrincipalID("operator:1")
        )
        let said = #""messages":[{"role":"user","content":"It is hunter2-and-more"}],"prompt":"""#
        let earlier =
            #""messages":[{"role":"user","content":"hunter2-and-more"},{"role":"assistant","content":"I see"}],"prompt":"And?""#
        let prompt = #""messages":[],"prompt":"It is hunter2-and-more""#
        let results = #""messages":[],"prompt":"","cmdResults":[{"stdout":"hunter2-and-more","exitCode":0}]"#
        try await harness.running {
            for body in [said, earlier, prompt, results] {
                let answer = try await ann.api(.post, "/openai", json: "{\"model\":\"model\",\(body)}")
                #expect(answer.status == 400 && answer["error"]?.string == "Bad Request", "\(answer.text)")
                #expect(answer["code"]?.string == "message_has_secret", "\(body)")
                #expect(answer["next"]?.string?.contains("DB_PASSWORD") == true)
                #expect(!answer.text.contains("hunter2"))
            }
        }
        #expect(harness.model.requests.isEmpty)
    }

    @Test("a provider that fails: 500 as a whole, and visible to the person in a stream that ends")
    func failures() async throws {
        let broken = Failure(
            .unavailable,
            code: "provider_overloaded",
            message: "The provider has too much to do.",
            hint: "Try again in a minute."
        )
        let harness = try await AssistantHarness([
            .failure(broken),
            ScriptedAnswer([.events([.started(responseID: nil), .textDelta("It is ")]), .fail(broken)]),
            .text("Now it works."),
        ])
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            let whole = try await client.ask("How?", [:])
            #expect(whole.status == 500 && whole.json["error"]?.string == "API Failure")
            #expect(whole.json["code"]?.string == "provider_overloaded")
            let reading = try await client.say("How is it?")
            #expect(reading.isComplete && reading.types.last == "error")
            #expect(
                reading.text == "It is \n\n[The provider has too much to do. Try again in a minute.]"
            )
            let next = try await client.say("And now?")
            #expect(next.text == "Now it works.")
        }
    }

    @Test("half of a command is never queued")
    func cutCommand() async throws {
        let broken = Failure(.unavailable, code: "provider_interrupted", message: "It broke off.")
        let harness = try await AssistantHarness([
            ScriptedAnswer([
                .events([
                    .started(responseID: nil), .toolCallBegan(index: 0, name: "shell"),
                    .toolCallDelta(index: 0, command: 0, text: "rm -rf /tmp/"),
                ]), .fail(broken),
            ])
        ])
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            let reading = try await client.say("Tidy up.")
            #expect(reading.commands.isEmpty && reading.isComplete)
            #expect(reading.text == "[It broke off.]")
        }
    }

    @Test("whoever stopped reading and asks anew gets the new answer")
    func anew() async throws {
        let harness = try await AssistantHarness([
            ScriptedAnswer([.events([.started(responseID: nil), .textDelta("Well, ")]), .hang]),
            .text("Yes."),
        ])
        let ann = try await harness.person()
        let body =
            #"{"model":"model","messages":[],"prompt":"%","stream":true,"uniqueChatID":"float-ann"}"#
        try await harness.running {
            let first = await ann.respond(.post, "/openai", json: body.replacing("%", with: "Long story?"))
            try await LiveStream.following(first) { stream in
                try await stream.until("the first delta") { $0.contains { $0.data.contains("Well, ") } }
                let second = try await ann.api(.post, "/openai", json: body.replacing("%", with: "Short?"))
                #expect(PanelClient.read(second.text).text == "Yes.")
                let events = try await stream.untilOver()
                #expect(events.last?.event == "end" && events.contains { $0.event == "error" })
            }
        }
        #expect(harness.model.cancelledCalls == 1)
    }

    @Test("a conversation that became another one in the client is shown to the model as the client has it")
    func otherConversation() async throws {
        let harness = try await AssistantHarness([.text("A."), .text("B."), .text("C.")])
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            _ = try await client.say("One?")
            // The user cleared the widget and began again.
            let fresh = Self.client(harness)
            try await fresh.checkIn(AssistantHarness.passphrase)
            _ = try await fresh.say("Two?")
            _ = try await fresh.say("Three?")
        }
        let items = harness.model.requests.map { $0.items.map(\.content) }
        #expect(items[1] == [.user([.text("Two?")])])
        #expect(items[2].last == .user([.text("Three?")]))
        let chats = try await harness.stores.chats.chats(
            of: PrincipalID("operator:1"),
            matching: nil,
            after: nil,
            limit: 10
        )
        #expect(chats.elements.map(\.key) == ["float-ann"])
    }

    @Test("pictures: what the provider makes, or why it does not")
    func pictures() async throws {
        let harness = try await AssistantHarness()
        _ = try await harness.person()
        let client = Self.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        let reply = try await client.ask("A cat", ["imgOutput": .bool(true)])
        #expect(reply.status == 400 && reply.json["code"]?.string == "images_unsupported")
        #expect(reply.json["message"]?.string?.isEmpty == false)
        let picture = ImageContent(mediaType: "image/png", bytes: [1, 2, 3])
        harness.model.draw([picture, picture])
        let made = try await client.ask(
            "A cat",
            [
                "imgOutput": .bool(true), "imgSize": .string("512x512"), "imgQuality": .string("low"),
                "images": .array([.object(["data": .string("AQID"), "mimeType": .string("image/png")])]),
            ]
        )
        #expect(made.status == 200)
        #expect(made.json == .object(["base64": .array([.string("AQID"), .string("AQID")])]))
        let asked = try #require(harness.model.imageRequests.last)
        #expect(asked.prompt == "A cat" && asked.sources == [picture])
        #expect(asked.size == "512x512" && asked.quality == "low")
        #expect(asked.context.door == .seed)
        // A picture is no turn.
        #expect(harness.model.requests.isEmpty)
    }

    @Test("500 requests in ten minutes, and headers that count them")
    func rate() async throws {
        let harness = try await AssistantHarness()
        let first = try await harness.send(.post, "/check")
        #expect(first.status == 200 && first.text == "ok")
        #expect(first.headers["RateLimit-Limit"] == "500" && first.headers["RateLimit-Remaining"] == "499")
        #expect(first.headers["RateLimit-Policy"] == "500;w=600" && first.headers["RateLimit-Reset"] == "600")
        for _ in 1..<500 { _ = try await harness.send(.post, "/check") }
        let refused = try await harness.send(.post, "/check")
        #expect(refused.status == 429 && refused["error"]?.string == "Too Many Requests")
        #expect(refused.headers["Retry-After"] == "600" && refused.headers["RateLimit-Remaining"] == "0")
        harness.clock.advance(by: .seconds(600))
        #expect(try await harness.send(.post, "/check").status == 200)
    }
}
