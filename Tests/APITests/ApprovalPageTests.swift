import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("The page on which a person decides")
struct ApprovalPageTests {
    /// A harness with one command that waits.
    private static func harness(_ command: String = "ask <b>&amp;") async throws -> AssistantHarness {
        let harness = try await AssistantHarness(
            policy: FakePolicy { _ in .ask(reason: "It changes <something>.", rule: "change") }
        )
        let body = JSONValue.object(["command": .string(command)]).bytes
        _ = try await harness.send(
            .post,
            "/v1/sessions/s/tickets",
            headers: ["Authorization": "Bearer \(AssistantHarness.hash)"],
            body: body
        )
        return harness
    }

    private static func form(_ fields: [(String, String)]) -> [UInt8] {
        let escaped = fields.map { name, value in
            "\(name)="
                + value.utf8.map { byte in
                    let hex = String(byte, radix: 16, uppercase: true)
                    return "%" + (hex.count == 1 ? "0" : "") + hex
                }.joined()
        }
        return Array(escaped.joined(separator: "&").utf8)
    }

    /// Signs in by the page's form; the cookie.
    private static func signIn(_ harness: AssistantHarness, _ name: String = "ann") async throws
        -> HTTPHeaders
    {
        let answer = try await harness.send(
            .post,
            "/approve/1/signin",
            headers: ["Origin": "https://hands.example"],
            body: form([("username", name), ("passphrase", AssistantHarness.passphrase)])
        )
        #expect(answer.status == 303 && answer.headers["Location"] == "/base/approve/1")
        return ["Cookie": String(try #require(answer.headers["Set-Cookie"]).prefix { $0 != ";" })]
    }

    /// The value of a hidden field.
    private static func field(_ name: String, _ page: Answer) throws -> String {
        let start = try #require(page.text.firstRange(of: "name=\"\(name)\" value=\"")).upperBound
        return String(page.text[start...].prefix { $0 != "\"" })
    }

    @Test("who is not signed in sees a form, and not whether there is such an approval")
    func stranger() async throws {
        let harness = try await Self.harness()
        let page = try await harness.send(.get, "/approve/1")
        #expect(page.status == 200 && page.headers["Content-Type"]?.hasPrefix("text/html") == true)
        #expect(page.text.contains("action=\"/base/approve/1/signin\""))
        #expect(!page.text.contains("change"))
        let none = try await harness.send(.get, "/approve/9")
        #expect(none.text == page.text.replacing("approve/1", with: "approve/9"))
        #expect(none.status == 200)
        let hash = try await harness.send(
            .get,
            "/approve/1",
            query: [("hash", AssistantHarness.hash)],
            headers: ["Authorization": "Bearer \(AssistantHarness.hash)"]
        )
        #expect(hash.text == page.text)
        let ended = try await harness.send(
            .get,
            "/approve/1",
            headers: ["Cookie": "\(harness.signIns.cookieName)=x"]
        )
        #expect(ended.status == 401 && ended.text.contains("This sign-in is over."))
    }

    @Test("its forms go to this server only, and no script runs")
    func contentPolicy() async throws {
        let page = try await Self.harness().send(.get, "/approve/1")
        let policy = try #require(page.headers["Content-Security-Policy"])
        #expect(policy.contains("form-action 'self'") && policy.contains("default-src 'none'"))
        #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("script"))
        #expect(page.headers["Referrer-Policy"] == "same-origin", "else browsers send the origin null")
        #expect(page.headers["Cache-Control"] == "no-store" && !page.text.contains("<script"))
    }

    @Test("signing in needs no foreign page and the right passphrase")
    func signIn() async throws {
        let harness = try await Self.harness()
        _ = try await harness.person()
        let path = "/approve/1/signin"
        let right = Self.form([("username", "ann"), ("passphrase", AssistantHarness.passphrase)])
        for origin in ["null", "https://evil.example"] {
            let answer = try await harness.send(.post, path, headers: ["Origin": origin], body: right)
            #expect(answer.status == 403 && answer.headers["Set-Cookie"] == nil, "\(origin)")
        }
        let wrong = try await harness.send(
            .post,
            path,
            body: Self.form([("username", "ann"), ("passphrase", "not it")])
        )
        #expect(wrong.status == 401 && wrong.text.contains("The name or the passphrase is wrong."))
        #expect(wrong.headers["Set-Cookie"] == nil && wrong.text.contains("<form"))
        #expect(try await harness.send(.post, path, body: Array("a=%".utf8)).status == 400)
        let cookie = try await Self.signIn(harness)
        #expect(
            try await harness.send(.get, "/approve/1", headers: cookie).text.contains("May this command run?")
        )
    }

    @Test("the person sees the exact command; approving runs it, once")
    func approve() async throws {
        let harness = try await Self.harness("ask <b>\u{202E}\u{430}")
        _ = try await harness.person()
        let cookie = try await Self.signIn(harness)
        try await harness.running {
            let page = try await harness.send(.get, "/approve/1", headers: cookie)
            #expect(
                page.text.contains(
                    "<pre>ask &lt;b&gt;<mark>\\u{202E}</mark><mark class=\"foreign\" title=\"U+0430\">\u{430}</mark></pre>"
                )
            )
            #expect(page.text.contains("It changes &lt;something&gt;.") && page.text.contains("www@web1"))
            #expect(harness.runner.started.isEmpty, "looking decides nothing")
            let head = try await harness.send(.head, "/approve/1", headers: cookie)
            #expect(head.status == 200)
            let token = try Self.field("csrf_token", page)
            let digest = try Self.field("digest", page)

            let decide: ([(String, String)], HTTPHeaders) async throws -> Answer = { fields, headers in
                try await harness.send(.post, "/approve/1", headers: headers, body: Self.form(fields))
            }
            let good = [
                ("csrf_token", token), ("digest", digest), ("decision", "approve"), ("note", "all right"),
            ]
            var foreign = cookie
            foreign["Origin"] = "https://evil.example"
            let refused: [(Answer, Int, String)] = [
                (try await decide(good, [:]), 401, "you are not signed in"),
                (try await decide(good, foreign), 403, "another server"),
                (try await decide(Array(good.dropFirst()), cookie), 403, "page of this server"),
                (
                    try await decide([("csrf_token", "x")] + good.dropFirst(), cookie), 403,
                    "page of this server"
                ),
                (try await decide([good[0], ("digest", "0"), good[2]], cookie), 409, "not what was shown"),
                (try await decide([good[0], good[1]], cookie), 422, "is needed"),
                (try await decide(good + [("decision", "deny")], cookie), 400, "more than once"),
            ]
            for (answer, status, words) in refused {
                #expect(answer.status == status && answer.text.contains(words), "\(words)")
            }
            #expect(harness.runner.started.isEmpty)
            let done = try await decide(good, cookie)
            #expect(done.status == 303 && done.headers["Location"] == "/base/approve/1")
            try await eventually("the command ran") { harness.runner.started.count == 1 }
            let after = try await harness.send(.get, "/approve/1", headers: cookie)
            #expect(after.text.contains("Approved. Decided by you at") && after.text.contains("all right"))
            #expect(!after.text.contains("<form"))
            let again = try await decide([good[0], good[1], ("decision", "deny")], cookie)
            #expect(again.status == 409 && again.text.contains("approved this already"))
            #expect(harness.runner.started.count == 1)
        }
    }

    @Test("always proposes the rule that the page shows; deny denies")
    func otherButtons() async throws {
        let harness = try await Self.harness("ask one")
        _ = try await harness.person()
        let cookie = try await Self.signIn(harness)
        try await harness.running {
            let page = try await harness.send(.get, "/approve/1", headers: cookie)
            #expect(page.text.contains("<pre>allow: ask one</pre>"))
            let fields = [
                ("csrf_token", try Self.field("csrf_token", page)),
                ("digest", try Self.field("digest", page)),
            ]
            let always = try await harness.send(
                .post,
                "/approve/1",
                headers: cookie,
                body: Self.form(fields + [("decision", "always")])
            )
            #expect(always.status == 303)
            #expect(try await harness.stores.proposals.openProposals(limit: 9).count == 1)
        }
    }

    @Test("who may not approve sees that, and nothing else")
    func withoutPermission() async throws {
        let harness = try await Self.harness()
        _ = try await harness.person("bob", [.chat, .shellRead, .shellRun])
        _ = try await harness.person()
        let bob = try await Self.signIn(harness, "bob")
        for answer in [
            try await harness.send(.get, "/approve/1", headers: bob),
            try await harness.send(.get, "/approve/9", headers: bob),
        ] {
            #expect(answer.status == 403 && answer.text.contains("This needs the permission approve."))
            #expect(!answer.text.contains("It changes"))
        }
        let none = try await harness.send(.get, "/approve/9", headers: try await Self.signIn(harness))
        #expect(none.status == 404 && none.text.contains("There is no such approval."))
    }
}
