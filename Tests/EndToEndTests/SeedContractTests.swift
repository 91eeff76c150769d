import Core
import Testing

/// The second seed's keys and errors, exactly, and that errors teach.
@Suite struct SeedContractTests {
    @Test func theAnswersHaveTheSeedsKeys() async throws {
        try await TestServer.with { server in
            let submission = try await server.get("/shell", [("session", "s"), ("cmd", "echo hi")])
            #expect(submission.header("Content-Type")?.hasPrefix("application/json") == true)
            #expect(submission.body.last == 10)
            let json = submission.json
            #expect(json.keys.isSuperset(of: ["type", "cached", "ticket", "session", "input", "callback"]))
            #expect(json["type"]?.string == "submission")
            #expect(json["cached"] == .bool(false))
            #expect(json["ticket"] == .integer(1))
            #expect(json["session"]?.string == "s")
            #expect(json["input"]?.string == "echo hi")
            let callback = try #require(json["callback"]?.string)
            #expect(callback.hasPrefix(server.baseURL + "/callback?"))
            #expect(callback.contains("session=s") && callback.contains("ticket=1"))
            #expect(json["stream"]?.string?.hasPrefix(server.baseURL + "/stream?") == true)
            #expect(json["poll_after"]?.number != nil)

            let result = try await server.get(
                "/callback",
                [("session", "s"), ("ticket", "1"), ("wait", "20")]
            )
            #expect(result.body.last == 10)
            let end = result.json
            #expect(
                end.keys.isSuperset(of: [
                    "type", "next", "ticket", "session", "input", "output", "state", "exit_code", "signal",
                    "stdout",
                    "stderr", "started", "finished", "duration", "truncated",
                ])
            )
            #expect(end["type"]?.string == "result")
            #expect(end["next"]?.string?.contains("You can now issue your next command to /shell") == true)
            #expect(end["output"]?.string == "hi\n")
            #expect(end["state"]?.string == "exited")
            #expect(end["exit_code"] == .integer(0))
            #expect(end["signal"] == .null)
            #expect(end["truncated"] == .bool(false))
            #expect((end["duration"]?.number ?? -1) >= 0)
            #expect((end["started"]?.string ?? "") <= (end["finished"]?.string ?? ""))

            let working = try await {
                _ = try await server.shell("sleep 60", session: "s")
                return try await server.get("/callback", [("session", "s"), ("ticket", "2")])
            }()
            #expect(working.status == 200)
            #expect(working["status"]?.string == "working")
            #expect(working["message"]?.string?.hasPrefix("No output for ticket 2 yet.") == true)
            #expect(["queued", "starting", "running"].contains(working["state"]?.string ?? ""))
            #expect(working["poll_after"]?.number != nil)
        }
    }

    @Test func howCommandsEndIsTold() async throws {
        try await TestServer.with { server in
            let table: [(String, String, JSONValue, JSONValue)] = [
                ("exit 7", "exited", 7, .null), ("kill -9 $$", "killed", .null, 9),
                ("kill -TERM $$", "killed", .null, 15), ("no-such-command-here", "exited", 127, .null),
                ("(exit 3) | true", "exited", 0, .null),
            ]
            for (command, state, code, signal) in table {
                let answer = try await server.shell(command, session: "e", [("wait", "20")]).answer
                #expect(answer["state"]?.string == state, "\(command)")
                #expect(answer["exit_code"] == code, "\(command)")
                #expect(answer["signal"] == signal, "\(command)")
            }
        }
    }

    private struct Mistake: Sendable, CustomTestStringConvertible {
        let path: String
        let status: Int
        let error: String?
        var hash = true
        var testDescription: String { path }
    }

    private static let mistakes = [
        Mistake(
            path: "/shell?session=s&cmd=true",
            status: 401,
            error: "Invalid or missing 'hash' parameter",
            hash: false
        ),
        Mistake(
            path: "/callback?session=s&ticket=1",
            status: 401,
            error: "Invalid or missing 'hash' parameter",
            hash: false
        ),
        Mistake(
            path: "/history?session=s",
            status: 401,
            error: "Invalid or missing 'hash' parameter",
            hash: false
        ),
        Mistake(path: "/context", status: 401, error: "Invalid or missing 'hash' parameter", hash: false),
        Mistake(path: "/shell?session=s", status: 400, error: "Invalid or missing 'cmd' parameter"),
        Mistake(path: "/shell?session=s&cmd=", status: 400, error: "Invalid or missing 'cmd' parameter"),
        Mistake(path: "/shell?session=s&cmd=%20%0A", status: 400, error: nil),
        Mistake(path: "/callback?session=s", status: 400, error: "Invalid or missing 'ticket' parameter"),
        Mistake(
            path: "/callback?session=s&ticket=x",
            status: 400,
            error: "Invalid or missing 'ticket' parameter"
        ),
        Mistake(
            path: "/callback?session=s&ticket=0",
            status: 400,
            error: "Invalid or missing 'ticket' parameter"
        ),
        Mistake(
            path: "/callback?session=s&ticket=-1",
            status: 400,
            error: "Invalid or missing 'ticket' parameter"
        ),
        Mistake(path: "/callback?ticket=1", status: 400, error: "Invalid or missing 'session' parameter"),
        Mistake(path: "/history?", status: 400, error: "Invalid or missing 'session' parameter"),
        Mistake(path: "/callback?session=none&ticket=1", status: 404, error: nil),
        Mistake(path: "/history?session=none", status: 404, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&cmd=false", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&wait=61", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&wait=x", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&wait=nan", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&format=xml", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&timeout=-1", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&timeout=0", status: 422, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&cwd=relative", status: 422, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&fresh=perhaps", status: 400, error: nil),
        Mistake(path: "/shell?session=s&cmd=true&offset=-1", status: 400, error: nil),
        Mistake(path: "/shell/extra?cmd=true", status: 404, error: nil),
    ]

    @Test func everyMistakeIsAnErrorThatSaysWhatToDo() async throws {
        try await TestServer.with { server in
            for mistake in Self.mistakes {
                let separator = mistake.path.contains("?") ? "&" : "?"
                let url =
                    server.baseURL + mistake.path + (mistake.hash ? separator + "hash=" + server.hash : "")
                let answer = try await server.send("GET", url)
                #expect(answer.status == mistake.status, "\(mistake.path): \(answer.text)")
                #expect(answer.header("Content-Type")?.hasPrefix("application/json") == true)
                #expect(answer.body.last == 10)
                if let error = mistake.error { #expect(answer["error"]?.string == error, "\(mistake.path)") }
                #expect(answer["error"]?.string?.isEmpty == false, "\(mistake.path)")
                #expect(answer["code"]?.string?.isEmpty == false, "\(mistake.path)")
                #expect(answer["next"]?.string?.isEmpty == false, "\(mistake.path): \(answer.text)")
            }
            #expect(try await server.ticketCount() == 0)
        }
    }

    @Test func theQueueIsBoundedAndSaysWhenToComeBack() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNNING": "1", "DECKHAND_QUEUE": "2"]) { server in
            let first = try await server.shell("sleep 60", session: "q")
            try await server.wait(first.ticket, for: "running")
            for index in 0..<2 { _ = try await server.shell("echo \(index)", session: "q") }
            let refused = try await server.get("/shell", [("session", "q"), ("cmd", "echo more")])
            #expect(refused.status == 429)
            #expect(refused["next"]?.string?.isEmpty == false)
            #expect(refused.header("Retry-After").flatMap { Int($0) }.map { $0 > 0 } == true)
            let posted = try await server.call("POST", "/v1/sessions/q/tickets", ["command": "echo more"])
            #expect(posted.status == 429)
            #expect(posted.header("Retry-After") != nil)
            // A refusal used up no number.
            #expect(try await server.call("GET", "/v1/sessions/q").json["last_ticket"]?.integer == 3)
        }
    }
}
