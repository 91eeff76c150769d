import CLinux
import Core
import Testing

/// Rules of the configuration file, changed while the server runs.
@Suite struct PolicyReloadTests {
    private func file(_ rules: String) -> String { "{ policy: { rules: [\(rules)] } }" }

    private static let noTouch =
        "{ id: 'no-touch', decision: 'deny', program: 'touch', reason: 'Not here.', matches: ['touch x'] }"
    private static let noSync =
        "{ id: 'no-sync', decision: 'deny', program: 'sync', reason: 'Not now.', matches: ['sync'] }"
    private static let wrong =
        "{ id: 'no-rmdir', decision: 'deny', program: 'rmdir', reason: 'No.', matches: ['ls /x'] }"

    private func isDenied(_ command: String, _ server: TestServer) async throws -> Bool {
        let answer = try await server.get("/shell", [("session", "s"), ("cmd", command), ("fresh", "1")])
        return answer.text.contains("no-")
    }

    @Test func areReadAgainByCommandAndSignalAndWrongOnesAreNot() async throws {
        try await TestServer.with(starts: false) { server in
            try server.folder.write(file(""), to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            #expect(try await isDenied("touch --version", server) == false)

            try server.folder.write(file(Self.noTouch), to: "deckhand.json5")
            let reload = try await server.deckhand("policy", "reload")
            #expect(reload.code == 0 && reload.errors.contains("rules are in force"), "\(reload.errors)")
            #expect(try await isDenied("touch --version", server))

            // Rules that fail their own examples are refused with the reason.
            try server.folder.write(file(Self.noSync + "," + Self.wrong), to: "deckhand.json5")
            let refused = try await server.deckhand("policy", "reload")
            #expect(refused.code == 1, "\(refused.text)")
            #expect(refused.errors.contains("does not match its example"), "\(refused.errors)")
            #expect(refused.errors.contains("old rules stay"), "\(refused.errors)")
            #expect(try await isDenied("touch --version", server))
            #expect(try await isDenied("sync --version", server) == false)
            #expect(Files.text(server.log).contains("the old ones stay"))

            // And so is a file that is none, by the command and by the server.
            try server.folder.write("{ policy: ", to: "deckhand.json5")
            let broken = try await server.deckhand("policy", "reload")
            #expect(broken.code != 0 && broken.errors.contains("not JSON5"), "\(broken.errors)")
            server.child?.send(SIGHUP)
            try await eventually("the server says so") {
                Files.text(server.log).contains("is no JSON5 with sections")
            }
            #expect(try await isDenied("touch --version", server))

            // Rules of the database are put beside those that are in force, not beside the wrong file.
            try server.folder.write(file(Self.noSync), to: "deckhand.json5")
            server.child?.send(SIGHUP)
            try await eventually("the signal is heard") { try await isDenied("sync --version", server) }
            #expect(try await isDenied("touch --version", server) == false)
            let rule = "{ decision: 'deny', program: 'mktemp', reason: 'No.', matches: ['mktemp'] }"
            let added = try await server.deckhand("policy", "add", "no-mktemp", rule)
            #expect(added.code == 0, "\(added.errors)")
            try await eventually("the rule of the database") {
                try await isDenied("mktemp --version", server)
            }
            #expect(try await isDenied("sync --version", server))
        }
    }

    @Test func withoutAServerItIsSaid() async throws {
        try await TestServer.with { server in
            try await server.kill()
            let run = try await server.deckhand("policy", "reload")
            #expect(run.code == 1 && run.errors.contains("No server"), "\(run.errors)")
        }
    }
}
