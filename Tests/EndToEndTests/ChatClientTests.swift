import CLinux
import Core
import Testing

/// `deckhand chat` beside a running server whose models play a script.
@Suite struct ChatClientTests {
    private static let script = """
        { answers: [
            { text: ["I look", " first."], calls: [{ commands: ["sh -c 'echo found; exit 3'"] }] },
            { text: ["All ", "done."] },
        ] }
        """

    private static func passphrase(_ server: TestServer) throws -> String {
        let lines = Files.lines(server.folder.file("server.out")).map(\.trimmed)
        let line = try #require(lines.first { $0.hasPrefix("passphrase: ") }, "\(lines)")
        return String(line.dropFirst("passphrase: ".count))
    }

    @Test func aPersonSignsInAsksApprovesAndGoesOn() async throws {
        try await TestServer.withScript(Self.script) { server, _ in
            let passphrase = try Self.passphrase(server)
            let tool = try TerminalTool(["chat"], of: server)
            try await tool.see("Name: ")
            tool.type("admin\n")
            try await tool.see("Passphrase: ")
            tool.type(passphrase + "\n")
            try await tool.see("> ")
            tool.type("What is wrong?\n")
            try await tool.see("I look first.")
            try await tool.see("▸ $ sh -c 'echo found; exit 3'")
            try await tool.see("a approve this once")
            try await tool.press("a", until: "approved")
            try await tool.see("│ found")
            try await tool.see("✗ exit 3")
            try await tool.see("All done.")
            // The same again, once it reads lines, and this time the answer is no.
            try await tool.see("\n> ", times: 2)
            tool.type("And?\n")
            try await tool.see("a approve this once", times: 2)
            try await tool.press("d", until: "denied")
            try await tool.see("All done.", times: 2)
            try await tool.see("\n> ", times: 3)
            #expect(tool.text.split(separator: "│ found").count == 2, "it ran once: \(tool.text)")
            #expect(!tool.text.contains(passphrase))
            // Ctrl-D, once the terminal reads lines again.
            try await tool.press("\u{4}", until: "go on with: deckhand chat --chat 1")
            #expect(try await tool.process.wait(within: .seconds(60)) == .exited(0))

            // The sign-in is kept, and belongs to nobody else.
            let state = server.folder.path + "/.local/state/deckhand"
            let file = try #require(Files.names(in: state).first)
            var status = stat()
            #expect(unsafe stat(state + "/" + file, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(!Files.text(state + "/" + file).contains(passphrase))
            let out = try TerminalTool(["chat", "--sign-out"], of: server)
            try await out.see("signed out")
            #expect(Files.names(in: state).isEmpty)
        }
    }

    @Test func whoComesBackSeesWhatWasAndDecidesInTheMiddleOfATurn() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let chat = try await person.makeChat()
            _ = try await person.say("What is wrong?", in: chat)
            try await eventually("the first turn is over") {
                try await person.decideAll()
                return try await person.call("GET", "/v1/turns/1")["state"]?.string == "completed"
            }
            let environment = ["DECKHAND_TOKEN": person.token]
            let first = try TerminalTool(["chat", "--chat", "1"], of: server, environment)
            try await first.see("> What is wrong?")
            try await first.see("▸ $ sh -c 'echo found; exit 3'")
            try await first.see("│ found")
            try await first.see("All done.")
            try await first.see("\n> ")
            first.type("And now?\n")
            try await first.see("a approve this once")
            // The person's connection breaks in the middle of the turn.
            first.process.send(SIGKILL)
            _ = try await first.process.wait(within: .seconds(30))

            let second = try TerminalTool(["chat", "--last"], of: server, environment)
            try await second.see("> What is wrong?")
            try await second.see("All done.")
            try await second.see("a turn works in this chat")
            try await second.see("a approve this once")
            try await second.press("n", until: "Why?")
            second.type("Look at the log first.\n")
            try await second.see("denied, with your note")
            try await second.see("All done.", times: 2)
            let events = try await person.call("GET", "/v1/chats/1/events?format=json&turn=2").text
            #expect(events.contains("Look at the log first."), "the model is told: \(events)")
            #expect(second.text.split(separator: "│ found").count == 2, "it ran once: \(second.text)")
            try await second.press("\u{4}", until: "go on with: deckhand chat --chat 1")
        }
    }

    @Test func aScriptAsksOnceAndReadsEvents() async throws {
        let script =
            #"{ answers: [{ text: ["Hello\u001b[2J", " there."] }] }"#
        try await TestServer.withScript(script) { server, person in
            let environment = ["DECKHAND_TOKEN": person.token]
            try server.folder.write("a log line\n", to: "log")
            let input = server.folder.file("log")
            let first = try await server.deckhand("chat", "Why?", environment: environment, input: input)
            #expect(first.text == "Hello\\u{1B}[2J there.\n")
            #expect(first.code == 0, "\(first.errors)")
            let events = try await person.call("GET", "/v1/chats/1/events?format=json")
            #expect(events.text.contains(#"Why?\n\na log line"#))

            let second = try await server.deckhand(
                "chat",
                "--last",
                "--json",
                "More",
                environment: environment
            )
            let lines = second.text.split(separator: "\n").map { try? JSONValue(parsing: Array($0.utf8)) }
            #expect(lines.first??["event"]?.string == "turn.started" && lines.first??["chat"]?.integer == 1)
            #expect(lines.last??["event"]?.string == "turn.finished")
            #expect(
                lines.compactMap { $0?["number"]?.integer }
                    == lines.compactMap { $0?["number"]?.integer }.sorted()
            )
            #expect(second.code == 0)

            #expect(
                try await server.deckhand("chat", "--chat", "77", "x", environment: environment).code == 1
            )
            #expect(try await server.deckhand("chat", environment: environment).code == 2)
            // Whoever may open the local socket needs no sign-in, and has chats of their own.
            let local = try await server.deckhand("chat", "Hi")
            #expect(local.code == 0 && local.text.hasSuffix("there.\n"), "\(local.errors)")
            let remote = try await server.deckhand("chat", "--url", server.baseURL, "Hi")
            #expect(remote.code == 1 && remote.errors.contains("Nobody is signed in"), "\(remote.errors)")
            #expect(try await server.deckhand("chat", "--reasoning", "very", "x").code == 2)
        }
    }

    @Test func aFailureIsSaid() async throws {
        try await TestServer.withScript("{ answers: [{ fail: 401 }] }") { server, person in
            let run = try await server.deckhand("chat", "Why?", environment: ["DECKHAND_TOKEN": person.token])
            #expect(run.code == 1 && run.text.isEmpty, "\(run.text)")
            #expect(run.errors.contains("the turn failed: "), "\(run.errors)")
        }
    }

    @Test func anInterruptEndsTheTurn() async throws {
        try await TestServer.withScript(#"{ answers: [{ text: ["Wait"], hang: true }] }"#) { server, person in
            let tool = try Tool(["chat", "Well?"], of: server, ["DECKHAND_TOKEN": person.token])
            try await eventually("the beginning of the answer") { tool.outputSoFar == Array("Wait".utf8) }
            tool.process.send(SIGINT)
            let run = try await tool.finish()
            #expect(run.code == 130 && run.errors.contains("the turn was cancelled"), "\(run.errors)")
            let turn = try await person.call("GET", "/v1/turns/1")
            #expect(turn["state"]?.string == "cancelled")
        }
    }

    @Test func aRestartOfTheServerIsSeenThrough() async throws {
        let script = """
            { answers: [{ text: ["Once. "], calls: [{ commands: ["sh -c 'echo open'"] }] },
                { text: ["Twice."] }] }
            """
        try await TestServer.withScript(script) { server, person in
            let tool = try Tool(["chat", "Well?"], of: server, ["DECKHAND_TOKEN": person.token])
            try await eventually("the command waits") {
                Files.text(tool.errorFile).contains("waits for approval")
            }
            try await server.kill()
            try await server.start()
            try await person.decideAll()
            let run = try await tool.finish()
            #expect(run.text == "Once. \nTwice.\n", "\(run.errors)")
            #expect(run.code == 0)
        }
    }
}
