import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

/// Asks for commands that contain `ask`, and denies those that contain `deny`.
private let policy = FakePolicy { question in
    if question.command.contains("deny") {
        return .deny(reason: "It destroys.", rule: "destroy", hint: "Look first.")
    }
    return question.command.contains("ask") ? .ask(reason: "It changes something.", rule: "change") : .allow
}

@Suite("The routes of approvals")
struct ApprovalRouteTests {
    private static func harness() async throws -> AssistantHarness {
        try await AssistantHarness(policy: policy)
    }

    /// Submits a command that has to be asked for; what its ticket says.
    private static func submit(_ command: String, _ caller: AssistantCaller, more: String = "") async throws
        -> Answer
    {
        let text = JSONValue.string(command).bytes
        return try await caller.api(
            .post,
            "/v1/sessions/s/tickets",
            json: "{\"command\":\(String(decoding: text, as: UTF8.self))\(more)}"
        )
    }

    @Test("a ticket says what it waits for; the approval shows everything; a yes lets it run")
    func approve() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        try await harness.running {
            let ticket = try await Self.submit(
                "ask \u{202E}now",
                ann,
                more: #","cwd":"/srv","env":{"MODE":"a\nb"},"input":"y\n""#
            )
            #expect(ticket.status == 201 && ticket["state"]?.string == "awaiting_approval")
            #expect(ticket["approval"]?["id"]?.integer == 1)
            #expect(ticket["approval"]?["link"]?.string == "https://hands.example/base/approve/1")
            let list = try await ann.api(.get, "/v1/sessions/s/tickets")
            #expect(list["tickets"]?.array?.first?["approval"]?["id"]?.integer == 1)

            let shown = try await ann.api(.get, "/v1/approvals/1")
            #expect(shown["state"]?.string == "awaiting" && shown["subject"]?.string == "run")
            #expect(shown["command"]?.string == "ask \u{202E}now")
            #expect(shown["command_shown"]?.string == "ask \\u{202E}now")
            #expect(shown["cwd"]?.string == "/srv" && shown["user"]?.string == "www")
            #expect(shown["host"]?.string == "web1" && shown["env"]?["MODE"]?.string == "a\\n\nb")
            #expect(shown["input"]?["text"]?.string == "y\n" && shown["input"]?["shown"]?.string == "y\\n\n")
            #expect(shown["reason"]?.string == "It changes something." && shown["rule"]?.string == "change")
            #expect(shown["requested_by"]?.string == "operator:1" && shown["session"]?.string == "s")
            #expect(shown["proposed_rule"]?.string == "allow: ask \u{202E}now")
            #expect(shown["expires"]?.string == "2026-03-02T09:30:00.000Z")
            let digest = try #require(shown["digest"]?.string)

            let decide: (String) async throws -> Answer = { json in
                try await ann.api(.post, "/v1/approvals/1/decide", json: json)
            }
            #expect(try await decide("{}").code == "invalid_field")
            #expect(try await decide(#"{"decision":"perhaps","digest":"\#(digest)"}"#).status == 422)
            let other = try await decide(#"{"decision":"approve","digest":"00"}"#)
            #expect(other.status == 409 && other.code == "approval_changed")
            let yes = try await decide(#"{"decision":"approve","digest":"\#(digest)","note":"go"}"#)
            #expect(yes.status == 200 && yes["state"]?.string == "approved")
            #expect(yes["decision"]?["by"]?.string == "operator:1")
            #expect(yes["decision"]?["note"]?.string == "go")
            let late = try await decide(#"{"decision":"deny","digest":"\#(digest)"}"#)
            #expect(late.status == 409 && late.code == "approval_decided")
            try await eventually("the ticket ran") {
                try await ann.api(.get, "/v1/sessions/s/tickets/1")["state"]?.string == "exited"
            }
            #expect(try await ann.api(.get, "/v1/sessions/s/tickets/1")["approval"] == nil)
        }
    }

    @Test("a no denies the ticket with the person's words; always proposes the rule")
    func denyAndAlways() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        try await harness.running {
            for (number, body) in [
                (1, #""decision":"deny","note":"not today""#), (2, #""decision":"approve","always":true"#),
            ] {
                _ = try await Self.submit("ask \(number)", ann)
                let digest = try await ann.api(.get, "/v1/approvals/\(number)")["digest"]?.string ?? ""
                let answer = try await ann.api(
                    .post,
                    "/v1/approvals/\(number)/decide",
                    json: "{\(body),\"digest\":\"\(digest)\"}"
                )
                #expect(answer.status == 200)
            }
            let denied = try await ann.api(.get, "/v1/sessions/s/tickets/1")
            #expect(denied["state"]?.string == "denied")
            #expect(denied["reason"]?.string?.contains("not today") == true)
            #expect(
                try await harness.stores.proposals.openProposals(limit: 9).map(\.rule) == ["allow: ask 2"]
            )
        }
    }

    @Test("the list shows what waits first, in pages, without what is needed to decide")
    func list() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        try await harness.running {
            for number in 1...3 { _ = try await Self.submit("ask \(number)", ann) }
            let digest = try await ann.api(.get, "/v1/approvals/3")["digest"]?.string ?? ""
            _ = try await ann.api(
                .post,
                "/v1/approvals/3/decide",
                json: #"{"decision":"deny","digest":"\#(digest)"}"#
            )
            var ids: [Int64] = []
            var after: String?
            repeat {
                let query = [("limit", "1")] + (after.map { [("after", $0)] } ?? [])
                let page = try await ann.api(.get, "/v1/approvals", query)
                let elements = page["approvals"]?.array ?? []
                #expect(elements.allSatisfy { $0["digest"] == nil && $0["command"] != nil })
                ids += elements.compactMap { $0["id"]?.integer }
                after = page["next"]?.string
            } while after != nil
            #expect(ids == [2, 1, 3])
            for (part, expected) in [("awaiting", [2, 1] as [Int64]), ("settled", [3])] {
                let page = try await ann.api(.get, "/v1/approvals", [("state", part)])
                #expect(page["approvals"]?.array?.compactMap { $0["id"]?.integer } == expected)
            }
            #expect(try await ann.api(.get, "/v1/approvals", [("state", "x")]).code == "invalid_parameter")
            #expect(try await ann.api(.get, "/v1/approvals", [("after", "x-1")]).code == "invalid_parameter")
        }
    }

    @Test("only a person who signed in and has the permission sees or decides anything")
    func callers() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        let bob = try await harness.person("bob", [.chat, .shellRead])
        let program = try await harness.program(Permission.withoutSignIn)
        let hash = AssistantCaller(harness: harness, bearer: AssistantHarness.hash)
        _ = try await Self.submit("ask", ann)
        let digest = try await ann.api(.get, "/v1/approvals/1")["digest"]?.string ?? ""
        for (caller, code) in [
            (bob, "permission_missing"), (program, "sign_in_required"), (hash, "sign_in_required"),
        ] {
            let body = #"{"decision":"approve","digest":"\#(digest)"}"#
            for answer in [
                try await caller.api(.get, "/v1/approvals"), try await caller.api(.get, "/v1/approvals/1"),
                try await caller.api(.post, "/v1/approvals/1/decide", json: body),
            ] {
                #expect(answer.status == 403 && answer.code == code)
            }
        }
        for path in ["/v1/approvals/9", "/v1/approvals/x"] {
            #expect(try await ann.api(.get, path).code == "approval_not_found")
        }
        #expect(harness.runner.started.isEmpty)
    }

    @Test("a browser's decision needs the page's token")
    func crossSite() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        _ = try await Self.submit("ask", ann)
        let digest = try await ann.api(.get, "/v1/approvals/1")["digest"]?.string ?? ""
        let browser = try await harness.send(
            .post,
            "/v1/signin",
            body: Array(#"{"username":"ann","passphrase":"\#(AssistantHarness.passphrase)"}"#.utf8)
        )
        var headers: HTTPHeaders = [
            "Cookie": String(try #require(browser.headers["Set-Cookie"]).prefix { $0 != ";" })
        ]
        let body = Array(#"{"decision":"deny","digest":"\#(digest)"}"#.utf8)
        let path = "/v1/approvals/1/decide"
        #expect(
            try await harness.send(.post, path, headers: headers, body: body).code == "csrf_token_missing"
        )
        headers["X-CSRF-Token"] = try #require(browser["csrf_token"]?.string)
        #expect(
            try await harness.send(.post, path, headers: headers, body: body)["state"]?.string == "denied"
        )
    }

    @Test("the GET face names the link to poll and the link for a person, in JSON and in text")
    func getFace() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        let ask: ([(String, String)]) async throws -> Answer = { more in
            try await harness.send(
                .get,
                "/shell",
                query: [("hash", AssistantHarness.hash), ("session", "s"), ("cmd", "ask")] + more
            )
        }
        try await harness.running {
            let answer = try await ask([("wait", "0.01")])
            let link = "https://hands.example/base/approve/1"
            #expect(answer.status == 200 && answer["state"]?.string == "awaiting_approval")
            #expect(answer["approval"]?["link"]?.string == link)
            #expect(answer["next"]?.string?.contains(link) == true)
            #expect(answer["next"]?.string?.contains("It changes something.") == true)
            let callback = try #require(answer["callback"]?.string)
            let text = try await ask([("format", "text")])
            #expect(text.text.contains(link) && text.text.contains(callback.prefix { $0 != "?" }))
            #expect(text.headers["Deckhand-State"] == "awaiting_approval")

            let poll: ([(String, String)]) async throws -> Answer = { more in
                let query = [("hash", AssistantHarness.hash), ("session", "s"), ("ticket", "1")]
                return try await harness.send(.get, "/callback", query: query + more)
            }
            let waiting = try await poll([])
            #expect(waiting["status"]?.string == "working" && waiting["poll_after"]?.number == 15)
            #expect(waiting["approval"]?["link"]?.string == link)
            #expect(waiting["message"]?.string?.contains(link) == true)
            #expect(try await poll([("format", "text")]).text.contains(link))

            let digest = try await ann.api(.get, "/v1/approvals/1")["digest"]?.string ?? ""
            _ = try await ann.api(
                .post,
                "/v1/approvals/1/decide",
                json: #"{"decision":"deny","digest":"\#(digest)","note":"no"}"#
            )
            let over = try await poll([("wait", "1")])
            #expect(over["type"]?.string == "result" && over["state"]?.string == "denied")
            #expect(try await poll([("format", "text")]).text.contains("refused it: no"))
            let denied = try await harness.send(
                .get,
                "/shell",
                query: [("hash", AssistantHarness.hash), ("session", "s"), ("cmd", "deny")]
            )
            #expect(denied.status == 403 && denied.code == "denied_by_policy")
            #expect(denied["error"]?.string == "Ticket 2 was refused: It destroys. (rule destroy)")
            #expect(denied["next"]?.string == "Look first.")
        }
    }
}
