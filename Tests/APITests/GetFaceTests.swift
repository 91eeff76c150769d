import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The GET face")
struct GetFaceTests {
    private static func echo() -> EdgeHarness {
        let clock = ManualClock()
        return EdgeHarness(answer: { .exited(stdout: $0.command, at: clock.now()) })
    }

    @Test("submit and wait answers with the result; the links lead on without the hash")
    func links() async throws {
        let harness = Self.echo()
        try await harness.running {
            let result = try await harness.get(
                "/shell",
                [("cmd", "echo hi"), ("session", "s"), ("wait", "30")]
            )
            #expect(result["type"]?.string == "result")
            #expect(result["output"]?.string == "echo hi")
            let next = try #require(result["next"]?.string)
            let submit = String(try #require(next.split(separator: " ").last))
            #expect(submit.hasPrefix(EdgeHarness.baseURL + "/shell?session=s&cap="))
            let second = try await harness.follow(
                String(submit.dropLast("&cmd=".count)),
                [("cmd", "second"), ("wait", "30")]
            )
            #expect(second["ticket"]?.integer == 2)
            #expect(second["output"]?.string == "second")
            let callback = try #require(second["callback"]?.string)
            #expect(try await harness.follow(callback)["output"]?.string == "second")
        }
    }

    @Test("a link is good for its own use only")
    func capabilities() async throws {
        let harness = EdgeHarness()
        let submission = try await harness.get("/shell", [("cmd", "true"), ("session", "s")])
        _ = try await harness.get("/shell", [("cmd", "true"), ("session", "t")])
        let callback = try #require(submission["callback"]?.string)
        let cap = String(try #require(callback.split(separator: "cap=").last))
        let attempts: [(String, [(String, String)], String)] = [
            ("/shell", [("cmd", "true"), ("cap", cap)], "capability_for_other_use"),
            ("/history", [("cap", cap)], "capability_for_other_use"),
            ("/terminal", [("cap", cap)], "capability_for_other_use"),
            ("/callback", [("session", "t"), ("ticket", "1"), ("cap", cap)], "capability_mismatch"),
            ("/callback", [("session", "s"), ("ticket", "2"), ("cap", cap)], "capability_mismatch"),
        ]
        for (path, query, code) in attempts {
            let answer = try await harness.send(.get, path, query: query)
            #expect(answer.status == 403, "\(path)")
            #expect(answer.code == code, "\(path)")
        }
        let forged = try await harness.send(.get, "/callback", query: [("cap", String(cap.dropLast()) + "A")])
        #expect(forged.status == 401)
        harness.clock.advance(by: .seconds(86_401))
        let expired = try await harness.follow(callback)
        #expect(expired.status == 401)
        #expect(expired.code == "capability_expired")
        #expect(try await harness.store.queuedCount() == 2)
    }

    @Test("a link to a deleted session does not open the new one of the same name")
    func identity() async throws {
        let harness = Self.echo()
        try await harness.running {
            let old = try await harness.get("/shell", [("cmd", "old"), ("session", "s"), ("wait", "30")])
            let callback = try #require(old["callback"]?.string)
            #expect(try await harness.api(.delete, "/v1/sessions/s").status == 204)
            _ = try await harness.get("/shell", [("cmd", "new"), ("session", "s"), ("wait", "30")])
            let answer = try await harness.follow(callback)
            #expect(answer.status == 404)
            #expect(!answer.text.contains("new"))
        }
    }

    @Test("a repeat within a minute is the earlier ticket, fresh and other sessions are not")
    func repeats() async throws {
        let harness = EdgeHarness()
        let query = [("cmd", "date"), ("session", "s")]
        let first = try await harness.get("/shell", query)
        let again = try await harness.get("/shell", query)
        #expect(again["cached"] == .bool(true))
        #expect(again["ticket"] == first["ticket"])
        #expect(again["next"]?.string?.contains("fresh=1") == true)
        #expect(try await harness.get("/shell", query + [("fresh", "1")])["ticket"]?.integer == 2)
        #expect(
            try await harness.get("/shell", [("cmd", "date"), ("session", "t")])["cached"] == .bool(false)
        )
        #expect(
            try await harness.get("/shell", [("cmd", "date "), ("session", "s")])["ticket"]?.integer == 3
        )
        #expect(try await harness.get("/shell", query)["ticket"]?.integer == 4)
        harness.clock.advance(by: .seconds(61))
        #expect(try await harness.get("/shell", query)["ticket"]?.integer == 5)
        let keyed = query + [("key", "k")]
        let one = try await harness.get("/shell", keyed)
        harness.clock.advance(by: .seconds(3_600))
        #expect(try await harness.get("/shell", keyed)["ticket"] == one["ticket"])
        #expect(
            try await harness.get("/shell", [("cmd", "other"), ("session", "s"), ("key", "k")]).code
                == "key_reused"
        )
    }

    @Test("without a session a readable name is given, the same to the same request")
    func randomSession() async throws {
        let harness = EdgeHarness()
        let first = try await harness.get("/shell", [("cmd", "date")])
        let name = try #require(first["session"]?.string)
        #expect(name.split(separator: "-").count == 3)
        let again = try await harness.get("/shell", [("cmd", "date")])
        #expect(again["session"]?.string == name)
        #expect(again["cached"] == .bool(true))
        #expect(
            try await harness.get("/shell", [("cmd", "date"), ("fresh", "1")])["session"]?.string != name
        )
    }

    @Test(
        "mistakes teach, and run nothing",
        arguments: [
            ([("cmd", "")], 400, "command_missing"), ([("cmd", "  ")], 400, "command_missing"),
            ([], 400, "command_missing"),
            ([("cmd", "a"), ("cmd", "b")], 400, "repeated_parameter"),
            ([("cmd", "a"), ("wait", "61")], 400, "invalid_parameter"),
            ([("cmd", "a"), ("wait", "x")], 400, "invalid_parameter"),
            ([("cmd", "a"), ("format", "xml")], 400, "invalid_parameter"),
            ([("cmd", "a"), ("timeout", "0")], 422, "invalid_timeout"),
            ([("cmd", "a"), ("timeout", "-1")], 400, "invalid_parameter"),
            ([("cmd", "a"), ("cwd", "srv")], 422, "invalid_directory"),
            ([("cmd", "a"), ("key", "a b")], 422, "invalid_key"),
            ([("cmd", "a"), ("fresh", "maybe")], 400, "invalid_parameter"),
            ([("cmd", "a"), ("session", "../x")], 422, "invalid_session_name"),
            ([("cmd", "a"), ("session", ".x")], 422, "invalid_session_name"),
            ([("cmd", "a\u{0}")], 422, "command_has_nul"),
            ([("cmd", "a"), ("offset", "1"), ("tail", "1")], 400, "invalid_parameter"),
            ([("cmd", String(repeating: "a", count: 130_000))], 413, "command_too_long"),
        ] as [([(String, String)], Int, String)]
    )
    func mistakes(query: [(String, String)], status: Int, code: String) async throws {
        let harness = EdgeHarness()
        let answer = try await harness.get("/shell", query)
        #expect(answer.status == status)
        #expect(answer.code == code)
        #expect(answer["error"]?.string?.isEmpty == false)
        #expect(answer["next"]?.string?.isEmpty == false)
        #expect(answer.body.last == 10)
        #expect(try await harness.store.queuedCount() == 0)
    }

    @Test("a refusal by policy is 403 with the reason")
    func policy() async throws {
        let harness = EdgeHarness(
            policy: FakePolicy { _ in .deny(reason: "It deletes", rule: "no-rm", hint: "Use trash.") }
        )
        let answer = try await harness.get("/shell", [("cmd", "rm x"), ("session", "s")])
        #expect(answer.status == 403)
        #expect(answer.code == "denied_by_policy")
        #expect(answer["error"]?.string?.contains("It deletes (rule no-rm)") == true)
        #expect(answer["next"]?.string == "Use trash.")
        let shown = try await harness.get("/callback", [("session", "s"), ("ticket", "1")])
        #expect(shown["state"]?.string == "denied")
    }

    @Test("a full queue is 429 with Retry-After")
    func full() async throws {
        let harness = EdgeHarness(maximumQueued: 1)
        _ = try await harness.get("/shell", [("cmd", "a"), ("session", "s")])
        let answer = try await harness.get("/shell", [("cmd", "b"), ("session", "s")])
        #expect(answer.status == 429)
        #expect(answer.headers["Retry-After"] == "5")
        #expect(answer["retry_after"]?.integer == 5)
    }

    @Test(
        "the hash is taken from the query or a bearer header, tokens from the header, nothing from elsewhere"
    )
    func credentials() async throws {
        let harness = EdgeHarness()
        _ = try await harness.plantFinished([(.stdout, [120])])
        let query = [("session", "s")]
        let (_, token) = try await harness.tokenService.create(
            name: "r",
            permissions: [.shellRead],
            lifetime: nil,
            by: .hash
        )
        #expect(try await harness.get("/history", query).status == 200)
        for bearer in [EdgeHarness.hash, token.reveal()] {
            let answer = try await harness.get(
                "/history",
                query,
                hash: nil,
                headers: ["Authorization": "Bearer \(bearer)"]
            )
            #expect(answer.status == 200)
        }
        #expect(try await harness.get("/history", query, hash: token.reveal()).status == 401)
        #expect(
            try await harness.get(
                "/history",
                query,
                hash: nil,
                headers: ["Cookie": "hash=\(EdgeHarness.hash)"]
            ).status == 401
        )
        #expect(try await harness.get("/history", query, hash: "").status == 401)
        let reader: HTTPHeaders = ["Authorization": "Bearer \(token.reveal())"]
        let refused = try await harness.get("/shell", [("cmd", "true")], hash: nil, headers: reader)
        #expect(refused.status == 403)
        #expect(refused.code == "permission_missing")
        let local = try await harness.send(.get, "/history", query: query, peer: .local(uid: 1_000, pid: 1))
        #expect(local.status == 200)
        #expect(
            try await harness.send(.get, "/history", query: query, peer: .local(uid: 1_001, pid: 1)).status
                == 401
        )
    }

    @Test("long output is head and tail; pieces put together are the whole, characters unbroken")
    func pieces() async throws {
        let harness = EdgeHarness(answerLimit: 2_048, longestRead: 700)
        let whole = (1...400).map { "Zeile \($0) — äöü €\n" }.joined()
        _ = try await harness.plantFinished([(.stdout, Array(whole.utf8))])
        let query = [("session", "s"), ("ticket", "1")]
        let capped = try await harness.get("/callback", query)
        #expect(capped["truncated"] == .bool(true))
        #expect(capped["output"]?.string?.contains("bytes left out here") == true)
        #expect(capped.body.count < 8_192)
        for limit in [7, 100, 333, 2_048] {
            var offset: Int64 = 0
            var text = ""
            for _ in 0..<3_000 {
                let piece = try await harness.get(
                    "/callback",
                    query + [("offset", "\(offset)"), ("limit", "\(limit)")]
                )
                text += piece["output"]?.string ?? ""
                guard let next = piece["next_offset"]?.integer else { break }
                #expect(next > offset)
                offset = next
            }
            #expect(text == whole, "limit \(limit)")
        }
        let tail = try await harness.get("/callback", query + [("tail", "2")])
        #expect(tail["output"]?.string == "Zeile 399 — äöü €\nZeile 400 — äöü €\n")
    }

    @Test("plain text on request, with the state in headers")
    func text() async throws {
        let harness = EdgeHarness()
        _ = try await harness.plantFinished([(.stdout, Array("out\n".utf8))], state: .exited(code: 3))
        let answer = try await harness.get(
            "/callback",
            [("session", "s"), ("ticket", "1"), ("format", "text")]
        )
        #expect(answer.text == "out\n")
        #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(answer.headers["Deckhand-State"] == "exited")
        #expect(answer.headers["Deckhand-Exit-Code"] == "3")
        #expect(answer.headers["Deckhand-Ticket"] == "s/1")
    }

    @Test("the output so far of a running ticket, on request only")
    func partial() async throws {
        let harness = EdgeHarness()
        try await harness.running {
            _ = try await harness.get("/shell", [("cmd", "make"), ("session", "s")])
            try await eventually("it runs") { harness.runner.started.count == 1 }
            harness.outputs.append(
                Array("half ".utf8) + [0xC3],
                to: OutputReference(folder: try SessionName("s"), number: 1)
            )
            let query = [("session", "s"), ("ticket", "1")]
            #expect(try await harness.get("/callback", query)["output"] == nil)
            #expect(
                try await harness.get("/callback", query + [("output", "1")])["output"]?.string
                    == "half \u{FFFD}"
            )
            #expect(
                try await harness.get("/callback", query + [("offset", "0")])["output"]?.string == "half "
            )
        }
    }

    @Test("wait with an offset waits for more output or the end, on both faces", arguments: [false, true])
    func waitsForMore(native: Bool) async throws {
        let harness = EdgeHarness()
        try await harness.running {
            _ = try await harness.get("/shell", [("cmd", "make"), ("session", "s")])
            try await eventually("it runs") { harness.runner.started.count == 1 }
            let reference = OutputReference(folder: try SessionName("s"), number: 1)
            harness.outputs.append(Array("one ".utf8), to: reference)
            @Sendable func ask(_ offset: Int, _ wait: String = "60") async throws -> Answer {
                let query = [("offset", "\(offset)"), ("wait", wait)]
                return native
                    ? try await harness.api(.get, "/v1/sessions/s/tickets/1/output", query)
                    : try await harness.get("/callback", [("session", "s"), ("ticket", "1")] + query)
            }
            func text(_ answer: Answer) -> String? { native ? answer.text : answer["output"]?.string }
            #expect(text(try await ask(0)) == "one ", "what is there is not waited for")
            #expect(text(try await ask(4, "0.01")) == "", "the time is up")
            async let more = ask(4)
            try await eventually("somebody waits") { harness.hub.watcherCount > 0 }
            harness.outputs.append(Array("two".utf8), to: reference)
            #expect(text(try await more) == "two")
            async let end = ask(7)
            try await eventually("somebody waits again") { harness.hub.watcherCount > 0 }
            harness.runner.finish(
                harness.runner.started[0].ticket,
                RunOutcome(
                    state: .exited(code: 3),
                    facts: RunFacts(
                        started: harness.clock.now(),
                        finished: harness.clock.now(),
                        outputBytes: 7,
                        stdoutBytes: 7
                    ),
                    inlineOutput: nil
                )
            )
            let last = try await end
            #expect(text(last) == "")
            #expect((native ? last.headers["Deckhand-State"] : last["state"]?.string) == "exited")
        }
    }

    @Test("history is in numeric order, in pages, with a link to the next that needs no hash")
    func history() async throws {
        let harness = EdgeHarness()
        for number in 1...25 {
            _ = try await harness.plantFinished([(.stdout, Array("o\(number)".utf8))], command: "c\(number)")
        }
        let first = try await harness.get("/history", [("session", "s"), ("limit", "10")])
        #expect(first.json.array?.compactMap { $0["ticket"]?.integer } == Array(1...10))
        #expect(first.headers["Deckhand-Next-After"] == "10")
        let link = try #require(first.headers["Link"])
        let address = String(link.dropFirst().prefix { $0 != ">" })
        let second = try await harness.follow(address)
        #expect(second.json.array?.compactMap { $0["output"]?.string } == (11...20).map { "o\($0)" })
        let last = try await harness.get("/history", [("session", "s"), ("after", "20")])
        #expect(last.json.array?.count == 5)
        #expect(last.headers["Link"] == nil)
        #expect(try await harness.get("/history", [("session", "none")]).code == "session_not_found")
        #expect(
            try await harness.get("/history", [("session", "s"), ("limit", "0")]).code == "invalid_parameter"
        )
    }

    @Test("history of long outputs stays within the cap and counts what it leaves out")
    func historyCap() async throws {
        let harness = EdgeHarness(answerLimit: 20_000)
        for _ in 1...20 {
            _ = try await harness.plantFinished([(.stdout, [UInt8](repeating: 0x78, count: 50_000))])
        }
        let answer = try await harness.get("/history", [("session", "s")])
        #expect(answer.body.count < 60_000)
        for entry in try #require(answer.json.array) {
            #expect(entry["truncated"] == .bool(true))
            let shown = (entry["output"]?.string ?? "").count { $0 == "x" }
            #expect((entry["omitted_bytes"]?.integer ?? 0) + Int64(shown) == 50_000)
        }
    }

    @Test(
        "long commands end a page early, with the next link, on every list",
        arguments: ["/history", "/terminal", "/v1/sessions/s/tickets"]
    )
    func longCommands(path: String) async throws {
        let harness = EdgeHarness(answerLimit: 100_000)
        // Each takes six times its bytes in JSON, and the whole list thirty times the cap.
        for number in 1...30 {
            let command = "\(number) " + String(repeating: number % 2 == 0 ? "\u{1}" : "<", count: 20_000)
            _ = try await harness.plantFinished([(.stdout, Array("out\(number)".utf8))], command: command)
        }
        var (seen, after, pages): (Set<Int>, String?, Int) = ([], "0", 0)
        while let number = after {
            let answer =
                path.hasPrefix("/v1")
                ? try await harness.api(.get, path, [("after", number), ("limit", "1000")])
                : try await harness.get(path, [("session", "s"), ("after", number), ("limit", "1000")])
            #expect(answer.body.count < 160_000, "one command at least, and beyond that the cap")
            for number in 1...30
            where answer.text.contains("\(number) \(number % 2 == 0 ? "\\u0001" : "<<")")
                || answer.text.contains("\(number) \u{1}\u{1}")
            {
                seen.insert(number)
            }
            let next = answer.json["next"]?.integer.map(String.init)
            after = answer.headers["Deckhand-Next-After"] ?? next
            if !path.hasPrefix("/v1"), after != nil {
                let link = try #require(answer.headers["Link"])
                #expect(try await harness.follow(String(link.dropFirst().prefix { $0 != ">" })).status == 200)
            }
            pages += 1
            try #require(pages <= 31)
        }
        #expect(seen == Set(1...30))
        #expect(pages > 5)
    }

    @Test("the terminal view as text and as HTML, escaped")
    func terminal() async throws {
        let harness = EdgeHarness()
        _ = try await harness.plantFinished(
            [(.stdout, Array("<script>alert(1)</script>\u{1B}[31m".utf8))],
            command: "cat <x> & y"
        )
        _ = try await harness.plantFinished([], state: .killed(signal: 9), command: "sleep 9")
        let text = try await harness.get("/terminal", [("session", "s")])
        #expect(
            text.text == """
                [1] $ cat <x> & y
                <script>alert(1)</script>\u{1B}[31m
                [exit code 0, 1.250 s]

                [2] $ sleep 9
                [killed by signal 9, 1.250 s]


                """
        )
        let html = try await harness.get("/terminal", [("session", "s")], headers: ["Accept": "text/html"])
        #expect(html.headers["Content-Type"]?.hasPrefix("text/html") == true)
        #expect(!html.text.contains("<script>"))
        #expect(html.text.contains("&lt;script&gt;") && html.text.contains("cat &lt;x&gt; &amp; y"))
        #expect(!html.text.contains("\u{1B}"))
    }

    @Test("a stream tells states and output, and the rest after the last id")
    func stream() async throws {
        let harness = EdgeHarness(longestRead: 5)
        _ = try await harness.plantFinished([(.stdout, Array("hello wörld\n".utf8))])
        let query = [("session", "s"), ("ticket", "1")]
        let all = try await harness.get("/stream", query)
        #expect(all.headers["Content-Type"] == "text/event-stream")
        #expect(all.headers["X-Accel-Buffering"] == "no")
        #expect(all.events.last?.event == "state")
        let texts = all.events.filter { $0.event == "output" }
            .compactMap { try? JSONValue(parsing: Array($0.data.utf8))["text"]?.string }
        #expect(texts.joined() == "hello wörld\n")
        let id = try #require(all.events.first { $0.event == "output" }?.id)
        let rest = try await harness.get("/stream", query, headers: ["Last-Event-ID": id])
        #expect(rest.events.count == all.events.count - 1)
        #expect(
            try await harness.get("/stream", query, headers: ["Last-Event-ID": "x"]).code
                == "invalid_event_id"
        )
        #expect(try await harness.get("/stream", query + [("offset", "13")]).events.count == 1)
    }

    @Test("a stream of a running ticket goes on until the end")
    func liveStream() async throws {
        let harness = EdgeHarness()
        try await harness.running {
            let submission = try await harness.get("/shell", [("cmd", "make"), ("session", "s")])
            try await eventually("it runs") { harness.runner.started.count == 1 }
            let link = try #require(submission["stream"]?.string)
            async let answer = harness.follow(link)
            let reference = OutputReference(folder: try SessionName("s"), number: 1)
            try await eventually("it is followed") { harness.hub.watcherCount > 0 }
            harness.outputs.append(Array("one ".utf8), to: reference)
            harness.outputs.append(Array("two".utf8), to: reference)
            try await eventually("it runs") { harness.runner.started.count == 1 }
            let id = harness.runner.started[0].ticket
            harness.runner.finish(
                id,
                RunOutcome(
                    state: .exited(code: 0),
                    facts: RunFacts(
                        started: harness.clock.now(),
                        finished: harness.clock.now(),
                        outputBytes: 7,
                        stdoutBytes: 7
                    ),
                    inlineOutput: nil
                )
            )
            let events = try await answer.events
            let texts = events.filter { $0.event == "output" }
                .compactMap { try? JSONValue(parsing: Array($0.data.utf8))["text"]?.string }
            #expect(texts.joined() == "one two")
            #expect(events.last?.data.contains("\"state\":\"exited\"") == true)
        }
    }
}
