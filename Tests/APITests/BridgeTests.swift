import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The panel assistant's command bridge")
struct BridgeTests {
    private static func run(_ caller: AssistantCaller, _ command: String, _ more: [String: JSONValue] = [:])
        async throws -> Answer
    {
        let body = JSONValue.object(["shellCmd": .string(command)].merging(more) { $1 })
        return try await caller.api(.post, "/bridge", json: String(decoding: body.bytes, as: UTF8.self))
    }

    /// Says yes to what a ticket waits for, as Ann who signs in for it.
    private static func approve(_ name: String, _ harness: AssistantHarness) async throws {
        let parts = name.split(separator: "/")
        let finder = Principal(id: .hash, permissions: [.shellRead])
        let ticket = try await harness.services.tickets.ticket(
            number: try #require(Int(parts[1])),
            in: try SessionName(String(parts[0])),
            as: finder
        )
        let approval = try #require(try await harness.approvals.approval(for: ticket.id))
        let known = try await harness.signIns.signIn(
            name: "ann",
            passphrase: Secret(AssistantHarness.passphrase),
            kind: .client,
            from: "192.0.2.9"
        ).known
        _ = try await harness.approvals.decide(
            approval.id,
            .approve,
            digest: harness.approvals.digest(of: approval),
            as: Principal(known.person, signIn: known.signIn.id)
        )
    }

    @Test(
        "streams apart, the true exit code, and the ticket; by the bridge's origin, for three seconds at most"
    )
    func answer() async throws {
        let policy = FakePolicy()
        let harness = try await AssistantHarness(
            policy: policy,
            answer: { _ in .exited(3, stdout: "out\n", stderr: "err\n", at: Timestamp(seconds: 5)) }
        )
        let ann = try await harness.person()
        try await harness.running {
            let answer = try await Self.run(ann, "make it")
            #expect(answer.status == 200)
            #expect(
                answer.text.trimmed
                    == #"{"success":true,"received":{"shellCmd":"make it","stdout":"out\n","stderr":"err\n","exitCode":3,"timedOut":false,"truncated":false,"ticket":"bridge-1/1"}}"#
            )
            let alias = try await ann.api(.post, "/loader_ajax.php", json: #"{"shellCmd":"make it"}"#)
            #expect(alias["received"]?["ticket"]?.string == "bridge-1/2", "each time it is a run of its own")
        }
        #expect(policy.questions.map(\.origin) == [.bridge, .bridge])
        #expect(harness.runner.started.allSatisfy { $0.limits.time == .seconds(3) })
    }

    @Test("what ends otherwise has the exit code that shells have for it")
    func ends() async throws {
        let ends: [(TicketState, Int64, Bool)] = [
            (.killed(signal: 9), 137, false), (.timedOut, 124, true), (.exited(code: 0), 0, false),
            (.lost(reason: "its supervisor was killed"), 125, false),
        ]
        for (state, code, timedOut) in ends {
            let harness = try await AssistantHarness(answer: { _ in
                var outcome = RunOutcome.exited(0, stdout: "half", at: Timestamp(seconds: 5))
                outcome.state = state
                return outcome
            })
            let ann = try await harness.person()
            try await harness.running {
                let answer = try await Self.run(ann, "x")
                #expect(answer["received"]?["exitCode"]?.integer == code, "\(state)")
                #expect(answer["received"]?["timedOut"]?.bool == timedOut, "\(state)")
                #expect(answer["received"]?["stdout"]?.string == "half", "\(state)")
            }
        }
    }

    @Test("each stream is cut at 200,000 bytes, between characters, and says so")
    func cut() async throws {
        let long = "a" + String(repeating: "é", count: 100_000)
        let harness = try await AssistantHarness(answer: { _ in
            var outcome = RunOutcome.exited(at: Timestamp(seconds: 5))
            outcome.inlineOutput = nil
            outcome.facts.stdoutBytes = 200_001
            outcome.facts.stderrBytes = 200_000
            outcome.facts.outputBytes = 400_001
            return outcome
        })
        let file = OutputReference(folder: try SessionName("bridge-1"), number: 1)
        harness.outputs.append(Array(long.utf8), from: .stdout, to: file)
        harness.outputs.append([UInt8](repeating: 0x65, count: 200_000), from: .stderr, to: file)
        let ann = try await harness.person()
        try await harness.running {
            let answer = try await Self.run(ann, "cat")
            let shown = "a" + String(repeating: "é", count: 99_999) + "\n[output truncated]"
            #expect(answer["received"]?["stdout"]?.string == shown)
            #expect(answer["received"]?["stderr"]?.string?.utf8.count == 200_000)
            #expect(answer["received"]?["truncated"]?.bool == true)
        }
    }

    @Test("a command that a person has to approve: exit code 126 with the link, then its result, run once")
    func asking() async throws {
        let policy = FakePolicy { question in
            question.command.hasPrefix("touch")
                ? .ask(reason: "It changes a file.", rule: "changes") : .allow
        }
        let harness = try await AssistantHarness(policy: policy)
        let ann = try await harness.person()
        try await harness.running {
            for _ in 0..<2 {
                let answer = try await Self.run(ann, "touch /tmp/a")
                let received = answer["received"]
                #expect(answer["success"] == .bool(true) && received?["exitCode"]?.integer == 126)
                let text = received?["stderr"]?.string ?? ""
                #expect(text.contains("It changes a file.") && text.contains("Rule: changes"), "\(text)")
                #expect(text.contains("\(AssistantHarness.baseURL)/approve/1"), "\(text)")
                #expect(received?["ticket"]?.string == "bridge-1/1", "it is asked once")
            }
            #expect(harness.runner.started.isEmpty)
            try await Self.approve("bridge-1/1", harness)
            harness.clock.advance(by: .seconds(7_200))
            let done = try await Self.run(ann, "touch /tmp/a")
            #expect(done["received"]?["exitCode"]?.integer == 0)
            #expect(done["received"]?["stdout"]?.string == "ok\n")
            #expect(harness.runner.started.count == 1)
            // What was approved was used: the next time a person is asked again.
            let again = try await Self.run(ann, "touch /tmp/a")
            #expect(again["received"]?["exitCode"]?.integer == 126)
            #expect(again["received"]?["ticket"]?.string == "bridge-1/2")
        }
    }

    @Test("a command that is denied: exit code 126 with reason, rule and the next step")
    func denied() async throws {
        let policy = FakePolicy { _ in
            .deny(reason: "It destroys.", rule: "destroy", hint: "Look at it with ls.")
        }
        let harness = try await AssistantHarness(policy: policy)
        let ann = try await harness.person()
        let answer = try await Self.run(ann, "rm -rf /")
        #expect(answer.status == 200 && answer["received"]?["exitCode"]?.integer == 126)
        let text = answer["received"]?["stderr"]?.string ?? ""
        for part in ["It destroys.", "destroy", "Look at it with ls."] { #expect(text.contains(part)) }
        #expect(harness.runner.started.isEmpty)
    }

    @Test("the same key is the same run")
    func key() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        try await harness.running {
            let first = try await Self.run(ann, "date", ["key": .string("k1")])
            let second = try await Self.run(ann, "date", ["key": .string("k1")])
            #expect(first.body == second.body && first.status == 200)
            #expect(harness.runner.started.count == 1)
            #expect(try await Self.run(ann, "date", ["key": .string("a b")]).status == 422)
        }
    }

    @Test(
        "bodies that cannot be run",
        arguments: [
            (#"{"shellCmd":"#, 400, "Invalid JSON: Syntax error"), ("", 400, "Invalid JSON: Syntax error"),
            (#"["ls"]"#, 400, "JSON payload must be an object"),
            (#"7"#, 400, "JSON payload must be an object"),
            (#"{}"#, 422, "Missing required field: shellCmd"),
            (#"{"shellCmd":null}"#, 422, "Missing required field: shellCmd"),
            (#"{"shellCmd":["ls"]}"#, 422, "Field must be a string: shellCmd"),
            (#"{"shellCmd":"a\u0000b"}"#, 422, "A command cannot contain a NUL byte."),
            (
                #"{"shellCmd":"\#(String(repeating: "a", count: 122_881))"}"#, 422,
                "Field is too long: shellCmd"
            ),
        ]
    )
    func badBodies(body: String, status: Int, error: String) async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let answer = try await ann.api(.post, "/bridge", json: body)
        #expect(answer.status == status)
        #expect(answer["success"] == .bool(false) && answer["error"]?.string == error)
    }

    @Test("who may use it: a person who signed in, with shell.run, from a page of ours or with a token")
    func access() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let reader = try await harness.person("rita", [.chat, .shellRead])
        let runner = try await harness.person("rob", [.shellRun])
        try await harness.running {
            #expect(try await Self.run(ann, "true").status == 200)
            #expect(try await Self.run(runner, "true").status == 200)
            let refused = try await Self.run(reader, "true")
            #expect(refused.status == 403 && refused.code == "permission_missing")
            #expect(refused["success"] == .bool(false))
            let program = try await harness.program([.shellRun, .shellRead, .chat])
            #expect(try await Self.run(program, "true").code == "sign_in_required")

            let begun = try await harness.send(
                .post,
                "/v1/signin",
                body: Array(
                    #"{"username":"ann","passphrase":"\#(AssistantHarness.passphrase)"}"#.utf8
                )
            )
            let cookie = String(try #require(begun.headers["Set-Cookie"]).prefix { $0 != ";" })
            let token = try #require(begun["csrf_token"]?.string)
            let send: (HTTPHeaders) async throws -> Answer = { headers in
                var headers = headers
                headers["Cookie"] = cookie
                return try await harness.send(
                    .post,
                    "/bridge",
                    headers: headers,
                    body: Array(#"{"shellCmd":"true"}"#.utf8)
                )
            }
            #expect(try await send([:]).code == "csrf_token_missing")
            let foreign = try await send(["X-CSRF-Token": token, "Origin": "https://evil.example"])
            #expect(foreign.code == "foreign_origin")
            #expect(try await send(["X-CSRF-Token": token]).status == 200)
            #expect(try await send(["X-CSRF-Token": token, "Origin": "https://hands.example"]).status == 200)
        }
        #expect(harness.runner.started.count == 4)
    }
}
