import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The JSON face")
struct JSONFaceTests {
    private static let tickets = "/v1/sessions/s/tickets"

    @Test("sessions are made, listed, looked at and removed")
    func sessions() async throws {
        let harness = EdgeHarness()
        let made = try await harness.api(
            .post,
            "/v1/sessions",
            json:
                "{\"name\":\"web\",\"mode\":\"stateful\",\"cwd\":\"/srv\",\"env\":{\"TOKEN\":\"s3cret\"},\"limits\":{\"time\":1.5,\"processes\":9}}"
        )
        #expect(made.status == 201)
        #expect(made.headers["Location"] == "/base/v1/sessions/web")
        #expect(made["mode"]?.string == "stateful")
        #expect(made["limits"]?["time"]?.number == 1.5)
        #expect(made["env"] == .object(["TOKEN": .string("<set>")]))
        #expect(!made.text.contains("s3cret"))
        #expect(
            try await harness.api(.post, "/v1/sessions", json: "{\"name\":\"web\"}").code == "session_exists"
        )
        let random = try await harness.api(.post, "/v1/sessions")
        #expect(random.status == 201)
        #expect(random["mode"]?.string == "parallel")
        #expect(try await harness.api(.get, "/v1/sessions/web").json == made.json)
        let page = try await harness.api(.get, "/v1/sessions", [("limit", "1")])
        #expect(page["sessions"]?.array?.count == 1)
        let next = try #require(page["next"]?.integer)
        let rest = try await harness.api(.get, "/v1/sessions", [("after", "\(next)")])
        #expect(rest["sessions"]?.array?.count == 1)
        #expect(rest["next"] == .null)
        let found = try await harness.api(.get, "/v1/sessions", [("q", "WE")])
        #expect(found["sessions"]?.array?.map { $0["name"]?.string } == ["web"] && found["next"] == .null)
        let long = try await harness.api(.get, "/v1/sessions", [("q", String(repeating: "x", count: 201))])
        #expect(long.status == 400 && long.code == "invalid_parameter")
        #expect(try await harness.api(.delete, "/v1/sessions/web").status == 204)
        #expect(try await harness.api(.get, "/v1/sessions/web").code == "session_not_found")
        #expect(try await harness.api(.delete, "/v1/sessions/web").status == 404)
    }

    @Test("a submission is 201 with its address, a repeated key 200")
    func submit() async throws {
        let harness = EdgeHarness()
        let body =
            "{\"command\":\"make -j2\",\"cwd\":\"/srv\",\"env\":{\"A\":\"b\"},\"timeout\":30,\"input\":\"hi\",\"key\":\"k\",\"terminal\":{\"columns\":100}}"
        let first = try await harness.api(.post, Self.tickets, json: body)
        #expect(first.status == 201)
        #expect(first.headers["Location"] == "/base/v1/sessions/s/tickets/1")
        #expect(first["state"]?.string == "queued")
        #expect(first["origin"]?.string == "api")
        #expect(try await harness.api(.post, Self.tickets, json: body).status == 200)
        let stored = try #require(try await harness.store.ticket(number: 1, inSessionNamed: SessionName("s")))
        #expect(stored.options.workingDirectory == "/srv")
        #expect(stored.options.environment == ["A": "b"])
        #expect(stored.options.limits.time == .seconds(30))
        #expect(stored.options.input == .bytes(Array("hi".utf8)))
        #expect(stored.options.terminal == TerminalSize(columns: 100, rows: 40))
        let again = try await harness.api(.post, Self.tickets, json: "{\"command\":\"make -j2\"}")
        #expect(again.status == 201, "the JSON face has no window of its own")
        let random = try await harness.api(.post, "/v1/sessions/-/tickets", json: "{\"command\":\"ls\"}")
        #expect(random["session"]?.string?.split(separator: "-").count == 3)
    }

    @Test(
        "mistakes teach, in problem details, and run nothing",
        arguments: [
            ("{}", 422, "command_missing"), ("{\"command\":\"\"}", 400, "command_missing"),
            ("{\"command\":1}", 422, "invalid_field"),
            ("{\"cmd\":\"ls\"}", 422, "unknown_field"),
            ("{\"command\":\"ls\",\"wait\":61}", 422, "invalid_field"),
            ("{\"command\":\"ls\",\"timeout\":0}", 422, "invalid_timeout"),
            ("{\"command\":\"ls\",\"input\":7}", 422, "invalid_field"),
            ("{\"command\":\"ls\",\"input\":{\"x\":1}}", 422, "unknown_field"),
            ("{\"command\":\"ls\",\"terminal\":{\"rows\":0}}", 422, "invalid_field"),
            ("{\"command\":\"ls\",\"limits\":{\"tim\":1}}", 422, "unknown_field"),
            ("{\"command\":\"ls\",\"limits\":{\"memory_bytes\":-1}}", 422, "invalid_limit"),
            ("{\"command\":\"ls\",\"env\":{\"A\":1}}", 422, "invalid_field"),
            ("{\"command\":\"ls\",\"env\":{\"1A\":\"\"}}", 422, "invalid_environment"),
            ("{\"command\":\"ls\",\"key\":\"a b\"}", 422, "invalid_key"),
            ("{\"command\":\"l\\u0000s\"}", 422, "command_has_nul"), ("[", 400, "invalid_json"),
        ]
    )
    func mistakes(body: String, status: Int, code: String) async throws {
        let harness = EdgeHarness()
        let answer = try await harness.api(.post, Self.tickets, json: body)
        #expect(answer.status == status)
        #expect(answer.code == code)
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        #expect(answer["type"]?.string == "/base/docs#\(code)")
        #expect(answer["hint"]?.string?.isEmpty == false)
        #expect(try await harness.store.queuedCount() == 0)
        #expect(try await harness.store.session(named: SessionName("s")) == nil)
    }

    @Test("credentials come in the header or over the local socket only")
    func credentials() async throws {
        let harness = EdgeHarness()
        let none = try await harness.api(.get, "/v1/sessions", bearer: nil)
        #expect(none.status == 401)
        #expect(none.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        #expect(
            try await harness.api(.get, "/v1/sessions", [("hash", EdgeHarness.hash)], bearer: nil).code
                == "credential_in_query"
        )
        #expect(try await harness.api(.get, "/v1/sessions", bearer: "dh_wrong").code == "invalid_token")
        for value in ["Basic eDp5", "Bearer", EdgeHarness.hash] {
            let answer = try await harness.api(
                .get,
                "/v1/sessions",
                headers: ["Authorization": value],
                bearer: nil
            )
            #expect(answer.code == "invalid_authorization", "\(value)")
        }
        #expect(
            try await harness.api(
                .get,
                "/v1/sessions",
                headers: ["Authorization": "bearer \(EdgeHarness.hash)"],
                bearer: nil
            ).status == 200
        )
        let twice = HTTPHeaders([
            .init(name: "Authorization", value: "Bearer \(EdgeHarness.hash)"),
            .init(name: "Authorization", value: "Bearer x"),
        ])
        #expect(try await harness.send(.get, "/v1/sessions", headers: twice).code == "invalid_authorization")
        for (uid, status) in [(UInt32(0), 200), (1_000, 200), (1_001, 401)] {
            #expect(
                try await harness.send(.get, "/v1/sessions", peer: .local(uid: uid, pid: 1)).status == status
            )
        }
        let cli = try await harness.send(
            .post,
            Self.tickets,
            body: Array("{\"command\":\"ls\"}".utf8),
            peer: .local(uid: 1_000, pid: 1)
        )
        #expect(cli["origin"]?.string == "cli")
        #expect(cli["submitted_by"]?.string == "socket:1000")
    }

    @Test("a token does what it lists")
    func permissions() async throws {
        let harness = EdgeHarness()
        _ = try await harness.plantFinished([(.stdout, [120])])
        let rows: [(Set<Permission>, HTTPMethod, String, Int)] = [
            ([.shellRead], .get, Self.tickets, 200), ([.shellRead], .post, Self.tickets, 403),
            ([.shellRun], .get, Self.tickets, 403), ([.shellRun], .post, Self.tickets, 201),
            ([.shellRun], .post, "\(Self.tickets)/1/cancel", 200),
            ([.shellRead], .post, "\(Self.tickets)/1/cancel", 403),
            ([.shellRun], .post, "\(Self.tickets)/1/input", 403),
            ([.shellInput], .post, "\(Self.tickets)/1/input", 409),
            ([.chat], .get, "/v1/sessions", 403), ([.chat], .get, "\(Self.tickets)/1/output", 403),
            ([.chat], .get, "\(Self.tickets)/1/events", 403),
        ]
        for (permissions, method, path, status) in rows {
            let (_, token) = try await harness.tokenService.create(
                name: "t",
                permissions: permissions,
                lifetime: nil,
                by: .hash
            )
            let answer = try await harness.api(
                method,
                path,
                path.hasSuffix("input") ? [("close", "1")] : [],
                json: method == .post && path == Self.tickets ? "{\"command\":\"ls\"}" : nil,
                bearer: token.reveal()
            )
            #expect(answer.status == status, "\(permissions) \(method) \(path)")
        }
    }

    @Test("tickets are listed from either end, in pages")
    func list() async throws {
        let harness = EdgeHarness()
        for _ in 1...5 { _ = try await harness.plantFinished([]) }
        func numbers(_ query: [(String, String)]) async throws -> ([Int64], JSONValue?) {
            let answer = try await harness.api(.get, Self.tickets, query)
            return (answer["tickets"]?.array?.compactMap { $0["ticket"]?.integer } ?? [], answer["next"])
        }
        #expect(try await numbers([("limit", "2")]) == ([1, 2], .integer(2)))
        #expect(try await numbers([("limit", "2"), ("after", "2")]) == ([3, 4], .integer(4)))
        #expect(try await numbers([("after", "4")]) == ([5], .null))
        #expect(try await numbers([("order", "newest"), ("limit", "2")]) == ([5, 4], .integer(4)))
        #expect(try await numbers([("order", "newest"), ("after", "4")]) == ([3, 2, 1], .null))
        #expect(try await harness.api(.get, Self.tickets, [("order", "x")]).code == "invalid_parameter")
    }

    @Test("output by range, bytes, lines and text", arguments: [3, 17, 1_000])
    func output(longestRead: Int) async throws {
        let harness = EdgeHarness(longestRead: longestRead)
        let whole = (1...50).map { "line \($0)\n" }.joined()
        _ = try await harness.plantFinished([(.stdout, Array(whole.utf8)), (.stderr, Array("oops\n".utf8))])
        func read(_ query: [(String, String)], range: String? = nil) async throws -> Answer {
            try await harness.api(
                .get,
                "\(Self.tickets)/1/output",
                query,
                headers: range.map { ["Range": $0] } ?? [:]
            )
        }
        let all = try await read([])
        #expect(all.text == whole + "oops\n")
        #expect(all.headers["Deckhand-Length"] == "\(whole.utf8.count + 5)")
        #expect(all.headers["Accept-Ranges"] == "bytes")
        #expect(all.headers["Deckhand-State"] == "exited")
        #expect(try await read([("stream", "stdout")]).text == whole)
        #expect(try await read([("stream", "stderr")]).text == "oops\n")
        #expect(try await read([("offset", "7"), ("limit", "6")]).text == "line 2")
        #expect(try await read([("head", "2")]).text == "line 1\nline 2\n")
        #expect(try await read([("tail", "2")]).text == "line 50\noops\n")
        #expect(try await read([("lines", "3-4")]).text == "line 3\nline 4\n")
        #expect(try await read([("lines", "51-99")]).text == "oops\n")
        #expect(try await read([("lines", "99-100")]).text == "")
        #expect(try await read([("grep", "line 4")]).text.hasPrefix("4:line 4\n40:line 40\n"))
        #expect(try await read([("grep", "line"), ("limit", "2")]).text == "1:line 1\n2:line 2\n")
        let part = try await read([], range: "bytes=0-5")
        #expect(part.status == 206)
        #expect(part.text == "line 1")
        #expect(part.headers["Content-Range"] == "bytes 0-5/\(whole.utf8.count + 5)")
        #expect(try await read([], range: "bytes=-5").text == "oops\n")
        #expect(try await read([], range: "bytes=9999-").status == 416)
        #expect(try await read([], range: "lines=1-2").status == 200)
        for query in [
            [("lines", "4-3")], [("lines", "x")], [("lines", "0-3")], [("tail", "0")], [("stream", "x")],
            [("offset", "-1")],
        ] {
            #expect(try await read(query).code == "invalid_parameter", "\(query)")
        }
    }

    @Test(
        "bytes that were not kept are marked in a whole output, and never inside a range",
        arguments: [4, 1_000]
    )
    func gap(longestRead: Int) async throws {
        let harness = EdgeHarness(longestRead: longestRead)
        let ticket = try await harness.plantFinished([
            (.stdout, Array(("head" + String(repeating: "?", count: 100) + "tail").utf8))
        ])
        harness.outputs.omit(
            OmittedRange(start: 4, end: 104),
            of: OutputReference(folder: ticket.sessionName, number: 1)
        )
        let path = "\(Self.tickets)/1/output"
        let all = try await harness.api(.get, path)
        #expect(all.text == "head\n[… 100 bytes were not kept …]\ntail")
        #expect(all.headers["Deckhand-Omitted"] == "4-103")
        let range = try await harness.api(.get, path, headers: ["Range": "bytes=0-107"])
        #expect(range.text == "head")
        #expect(range.headers["Content-Range"] == "bytes 0-3/108")
        #expect(try await harness.api(.get, path, headers: ["Range": "bytes=50-60"]).status == 416)
        // In pieces: each says where the next one begins, over the gap as well.
        var kept = ""
        var offset = "0"
        for _ in 0..<20 where offset != "108" {
            let piece = try await harness.api(.get, path, [("offset", offset), ("limit", "3")])
            kept += piece.text
            offset = try #require(piece.headers["Deckhand-Next-Offset"])
        }
        #expect(kept == "headtail")
        #expect(try await harness.api(.get, path, [("offset", "50")]).text == "tail")
    }

    @Test("input is taken as raw bytes, and closes on request")
    func input() async throws {
        let harness = EdgeHarness()
        try await harness.running {
            _ = try await harness.api(
                .post,
                Self.tickets,
                json: "{\"command\":\"cat\",\"input\":{\"open\":true}}"
            )
            try await eventually("it runs") { harness.runner.started.count == 1 }
            let id = harness.runner.started[0].ticket
            harness.runner.report(started: id, at: harness.clock.now())
            let path = "\(Self.tickets)/1/input"
            #expect(try await harness.api(.post, path, body: [0, 255, 10]).status == 204)
            #expect(harness.runner.written(to: id) == [0, 255, 10])
            #expect(try await harness.api(.post, path).code == "input_missing")
            #expect(
                try await harness.api(.post, path, body: [UInt8](repeating: 0, count: (1 << 20) + 1)).status
                    == 413
            )
            #expect(try await harness.api(.post, path, [("close", "1")], body: [1]).status == 204)
            #expect(harness.runner.isClosed(id))
            #expect(try await harness.api(.post, path, body: [1]).code == "input_closed")
        }
    }

    @Test("a terminal's size changes while it runs")
    func resize() async throws {
        let harness = EdgeHarness()
        try await harness.running {
            _ = try await harness.api(
                .post,
                Self.tickets,
                json: "{\"command\":\"top\",\"terminal\":{\"columns\":80,\"rows\":24}}"
            )
            try await eventually("it runs") { harness.runner.started.count == 1 }
            let id = harness.runner.started[0].ticket
            harness.runner.report(started: id, at: harness.clock.now())
            let path = "\(Self.tickets)/1/resize"
            #expect(
                try await harness.api(.post, path, json: "{\"columns\":1000,\"rows\":1}").status == 204
            )
            #expect(harness.runner.size(of: id) == TerminalSize(columns: 1_000, rows: 1))
            for (json, code) in [
                ("{\"columns\":1001,\"rows\":1}", "invalid_field"),
                ("{\"columns\":80}", "invalid_field"), ("{\"columns\":\"80\",\"rows\":24}", "invalid_field"),
                ("{\"columns\":80,\"rows\":24,\"x\":1}", "unknown_field"), ("[80,24]", "invalid_json"),
            ] {
                #expect(try await harness.api(.post, path, json: json).code == code, "\(json)")
            }
            #expect(harness.runner.size(of: id) == TerminalSize(columns: 1_000, rows: 1))
            _ = try await harness.api(.post, Self.tickets, json: "{\"command\":\"ls\"}")
            let piped = try await harness.api(
                .post,
                "\(Self.tickets)/2/resize",
                json: "{\"columns\":80,\"rows\":24}"
            )
            #expect(piped.status == 409 && piped.code == "no_terminal")
        }
    }

    @Test("cancelling is 202 while it is being ended, 200 when it is over")
    func cancel() async throws {
        let harness = EdgeHarness()
        let queued = try await harness.api(.post, Self.tickets, json: "{\"command\":\"a\"}")
        #expect(queued.status == 201)
        let gone = try await harness.api(.post, "\(Self.tickets)/1/cancel")
        #expect(gone.status == 200)
        #expect(gone["state"]?.string == "cancelled")
        #expect(gone["finished"]?.string != nil)
        try await harness.running {
            _ = try await harness.api(.post, Self.tickets, json: "{\"command\":\"b\"}")
            try await eventually("it runs") { harness.runner.started.count == 1 }
            #expect(try await harness.api(.post, "\(Self.tickets)/2/cancel").status == 202)
            try await eventually("it is ended") { !harness.runner.ended.isEmpty }
        }
        #expect(try await harness.api(.post, "\(Self.tickets)/77/cancel").status == 404)
    }

    @Test(
        "hostile names and numbers in paths touch nothing",
        arguments: ["..", ".", ".x", "a/b", "a b", "ä", "%2e%2e", "a\u{0}"]
    )
    func hostilePaths(name: String) async throws {
        let harness = EdgeHarness()
        let path = ["v1", "sessions", name, "tickets"]
        let request = HTTPRequest(
            method: .post,
            rawTarget: "/",
            path: path,
            pathText: "/v1/sessions/x/tickets",
            headers: ["Authorization": "Bearer \(EdgeHarness.hash)"],
            body: Array("{\"command\":\"ls\"}".utf8)
        )
        let answer = try await Answer(harness.edge.respond(to: request))
        #expect(answer.status == 422)
        #expect(answer.code == "invalid_session_name")
        #expect(try await harness.store.queuedCount() == 0)
        for number in ["0", "-1", "x", "1.0", "99999999999999999999"] {
            #expect(
                try await harness.api(.get, "\(Self.tickets)/\(number)").code == "invalid_ticket",
                "\(number)"
            )
        }
    }

    @Test("refusals of the server below keep the shape of the face, and teach")
    func rejections() async throws {
        let harness = EdgeHarness()
        for reason in HTTPRejection.Reason.allCases {
            for path in ["/shell", "/v1/sessions", nil] {
                let rejection = HTTPRejection(
                    reason: reason,
                    message: "No.",
                    hint: "Do.",
                    retryAfter: .milliseconds(10),
                    pathText: path,
                    id: "r-9"
                )
                let answer = try await Answer(harness.edge.respond(toRejected: rejection))
                #expect(answer.status == reason.status)
                #expect(answer.code == reason.rawValue)
                #expect(answer[path == "/v1/sessions" ? "detail" : "error"]?.string == "No.")
                #expect(answer["retry_after"]?.integer == 1)
                let hint = answer["hint"]?.string ?? answer["next"]?.string
                #expect(reason == .targetTooLong ? hint?.contains("POST") == true : hint == "Do.")
            }
        }
    }
}
