import Core
import Testing
import TestSupport

/// The panel assistant's widget at a server of the built program.
@Suite struct PanelAssistantTests {
    /// From the tests of crypt_blowfish (wrapper.c), the origin of `$2y$`: no part of this program made it.
    private static let passphrase = "U*U*U"
    private static let hash = "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"
    private static let users = #"{"users":[{"name":"user1","value":"\#(hash)"}]}"#
    private static let key = "0123456789abcdef0123456789abcdef"

    private static func client(_ server: TestServer, _ user: String = "user1") -> PanelClient {
        PanelClient(user: user) { path, headers, body in
            let answer = try await server.send(
                "POST",
                server.baseURL + path,
                headers: headers.map { (name: $0.key, value: $0.value) },
                body: body
            )
            return PanelClient.Reply(status: answer.status, body: answer.body)
        }
    }

    /// A server whose operators are those of the environment, and whose only provider plays a script.
    private static func serving(_ script: String, _ body: (TestServer) async throws -> Void) async throws {
        let environment = ["LLM_CHATTER_PASSPHRASE": users, "SECRET_RANDOM": key]
        try await TestServer.with(environment, starts: false) { server in
            let file = "{ providers: { demo: { kind: \"scripted\", script: \(script) } } }"
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            try await body(server)
        }
    }

    @Test func aWidgetAsksAndTheModelGetsTheTrueResultOfItsCommand() async throws {
        let script = #"""
            { shell_tool: true, answers: [
                { text: ["I ", "look."], calls: [{ commands: ["echo out; echo err >&2; exit 3"] }] },
                { text: ["It exits ", "with 3."] }] }
            """#
        try await Self.serving(script) { server in
            let client = Self.client(server)
            let bad = try await client.checkIn("U*U*U*")
            #expect(bad.status == 400 && bad.json["error"]?.string == "Authentication Failure")
            let checkedIn = try await client.checkIn(Self.passphrase)
            let token = try #require(checkedIn.json["token"]?.string, "\(checkedIn.text)")

            let asking = try await client.say("What does it exit with?", ["model": "demo"])
            #expect(asking.text == "I look.")
            #expect(asking.commands == ["echo out; echo err >&2; exit 3"])
            #expect(asking.isComplete)

            var run = try await client.run(asking.commands[0])
            if run.json["received"]?["exitCode"]?.integer == 126 {
                #expect(
                    run.json["received"]?["stderr"]?.string?.contains("\(server.baseURL)/approve/") == true
                )
                try await Person(server: server, token: token).decideAll()
                run = try await client.run(asking.commands[0])
            }
            let received = try #require(run.json["received"])
            #expect(received["stdout"]?.string == "out\n" && received["stderr"]?.string == "err\n")
            #expect(received["exitCode"]?.integer == 3 && received["timedOut"] == .bool(false))

            let answered = try await client.bring([run.json], ["model": "demo"])
            #expect(answered.text == "It exits with 3." && answered.isComplete)

            // The server is killed: the token holds, and the next check-in brings back what was said.
            try await server.restart()
            let later = Self.client(server)
            #expect(try await later.checkIn(Self.passphrase).status == 200)
            await later.restoreMessages()
            #expect(
                await later.messages.map(\.text) == [
                    "You help with servers.", "What does it exit with?", "I look.", "It exits with 3.",
                ]
            )
            #expect(try await client.run("true").status == 200)
            // With another key what the old one signed is worth nothing.
            try await server.restart(["SECRET_RANDOM": String(Self.key.reversed())])
            #expect(try await client.run("true").status == 401)
            for secret in [Self.hash, Self.passphrase, Self.key] {
                #expect(!Files.text(server.log).contains(secret))
            }
        }
    }

    @Test func anAnswerThatWasCutByTheEndOfTheServerIsThereAtTheNextCheckIn() async throws {
        let script = #"""
            { answers: [{ text: ["one ", "two ", "three ", "four"], pace_ms: 400 }, { text: ["one two three four"] }] }
            """#
        try await Self.serving(script) { server in
            let client = Self.client(server)
            _ = try await client.checkIn(Self.passphrase)
            async let cut: Void = {
                // The connection is lost: that is what the widget sees, too.
                _ = try? await client.say("Count.", ["model": "demo"])
            }()
            try await eventually(
                "the turn has begun",
                holds: {
                    let later = Self.client(server)
                    _ = try await later.checkIn(Self.passphrase)
                    return await later.history["i_1"] != nil
                }
            )
            try await server.kill()
            _ = await cut
            try await server.start()
            try await eventually(
                "the answer",
                holds: {
                    let later = Self.client(server)
                    _ = try await later.checkIn(Self.passphrase)
                    await later.restoreMessages()
                    return await later.messages.last?.text == "one two three four"
                }
            )
        }
    }

    @Test func aProviderThatFailsIsSeenByThePerson() async throws {
        let script =
            #"{ answers: [{ text: ["It "], fail: { status: 500, message: "Oops" } }, { fail: 401 }] }"#
        try await Self.serving(script) { server in
            let client = Self.client(server)
            _ = try await client.checkIn(Self.passphrase)
            let reading = try await client.say("How is it?", ["model": "demo"])
            #expect(reading.isComplete && reading.types.last == "error")
            #expect(reading.text.hasPrefix("It \n\n["), "\(reading.text)")
            let whole = try await client.ask("And now?", ["model": "demo"])
            #expect(whole.status == 500 && whole.json["error"]?.string == "API Failure", "\(whole.text)")
        }
    }
}
