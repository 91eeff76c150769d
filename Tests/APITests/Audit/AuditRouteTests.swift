import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The audit log by HTTP")
struct AuditRouteTests {
    private static func harness() async throws -> AssistantHarness {
        try await AssistantHarness(
            policy: FakePolicy { question in
                if question.command.contains("deny") {
                    return .deny(reason: "It destroys.", rule: "destroy", hint: "Look first.")
                }
                return question.command.contains("ask") ? .ask(reason: "It changes.", rule: "change") : .allow
            }
        )
    }

    /// Actions behind a row, oldest first, by the route itself.
    private static func actions(_ caller: AssistantCaller, _ query: [(String, String)] = []) async throws
        -> [String]
    {
        let page = try await caller.api(.get, "/v1/admin/audit", query + [("limit", "1000")])
        return (page["entries"]?.array ?? []).reversed().compactMap { $0["action"]?.string }
    }

    @Test("everything that has to be in it is in it, once")
    func walk() async throws {
        let harness = try await Self.harness()
        let ann = try await harness.person()
        var seen = try await Self.actions(ann).count
        func expect(_ wanted: [String], after body: () async throws -> Void) async throws {
            try await body()
            let all = try await Self.actions(ann)
            // An approval's row follows its decision, which the ticket does not wait for.
            #expect(all.dropFirst(seen).sorted() == wanted.sorted())
            seen = all.count
        }
        // Sign-ins and their failures, of operators and of users.
        let wrong = #"{"username":"ann","passphrase":"wrong wrong wrong","kind":"client"}"#
        try await expect(["sign_in.fail"]) {
            let answer = try await harness.send(.post, "/v1/signin", body: Array(wrong.utf8))
            #expect(answer.status == 401)
        }
        try await expect(["operator.create", "sign_in.begin"]) { _ = try await harness.person("ben") }
        let bench = UserBench(harness)
        try await expect(["client.put"]) {
            _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":true}"#)
        }
        try await expect(["brand.put", "user_session.begin"]) { _ = try await bench.user("una") }
        try await expect(["user_session.fail"]) {
            let given = try? await harness.hosts.sessions.exchange(Secret("a.b.c"), from: "192.0.2.9")
            #expect(given == nil)
        }
        // Grants and settings.
        try await expect(["user.grant"]) {
            _ = try await bench.backend(.put, "/v1/ai/users/una/grants")
        }
        try await expect(["secret.set"]) {
            let answer = try await ann.api(.put, "/v1/secrets/KEY_1", json: #"{"value":"0123456789abcdef"}"#)
            #expect((200...204).contains(answer.status))
        }
        // Money.
        let wallet = try await ann.api(.post, "/v1/admin/wallets", json: #"{"client":"acme"}"#)
        let path = "/v1/admin/wallets/\(try #require(wallet["id"]?.integer))"
        seen = try await Self.actions(ann).count
        try await expect(["wallet.topup"]) {
            _ = try await ann.api(.post, path + "/topups", json: #"{"amount":900,"key":"i-1"}"#)
        }
        // Tickets and approvals.
        try await harness.running {
            let tickets = "/v1/sessions/s/tickets"
            try await expect(["ticket.start", "ticket.end"]) {
                let body = #"{"command":"echo","wait":5}"#
                #expect(try await ann.api(.post, tickets, json: body).status == 201)
                try await eventually("it is over") { try await Self.actions(ann).last == "ticket.end" }
            }
            try await expect(["ticket.end"]) {
                _ = try await ann.api(.post, tickets, json: #"{"command":"deny"}"#)
            }
            try await expect(["approval.create", "approval.approve", "ticket.start", "ticket.end"]) {
                let made = try await ann.api(.post, tickets, json: #"{"command":"ask"}"#)
                let approval = "/v1/approvals/\(try #require(made["approval"]?["id"]?.integer))"
                let digest = try await ann.api(.get, approval)["digest"]?.string ?? ""
                let body = #"{"decision":"approve","digest":"\#(digest)"}"#
                #expect(try await ann.api(.post, approval + "/decide", json: body).status == 200)
                let before = seen
                try await eventually("all four are there") {
                    try await Self.actions(ann).count >= before + 4
                }
            }
        }
        #expect(try await Self.actions(ann, [("action", "ticket.")]).allSatisfy { $0.hasPrefix("ticket.") })
        let failures = try await ann.api(.get, "/v1/admin/audit", [("principal", "nobody"), ("limit", "1")])
        let entry = try #require(failures["entries"]?.array?.first)
        let shown = try await ann.api(.get, "/v1/admin/audit/\(try #require(entry["id"]?.integer))")
        #expect(shown.json == entry && entry["action"]?.string == "user_session.fail")
        #expect(failures["next"]?.integer == entry["id"]?.integer)
        #expect(try await ann.api(.get, "/v1/admin/audit/999999").code == "audit_entry_not_found")
        #expect(try await ann.api(.get, "/v1/admin/audit", [("limit", "x")]).status == 400)
    }
}
