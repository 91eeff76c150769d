import CLinux
import Core
import Testing

/// Commands that a rule allows run where nothing can be written; skipped where only root could make that place.
@Suite(.enabled(if: geteuid() == 0)) struct ReadOnlyTests {
    private static let rules = """
        { id: 'test-touch', decision: 'allow', program: 'touch', args: ['*'], reason: 'For a test.',
            matches: ['touch x'] },
        { id: 'test-mkdir', decision: 'allow', fileSystem: 'writable', program: 'mkdir', args: ['*'],
            reason: 'For a test.', matches: ['mkdir x'] },
        """
    private static let modelPath = "/var/log/deckhand-never-written"

    private func withServer(
        _ environment: [String: String] = [:],
        _ body: (TestServer, Person) async throws -> Void
    ) async throws {
        try await TestServer.withScript(
            "{ answers: [{ calls: [{ commands: ['touch \(Self.modelPath)'] }] }, { text: ['Done.'] }] }",
            settings: "policy: { rules: [\(Self.rules)] },",
            ["GET_POLICY": "ask"].merging(environment) { $1 }
        ) { server, person in
            // Rules look at absolute paths; names alone lie in the session's directory.
            let session: JSONValue = ["name": "s", "cwd": .string(server.folder.path + "/work")]
            try #require(try await server.call("POST", "/v1/sessions", session).status == 201)
            try await body(server, person)
        }
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
            let output = try await text("touch allowed", server)
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
            #expect(!Files.exists(Self.modelPath))
            // A rule that says that it writes does.
            #expect(try await text("mkdir made", server) == "")
            #expect(Files.exists(path + "/made"))
            // What a person approved writes, and so does a person.
            let copy = "cp /etc/hostname copy"
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
            #expect(try await text("touch allowed", server) == "")
            #expect(Files.exists(server.folder.path + "/work/allowed"))
            let check = try await server.deckhand("check")
            #expect(check.text.contains("switched off: a hole"), "\(check.text)")
        }
    }
}
