import Core
import Testing

/// /v1/sessions/{s}/tickets: input, ending, lists and problems.
@Suite struct TicketTests {
    @Test func anInteractiveTicketReadsWhatItIsGivenUntilClosed() async throws {
        try await TestServer.with { server in
            let ticket = try await server.submit("cat; echo over", session: "i", ["input": ["open": true]])
            try await server.wait(ticket, for: "running")
            let all = (0...255).map { UInt8($0) }
            for bytes in [Array("first\n".utf8), all] {
                let answer = try await server.call(
                    "POST",
                    ticket.path + "/input",
                    bytes: bytes,
                    type: "application/octet-stream"
                )
                #expect(answer.status == 204, "\(answer.text)")
            }
            try await eventually("all input echoed") { try await server.output(ticket).count == 262 }
            #expect(try await server.state(ticket) == "running")
            #expect(try await server.call("POST", ticket.path + "/input?close=1", bytes: []).status == 204)
            let end = try await server.end(of: ticket)
            #expect(end["exit_code"]?.integer == 0)
            #expect(try await server.output(ticket) == Array("first\n".utf8) + all + Array("over\n".utf8))
            #expect(try await server.call("POST", ticket.path + "/input", bytes: [65]).status == 409)
            let deaf = try await server.submit("sleep 60", session: "i")
            let refused = try await server.call("POST", deaf.path + "/input", bytes: [65])
            #expect(refused.status == 409)
            #expect(refused["code"]?.string == "not_interactive")
        }
    }

    @Test func givenInputIsReadToItsEnd() async throws {
        try await TestServer.with { server in
            let text = String(repeating: "line\n", count: 40_000)
            let (_, _, output) = try await server.run("wc -c; cat /dev/null", ["input": .string(text)])
            #expect(output == Array("200000\n".utf8))
            let (_, _, none) = try await server.run("wc -c")
            #expect(none == Array("0\n".utf8))
        }
    }

    @Test func aTerminalIsATerminal() async throws {
        try await TestServer.with { server in
            let (_, _, output) = try await server.run(
                "test -t 1 && stty size",
                ["terminal": ["columns": 101, "rows": 33]]
            )
            #expect(output == Array("33 101\r\n".utf8))
            let (_, piped, _) = try await server.run("test -t 1")
            #expect(piped["exit_code"]?.integer == 1)
        }
    }

    @Test func cancellingEndsWaitingAndRunningTickets() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNNING": "1"]) { server in
            let running = try await server.submit(
                "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done",
                session: "c"
            )
            let queued = try await server.submit("echo never >> \(server.folder.file("never"))", session: "c")
            try await server.wait(running, toPrint: "ready")
            #expect(try await server.state(queued) == "queued")
            let first = try await server.call("POST", queued.path + "/cancel")
            #expect(first.status == 200)
            #expect(first["state"]?.string == "cancelled")
            let second = try await server.call("POST", running.path + "/cancel?wait=10")
            #expect(second["state"]?.string == "cancelled", "\(second.text)")
            let said = try await server.output(running, "?stream=stdout")
            #expect(said == Array("ready\nbye\n".utf8), "it was asked politely first")
            #expect(
                try await server.call("POST", running.path + "/cancel").status == 200,
                "cancelling twice is no error"
            )
            #expect(!Files.exists(server.folder.file("never")))
        }
    }

    @Test func ticketsAreListedInBothOrders() async throws {
        try await TestServer.with { server in
            for index in 1...5 { _ = try await server.submit("echo \(index)", session: "l") }
            let oldest = try await server.call("GET", "/v1/sessions/l/tickets?limit=2").json
            #expect(oldest["tickets"]?.array?.compactMap { $0["ticket"]?.integer } == [1, 2])
            let next = try #require(oldest["next"]?.integer)
            let rest = try await server.call("GET", "/v1/sessions/l/tickets?after=\(next)").json
            #expect(rest["tickets"]?.array?.compactMap { $0["ticket"]?.integer } == [3, 4, 5])
            #expect(rest["next"] == .null)
            let newest = try await server.call("GET", "/v1/sessions/l/tickets?order=newest&limit=2").json
            #expect(newest["tickets"]?.array?.compactMap { $0["ticket"]?.integer } == [5, 4])
        }
    }

    private static let mistakes: [(method: String, path: String, body: String?, status: Int, code: String?)] =
        [
            ("POST", "/v1/sessions/s/tickets", "{}", 422, "command_missing"),
            ("POST", "/v1/sessions/s/tickets", "{\"command\": 5}", 422, "invalid_field"),
            (
                "POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"comand\": 1}", 422,
                "unknown_field"
            ),
            (
                "POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"limits\": {\"tme\": 1}}", 422,
                "unknown_field"
            ),
            (
                "POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"limits\": {\"time\": -1}}", 422,
                nil
            ),
            (
                "POST", "/v1/sessions/s/tickets",
                "{\"command\": \"true\", \"limits\": {\"processes\": 1e400}}", 400, nil
            ),
            (
                "POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"env\": {\"A=B\": \"x\"}}", 422,
                "invalid_environment"
            ),
            (
                "POST", "/v1/sessions/s/tickets",
                "{\"command\": \"true\", \"env\": {\"DECKHAND_TICKET\": \"x\"}}", 422, nil
            ),
            ("POST", "/v1/sessions/s/tickets", "{\"command\": \"a\\u0000b\"}", 422, "command_has_nul"),
            ("POST", "/v1/sessions/s/tickets", "{\"command\": \"\\ud800\"}", 400, nil),
            ("POST", "/v1/sessions/s/tickets", "[1]", 400, "invalid_json"),
            ("POST", "/v1/sessions/s/tickets", "{\"command\": \"true\"", 400, "invalid_json"),
            ("POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"wait\": 61}", 422, "invalid_field"),
            ("POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"input\": 5}", 422, nil),
            (
                "POST", "/v1/sessions/s/tickets", "{\"command\": \"true\", \"terminal\": {\"columns\": 0}}",
                422, nil
            ),
            ("POST", "/v1/sessions", "{\"mode\": \"round\"}", 422, "invalid_field"),
            ("GET", "/v1/sessions/none", nil, 404, "session_not_found"),
            ("GET", "/v1/sessions/none/tickets/1", nil, 404, "ticket_not_found"),
            ("GET", "/v1/sessions/none/tickets/x", nil, 400, "invalid_ticket"),
            ("DELETE", "/v1/sessions/none/tickets/1", nil, 405, "method_not_allowed"),
            ("GET", "/v1/nothing", nil, 404, "not_found"),
        ]

    @Test func problemsAreProblemDetails() async throws {
        try await TestServer.with { server in
            for mistake in Self.mistakes {
                let answer = try await server.call(
                    mistake.method,
                    mistake.path,
                    bytes: mistake.body.map { Array($0.utf8) }
                )
                let what = "\(mistake.method) \(mistake.path) \(mistake.body ?? ""): \(answer.text)"
                #expect(answer.status == mistake.status, "\(what)")
                #expect(answer.header("Content-Type") == "application/problem+json", "\(what)")
                #expect(answer["status"]?.integer == Int64(mistake.status), "\(what)")
                if let code = mistake.code { #expect(answer["code"]?.string == code, "\(what)") }
                for member in ["type", "title", "detail", "instance"] {
                    #expect(answer[member]?.string?.isEmpty == false, "\(member) \(what)")
                }
            }
            #expect(try await server.ticketCount() == 0)
            let anonymous = try await server.send("GET", server.baseURL + "/v1/sessions")
            #expect(anonymous.status == 401)
            #expect(anonymous.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            let form = try await server.call(
                "POST",
                "/v1/sessions/s/tickets",
                bytes: Array("command=true".utf8),
                type: "application/x-www-form-urlencoded"
            )
            #expect(form.status == 400)
        }
    }
}
