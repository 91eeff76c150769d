import Core
import Testing

/// Rules for commands, at the doors and on the command line.
@Suite struct PolicyDoorTests {
    @Test func aDeniedCommandDoesNotRunAndSaysWhy() async throws {
        try await TestServer.with { server in
            // Harmless if it ran.
            let denied = try await server.get("/shell", [("session", "s"), ("cmd", "sh\"re\"d --version")])
            #expect(denied.text.contains("deny.wipe"), "\(denied.text)")
            let allowed = try await server.shell("echo fine", session: "s")
            #expect(try await server.end(of: allowed.ticket)["exit_code"]?.integer == 0)
        }
    }

    @Test func theGetFaceAsksWhenItIsToldTo() async throws {
        try await TestServer.with(["GET_POLICY": "ask"]) { server in
            let answer = try await server.get(
                "/shell",
                [("session", "s"), ("cmd", "touch /tmp/deckhand-asked")]
            )
            #expect(answer.text.contains("awaiting_approval"), "\(answer.text)")
        }
    }

    @Test func wrongRulesStopTheStartWithAllTheirMistakes() async throws {
        try await TestServer.with(starts: false) { server in
            let file = """
                { policy: { rules: [
                    { id: "a", decision: "ask", program: "ls", reason: "x", matches: ["cat /x"] },
                    { id: "b", decision: "maybe" },
                ] } }
                """
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            let run = try await server.deckhand("serve")
            #expect(run.code != 0)
            #expect(run.errors.contains("rule b, field decision"), "\(run.errors)")
        }
    }

    @Test func rulesAreTriedAddedAndRemovedBesideTheServer() async throws {
        try await TestServer.with { server in
            #expect(try await server.deckhand("policy", "check", "shred --version").code == 4)
            #expect(try await server.deckhand("policy", "check", "touch /tmp/x").code == 3)
            #expect(try await server.deckhand("policy", "check", "touch /tmp/x", "--origin", "cli").code == 0)
            let rule = "{ decision: 'deny', program: 'touch', reason: 'Not here.', matches: ['touch x'] }"
            let wrong = try await server.deckhand(
                "policy",
                "add",
                "no-touch",
                rule.replacing("touch x", with: "ls")
            )
            #expect(wrong.code == 1)
            #expect(wrong.errors.contains("does not match its example"), "\(wrong.errors)")
            let added = try await server.deckhand("policy", "add", "no-touch", rule)
            #expect(added.code == 0, "\(added.errors)")
            #expect(try await server.deckhand("policy", "list").text.contains("no-touch"))
            try await eventually("the server takes the rule in") {
                let answer = try await server.get(
                    "/shell",
                    [("session", "s"), ("cmd", "touch /dev/null"), ("fresh", "1")]
                )
                return answer.text.contains("no-touch")
            }
            try server.folder.write("{ policy: { disable: ['deny.wipe'] } }", to: "other.json5")
            let replay = try await server.deckhand(
                "policy",
                "replay",
                "--rules",
                server.folder.file("other.json5")
            )
            #expect(replay.code == 0, "\(replay.errors)")
            #expect(try await server.deckhand("policy", "remove", "no-touch").code == 0)
            #expect(try await server.deckhand("policy", "remove", "no-touch").code == 1)
        }
    }
}
