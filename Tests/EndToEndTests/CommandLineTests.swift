import CLinux
import Core
import Testing

/// `deckhand run`, `follow`, `tickets`, `output` and `cancel` beside a running server.
@Suite struct CommandLineTests {
    @Test func runEndsWithTheCommandsCode() async throws {
        try await TestServer.with { server in
            let table: [(String, Int32)] = [
                ("true", 0), ("exit 3", 3), ("exit 255", 255), ("kill -9 $$", 137), ("kill -TERM $$", 143),
                ("no-such-command", 127),
            ]
            for (command, code) in table {
                let run = try await server.deckhand("run", command)
                #expect(run.code == code, "\(command): \(run.errors)")
            }
            #expect(try await server.deckhand("run", "--timeout", "300ms", "sleep 60").code == 124)
            #expect(try await server.deckhand("run", "--cwd", "/no/such", "true").code == 125)
            let both = try await server.deckhand("run", "printf 'out\\0\\xff'; echo err >&2; exit 7")
            #expect(both.output == Array("out\0".utf8) + [0xFF])
            #expect(both.errors == "err\n")
            #expect(both.code == 7)
            #expect(try await server.deckhand("run").code == 2)
            #expect(try await server.deckhand("rum", "true").code == 2)
        }
    }

    @Test func outputIsShownAsItComes() async throws {
        try await TestServer.with { server in
            let gate = server.folder.file("gate")
            let tool = try Tool(
                ["run", "echo first; until [ -e \(gate) ]; do sleep 0.01; done; echo second"],
                of: server
            )
            try await eventually("the first line while the command runs") {
                tool.outputSoFar == Array("first\n".utf8)
            }
            #expect(tool.process.ended == nil)
            try server.folder.write("", to: "gate")
            let run = try await tool.finish()
            #expect(run.text == "first\nsecond\n")
            #expect(run.code == 0)
        }
    }

    @Test func anInterruptCancelsTheCommand() async throws {
        try await TestServer.with { server in
            let tool = try Tool(
                [
                    "run", "--session", "int",
                    "trap 'echo bye; exit 1' TERM; echo ready; while :; do sleep 0.02; done",
                ],
                of: server
            )
            try await eventually("the command runs") { tool.outputSoFar == Array("ready\n".utf8) }
            tool.process.send(SIGINT)
            let run = try await tool.finish()
            #expect(run.code == 130, "\(run.errors)")
            #expect(run.text == "ready\nbye\n")
            let json = try await server.look(TicketName(session: "int", number: 1))
            #expect(json["state"]?.string == "cancelled")
        }
    }

    @Test func aServerThatIsKilledInTheMiddleIsNotNoticedInTheOutput() async throws {
        try await TestServer.with { server in
            let witness = server.folder.file("witness")
            let tool = try Tool(
                [
                    "run",
                    "echo ran >> \(witness); for i in $(seq 1 300); do echo line $i; sleep 0.01; done; exit 5",
                ],
                of: server
            )
            for count in [20, 100, 180] {
                try await eventually("\(count) lines") { tool.outputSoFar.count { $0 == 10 } > count }
                try await server.restart()
            }
            let run = try await tool.finish()
            #expect(run.text == (1...300).map { "line \($0)\n" }.joined())
            #expect(run.code == 5)
            #expect(Files.lines(witness).count == 1)
        }
    }

    @Test func ticketsAreFollowedListedShownAndCancelled() async throws {
        try await TestServer.with { server in
            _ = try await server.run("printf 'a\\nb\\nc\\n'; exit 4", session: "cli")
            let follow = try await server.deckhand("follow", "cli", "1")
            #expect(follow.text == "a\nb\nc\n")
            #expect(follow.code == 4)
            let output = try await server.deckhand("output", "cli", "1", "--tail", "1")
            #expect(output.text == "c\n")
            let sleeper = try await server.submit("sleep 60", session: "cli")
            let list = try await server.deckhand("tickets", "cli", "--json")
            #expect(list.json["tickets"]?.array?.compactMap { $0["ticket"]?.integer } == [1, 2])
            #expect((try await server.deckhand("tickets", "cli")).text.contains("sleep 60"))
            #expect((try await server.deckhand("tickets")).text.contains("cli"))
            let cancel = try await server.deckhand("cancel", "cli", "2", "--json")
            #expect(cancel.code == 0, "\(cancel.errors)")
            #expect(cancel.json["state"]?.string == "cancelled")
            #expect(try await server.state(sleeper) == "cancelled")
            let missing = try await server.deckhand("follow", "cli", "77")
            #expect(missing.code == 1)
            #expect(missing.errors.contains("77"))

            let events = try await server.deckhand("run", "--json", "echo json")
            let lines = events.text.split(separator: "\n").map { try? JSONValue(parsing: Array($0.utf8)) }
            #expect(!lines.isEmpty && lines.allSatisfy { $0 != nil })
            #expect(events.text.contains("json\\n"))
        }
    }

    @Test func standardInputIsHandedOn() async throws {
        try await TestServer.with { server in
            let text = (1...5_000).map { "input \($0)\n" }.joined()
            try server.folder.write(text, to: "input")
            let run = try await server.deckhand(
                "run",
                "--interactive",
                "cat",
                input: server.folder.file("input")
            )
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.text == text)
        }
    }

    @Test func aServerIsReachedByURLAndToken() async throws {
        try await TestServer.with { server in
            let made = try await server.deckhand(
                "token",
                "create",
                "--name",
                "url",
                "--allow",
                "shell.read,shell.run"
            )
            let token = made.text.trimmed
            let environment = [
                "DECKHAND_URL": server.baseURL, "DECKHAND_TOKEN": token,
                "DECKHAND_DATA": server.folder.file("none"),
            ]
            let run = try await server.deckhand(
                "run",
                "--session",
                "url",
                "echo over http",
                environment: environment
            )
            #expect(run.text == "over http\n", "\(run.errors)")
            #expect(try await server.look(TicketName(session: "url", number: 1))["origin"]?.string == "api")
            let wrong = try await server.deckhand(
                "run",
                "true",
                environment: environment.merging(["DECKHAND_TOKEN": "dh_x"]) { $1 }
            )
            #expect(wrong.code == 1)
            #expect(!wrong.errors.isEmpty && !wrong.errors.contains("dh_x"))
            try await server.kill()
            let gone = try await server.deckhand("run", "true")
            #expect(gone.code == 1)
            #expect(!gone.errors.isEmpty)
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
