import CLinux
import Core
import Testing

/// Commands that a rule allows run where nothing can be written; skipped where only root could make that place.
@Suite(.enabled(if: geteuid() == 0)) struct ReadOnlyTests {
    private static let rules = """
        { id: 'test-touch', decision: 'allow', program: 'touch', args: ['*'], reason: 'For a test.',
            matches: ['touch /tmp/x'] },
        { id: 'test-mkdir', decision: 'allow', fileSystem: 'writable', program: 'mkdir', args: ['*'],
            reason: 'For a test.', matches: ['mkdir /tmp/x'] },
        """

    private func withServer(
        _ environment: [String: String] = [:],
        _ body: (TestServer, Person) async throws -> Void
    ) async throws {
        try await TestServer.withScript(
            { folder in
                "{ answers: [{ calls: [{ commands: ['touch \(folder.path)/work/model'] }] }, { text: ['Done.'] }] }"
            },
            settings: "policy: { rules: [\(Self.rules)] },",
            ["GET_POLICY": "ask"].merging(environment) { $1 }
        ) { server, person in try await body(server, person) }
    }

    /// Submits at the GET face, whose commands meet all rules here, and waits for the end.
    private func text(_ command: String, _ server: TestServer) async throws -> String {
        let ticket = try await server.shell(command, session: "s").ticket
        _ = try await server.end(of: ticket)
        return String(decoding: try await server.output(ticket), as: UTF8.self)
    }

    @Test func anAllowedCommandThatWritesFails() async throws {
        try await withServer { server, person in
            let path = server.folder.path + "/work"
            let output = try await text("touch \(path)/allowed", server)
            #expect(output.contains("Read-only file system"), "\(output)")
            #expect(!Files.exists(path + "/allowed"))
            // The assistant's commands are no others.
            let chat = try await person.makeChat()
            _ = try await person.say("Make it.", in: chat)
            try await eventually("the turn is over") {
                try await person.call("GET", "/v1/turns/1")["state"]?.string == "completed"
            }
            let events = try await person.call("GET", "/v1/chats/\(chat)/events?format=json").text
            #expect(events.contains("Read-only file system"), "\(events)")
            #expect(!Files.exists(path + "/model"))
            // A rule that says that it writes does.
            #expect(try await text("mkdir \(path)/made", server) == "")
            #expect(Files.exists(path + "/made"))
            // What a person approved writes, and so does a person.
            let copy = "cp /etc/hostname \(path)/copy"
            let asked = try await server.get("/shell", [("session", "s"), ("cmd", copy)])
            #expect(asked.text.contains("awaiting_approval"), "\(asked.text)")
            try await person.decideAll()
            try await eventually("the approved command ran") { Files.exists(path + "/copy") }
            let own = try await server.deckhand("run", "touch \(path)/own")
            #expect(own.code == 0 && Files.exists(path + "/own"), "\(own.errors)")
            let check = try await server.deckhand("check")
            let sentence = "commands that a rule allows as reading cannot write"
            #expect(check.text.contains(sentence), "\(check.text)")
        }
    }

    @Test func itCanBeSwitchedOff() async throws {
        try await withServer(["DECKHAND_READ_ONLY": "off"]) { server, _ in
            let path = server.folder.path + "/work/allowed"
            #expect(try await text("touch \(path)", server) == "")
            #expect(Files.exists(path))
            let check = try await server.deckhand("check")
            #expect(check.text.contains("switched off: a hole"), "\(check.text)")
        }
    }
}
