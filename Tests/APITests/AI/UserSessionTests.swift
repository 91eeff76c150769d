import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("Sessions of users")
struct UserSessionTests {
    @Test("a token becomes a session, and the session a chat with an answer")
    func walk() async throws {
        let harness = try await AssistantHarness([.text("Fine.")])
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let me = try await ann.api(.get, "/v1/ai/session")
        #expect(me.status == 200)
        #expect(me["user"]?["id"]?.string == "ann")
        #expect(me["user"]?["permissions"]?.array?.contains(.string("chat")) == true)
        #expect(me["client"]?["id"]?.string == "acme" && me["brands"]?.array?.count == 1)
        #expect(me["token"] == nil)
        try await harness.running {
            let chat = try await ann.userChat()
            let turn = try await ann.api(
                .post,
                "/v1/ai/chats/\(chat)/turns",
                json: #"{"message":"How are you?","stream":true}"#
            )
            #expect(turn.status == 200 && turn.text.contains("Fine."))
            let shown = try await ann.api(.get, "/v1/ai/chats/\(chat)")
            #expect(shown["brand"]?.string == "north" && shown["location"] == .null)
        }
        #expect(harness.model.requests.first?.context.principal.rawValue.hasPrefix("user:") == true)
        #expect(harness.model.requests.first?.context.place?.brand != nil)
        #expect(harness.model.requests.first?.tools.map(\.name) == ["artifact_create"])
    }

    @Test("a session says what there is for its user, and asking for that is answered")
    func features() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let routes = [
            "accounts": "/v1/ai/account", "wallet": "/v1/ai/wallet", "actions": "/v1/ai/actions",
            "artifacts": "/v1/ai/artifacts",
        ]
        func check(_ user: AssistantCaller, has expected: Set<String>) async throws {
            let features = try #require(try await user.api(.get, "/v1/ai/session")["features"]?.object)
            #expect(Set(features.filter { $0.value == .bool(true) }.keys) == expected)
            for (name, path) in routes {
                let isAnswered = try await user.api(.get, path).status == 200
                #expect(!expected.contains(name) || isAnswered, "\(name)")
            }
        }
        let ann = try await bench.user("ann")
        try await check(ann, has: ["accounts", "actions", "artifacts"])
        let boss = try await harness.person("boss")
        #expect(try await boss.api(.post, "/v1/admin/wallets", json: #"{"client":"acme"}"#).status < 300)
        try await check(ann, has: ["accounts", "wallet", "actions", "artifacts"])
        let elsewhere = try await bench.user("eve", issuer: AssistantHarness.otherIssuer)
        try await check(elsewhere, has: ["accounts", "artifacts"])
        try await check(try await bench.user("nobody", role: "none"), has: [])
        let given = try await bench.exchange(UserBench.token(UserBench.claims("ann")))
        #expect(given["features"]?["wallet"] == .bool(true))
        let person = try await boss.api(.get, "/v1/signin")["features"]?.object
        let there = person?.filter { $0.value == .bool(true) }.keys.sorted()
        #expect(there == ["accounts", "applications", "artifacts", "commands"])
    }

    @Test("a token is good for one exchange, also at the same time")
    func once() async throws {
        let bench = UserBench(try await AssistantHarness())
        let token = UserBench.token(UserBench.claims("ann"))
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<8 { group.addTask { try await bench.exchange(token) } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.count { $0.status == 201 } == 1)
        #expect(answers.count { $0.status == 401 && $0.code == "host_token_used" } == 7)
        let other = UserBench.token(
            ["jti": .string("same")].merging(UserBench.claims("ann")) { old, _ in old }
        )
        #expect(try await bench.exchange(other).status == 201)
        let elsewhere = UserBench.token(
            ["jti": .string("same")].merging(UserBench.claims("ann")) { old, _ in old },
            issuer: AssistantHarness.otherIssuer
        )
        #expect(try await bench.exchange(elsewhere).status == 201, "names of tokens are their issuer's")
    }

    @Test("what is no token, or one of the other kind, is refused")
    func refused() async throws {
        let bench = UserBench(try await AssistantHarness())
        #expect(try await bench.exchange("x").code == "invalid_host_token")
        let service = UserBench.token(["sub": .string("b"), "use": .string("service")])
        #expect(try await bench.exchange(service).code == "invalid_host_token")
        let claims = UserBench.claims("ann")
        let user = AssistantCaller(harness: bench.harness, bearer: UserBench.token(claims))
        #expect(try await user.api(.get, "/v1/ai/clients").code == "invalid_host_token")
        #expect(try await user.api(.get, "/v1/ai/session").status == 401)
        let stranger = AssistantCaller(harness: bench.harness, bearer: "dhs_nothing")
        #expect(try await stranger.api(.get, "/v1/ai/session").code == "session_ended")
    }

    @Test("logging out ends the session and its streams, and nobody else's")
    func logout() async throws {
        let bench = UserBench(try await AssistantHarness())
        let ann = try await bench.user("ann")
        let again = try await bench.user("ann")
        let chat = try await ann.userChat()
        let path = "/v1/ai/chats/\(chat)/events"
        let hub = bench.harness.hosts.sessions.hub
        try await LiveStream.following(await again.respond(.get, path)) { kept in
            try await LiveStream.following(await ann.respond(.get, path)) { stream in
                try await eventually("both are followed") { hub.streamCount == 2 }
                #expect(try await ann.api(.delete, "/v1/ai/session").status == 204)
                _ = try await stream.untilOver()
            }
            #expect(hub.streamCount == 1)
        }
        #expect(try await ann.api(.get, "/v1/ai/session").code == "session_ended")
        #expect(try await ann.api(.delete, "/v1/ai/session").code == "session_ended")
        #expect(try await again.api(.get, "/v1/ai/session").status == 200)
    }

    @Test("what a token names for the first time is in the log, once, with its names")
    func made() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        for _ in 0..<2 { _ = try await bench.user("ann", locations: ["mill"]) }
        _ = try await bench.user("bob", brands: ["north", "south"])
        let rows = try await harness.stores.audit.entries(limit: 99).reversed()
        let host = PrincipalID("host:\(AssistantHarness.issuer)")
        let made = rows.filter { $0.action.hasSuffix(".put") }
        #expect(made.allSatisfy { $0.principal == host })
        #expect(
            made.map { "\($0.action) \($0.detail)" } == [
                #"client.put {"by":"token","key":"acme"}"#, #"brand.put {"by":"token","key":"north"}"#,
                #"location.put {"by":"token","key":"mill"}"#, #"brand.put {"by":"token","key":"south"}"#,
            ]
        )
        #expect(rows.filter { $0.action == "user_session.begin" }.count == 3)
    }

    @Test("a session ends by itself, and its streams with it")
    func expiry() async throws {
        let bench = UserBench(try await AssistantHarness())
        let harness = bench.harness
        let ann = try await bench.user("ann")
        harness.clock.advance(by: .seconds(43_199))
        #expect(try await ann.api(.get, "/v1/ai/session").status == 200)
        harness.clock.advance(by: .seconds(2))
        #expect(try await ann.api(.get, "/v1/ai/session").code == "session_ended")
    }

    @Test("users and operators have doors of their own")
    func doors() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        for path in ["/v1/chats", "/v1/sessions", "/v1/approvals", "/v1/signin", "/v1/secrets"] {
            let answer = try await ann.api(.get, path)
            #expect(answer.status == 403, "\(path): \(answer.status)")
        }
        let shell = try await ann.api(.get, "/shell", [("cmd", "true"), ("session", "s")])
        #expect(shell.status == 403)
        let boss = try await harness.person("boss")
        #expect(try await boss.api(.get, "/v1/ai/chats").code == "users_only")
        #expect(try await boss.api(.get, "/v1/ai/session").code == "users_only")
        #expect(try await harness.send(.get, "/v1/ai/chats").code == "credential_missing")
    }
}
