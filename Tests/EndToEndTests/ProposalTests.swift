import CLinux
import Core
import Testing

/// "Always allow": from a person's answer to a rule that somebody reviewed; skipped where the command cannot run.
///
/// One after the other, since both write the same file.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct ProposalTests {
    private static let path = "/var/log/deckhand-always-allowed"
    private static let command = "touch \(path)"

    /// Approves what waits, with the wish to always allow it.
    private func approveAlways(_ person: Person) async throws -> Int64 {
        let list = try await person.call("GET", "/v1/approvals?state=awaiting")
        let id = try #require(list["approvals"]?.array?.first?["id"]?.integer, "\(list.text)")
        let shown = try await person.call("GET", "/v1/approvals/\(id)")
        #expect(shown["proposed_rule"]?.string?.contains("touch") == true, "\(shown.text)")
        let digest = try #require(shown["digest"]?.string)
        let answer = try await person.call(
            "POST",
            "/v1/approvals/\(id)/decide",
            ["decision": "approve", "digest": .string(digest), "always": true]
        )
        #expect(answer.status == 200, "\(answer.text)")
        return id
    }

    private func submit(_ command: String, _ server: TestServer) async throws -> String {
        try await server.get("/shell", [("session", "s"), ("cmd", command), ("fresh", "1")]).text
    }

    @Test func aProposedRuleCountsOnlyOnceItIsAcceptedAndForThatCommandOnly() async throws {
        let script = "{ answers: [{ text: ['x'] }] }"
        // A name of a directory that rules may allow, and that only root can write.
        defer { _ = unsafe unlink(Self.path) }
        try await TestServer.withScript(script, ["GET_POLICY": "ask"]) { server, person in
            #expect(try await submit(Self.command, server).contains("awaiting_approval"))
            let id = try await approveAlways(person)
            try await eventually("the approved command ran") { Files.exists(Self.path) }
            // Approved once: a proposal decides nothing.
            #expect(try await submit(Self.command, server).contains("awaiting_approval"))
            try await person.decideAll("deny")
            let list = try await server.deckhand("policy", "proposals")
            #expect(list.text.contains("operator:1") && list.text.contains(Self.command), "\(list.text)")

            let accepted = try await server.deckhand("policy", "accept", "\(id)", "--id", "always-touch")
            #expect(accepted.code == 0, "\(accepted.errors)")
            try await eventually("the rule is in force") {
                try await submit(Self.command, server).contains("awaiting_approval") == false
            }
            try await person.decideAll("deny")
            // It runs, and may write as the approved one did.
            let ticket = try await server.shell(Self.command, session: "s").ticket
            #expect(try await server.end(of: ticket)["exit_code"]?.integer == 0)
            let rules = try await server.deckhand("policy", "list").text
            #expect(rules.contains("always-touch"))
            // It is about exactly this command.
            for other in [
                "touch /var/log/deckhand-always-allowed2", "touch /etc/passwd",
                "touch -a /var/log/deckhand-always-allowed",
                "touch /var/log/deckhand-always-allowed /var/log/b",
                "touch /var/log/deckhand-always-allowed; sync",
                "PATH=/tmp touch /var/log/deckhand-always-allowed",
            ] {
                #expect(try await submit(other, server).contains("awaiting_approval"), "\(other)")
            }
            // Reviewed once.
            #expect(try await server.deckhand("policy", "accept", "\(id)").code == 1)
            #expect(try await !server.deckhand("policy", "proposals").text.contains(Self.command))

            // And taken back.
            #expect(try await server.deckhand("policy", "remove", "always-touch").code == 0)
            try await eventually("it is asked for again") {
                try await submit(Self.command, server).contains("awaiting_approval")
            }
            try await person.decideAll("deny")
        }
    }

    @Test func aDismissedProposalLeavesNothing() async throws {
        let script = "{ answers: [{ text: ['x'] }] }"
        // A name of a directory that rules may allow, and that only root can write.
        defer { _ = unsafe unlink(Self.path) }
        try await TestServer.withScript(script, ["GET_POLICY": "ask"]) { server, person in
            #expect(try await submit(Self.command, server).contains("awaiting_approval"))
            let id = try await approveAlways(person)
            #expect(try await server.deckhand("policy", "dismiss", "\(id)").code == 0)
            #expect(try await !server.deckhand("policy", "proposals").text.contains(Self.command))
            #expect(try await server.deckhand("policy", "accept", "\(id)").code == 1)
            #expect(try await submit(Self.command, server).contains("awaiting_approval"))
            // What is more than one plain command has no rule to propose, and wanting one is refused.
            #expect(try await submit("touch /var/log/a && id", server).contains("awaiting_approval"))
            let waiting = try await person.call("GET", "/v1/approvals?state=awaiting")
            for approval in waiting["approvals"]?.array ?? [] {
                let shown = try await person.call("GET", "/v1/approvals/\(approval["id"]?.integer ?? 0)")
                guard shown["command"]?.string == "touch /var/log/a && id" else { continue }
                #expect(shown["proposed_rule"]?.string == nil)
                let answer = try await person.call(
                    "POST",
                    "/v1/approvals/\(approval["id"]?.integer ?? 0)/decide",
                    ["decision": "approve", "digest": shown["digest"] ?? .null, "always": true]
                )
                #expect(answer.status == 422 && answer.text.contains("no_rule_to_propose"), "\(answer.text)")
            }
        }
    }
}
