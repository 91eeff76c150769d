import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("What administrators look after, by HTTP")
struct AdminRouteTests {
    /// The actions of the audit log, newest first.
    private static func actions(_ caller: AssistantCaller) async throws -> [String] {
        let page = try await caller.api(.get, "/v1/admin/audit", [("limit", "1000")])
        return (page["entries"]?.array ?? []).compactMap { $0["action"]?.string }
    }

    @Test("operators are made, changed, shut out and let in again, each change in the audit log")
    func operators() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/admin/operators"
        let made = try await ann.api(
            .post,
            path,
            json: #"{"name":"ben","generate":true,"permissions":["chat"],"run_as":"www"}"#
        )
        #expect(made.status == 201 && made["run_as"]?.string == "www")
        let passphrase = try #require(made["passphrase"]?.string)
        #expect(try await ann.api(.get, path + "/ben")["passphrase"] == nil)
        #expect(made["has_first_passphrase"]?.bool == true)
        #expect(
            try await ann.api(.post, path, json: #"{"name":"Ben","generate":true}"#).code == "operator_exists"
        )
        #expect(
            try await ann.api(.post, path, json: #"{"name":"cat","passphrase":"short"}"#).code
                == "invalid_passphrase"
        )
        #expect(
            try await ann.api(.post, path, json: #"{"name":"cat","generate":true,"run_as":"nobody-here"}"#)
                .code
                == "unknown_user"
        )
        let signIn = #"{"username":"ben","passphrase":"\#(passphrase)","kind":"client"}"#
        let begun = try await harness.send(.post, "/v1/signin", body: Array(signIn.utf8))
        let ben = AssistantCaller(harness: harness, bearer: try #require(begun["token"]?.string))
        #expect(try await ben.api(.get, path).code == "permission_missing")
        // What they may do changes at once; what is not named stays.
        let changed = try await ann.api(
            .patch,
            path + "/ben",
            json: #"{"permissions":["chat","admin"],"run_as":""}"#
        )
        #expect(changed["run_as"] == .null && changed["disabled"]?.bool == false)
        #expect(try await ben.api(.get, path).status == 200)
        let theirs = try await ann.api(.get, path + "/ben/signins")
        #expect(theirs["sign_ins"]?.array?.count == 1)
        #expect(try await ann.api(.delete, path + "/ben/signins/999999").code == "sign_in_not_found")
        let id = try #require(theirs["sign_ins"]?.array?.first?["id"]?.integer)
        #expect(try await ann.api(.delete, path + "/ben/signins/\(id)")["ended"]?.integer == 1)
        #expect(try await ben.api(.get, path).code == "sign_in_ended")
        #expect(try await ann.api(.delete, path + "/ben/signins")["ended"]?.integer == 0)

        #expect(
            try await ann.api(.patch, path + "/ben", json: #"{"disabled":true}"#)["disabled"]?.bool == true
        )
        #expect(try await harness.send(.post, "/v1/signin", body: Array(signIn.utf8)).status == 401)
        #expect(try await ann.api(.patch, path + "/ben", json: #"{"disabled":false}"#).status == 200)
        let other = try await ann.api(
            .put,
            path + "/ben/passphrase",
            json: #"{"passphrase":"four more words"}"#
        )
        #expect(other["passphrase"] == nil && other["has_first_passphrase"]?.bool == false)
        #expect(try await ann.api(.get, path + "/dora").code == "operator_not_found")
        let list = try await ann.api(.get, path)
        #expect(list["operators"]?.array?.count == 2)
        #expect(list["permissions"]?.array?.count == Permission.allCases.count)
        let actions = try await Self.actions(ann)
        for wanted in [
            "operator.passphrase", "operator.enable", "operator.disable", "sign_in.end", "operator.run_as",
            "operator.permissions", "operator.create",
        ] { #expect(actions.contains(wanted), "\(wanted)") }
    }

    @Test("nobody shuts themselves out")
    func oneself() async throws {
        let ann = try await AssistantHarness().person()
        let path = "/v1/admin/operators/ann"
        for body in [#"{"disabled":true}"#, #"{"permissions":["chat"]}"#] {
            #expect(try await ann.api(.patch, path, json: body).code == "operator_is_oneself")
        }
        #expect(try await ann.api(.patch, path, json: #"{"permissions":["admin"]}"#).status == 200)
    }

    @Test("tokens are shown once, carry what they can, and end when they are revoked")
    func tokens() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/admin/tokens"
        let made = try await ann.api(
            .post,
            path,
            json: #"{"name":"ci","permissions":["shell.read"],"lifetime":60}"#
        )
        #expect(made.status == 201 && made["expires"]?.string != nil)
        let program = AssistantCaller(harness: harness, bearer: try #require(made["token"]?.string))
        #expect(try await program.api(.get, "/v1/sessions").status == 200)
        #expect(
            try await ann.api(.post, path, json: #"{"name":"x","permissions":["admin"]}"#).code
                == "permission_not_grantable"
        )
        #expect(
            try await ann.api(.post, path, json: #"{"name":"x","permissions":["fly"]}"#).code
                == "invalid_field"
        )
        let listed = try await ann.api(.get, path)["tokens"]?.array?.first
        #expect(listed?["name"]?.string == "ci" && listed?["token"] == nil)
        let id = try #require(made["id"]?.integer)
        #expect(try await ann.api(.delete, path + "/\(id)").status == 204)
        #expect(try await program.api(.get, "/v1/sessions").code == "token_revoked")
        #expect(try await ann.api(.delete, path + "/99").code == "token_not_found")
        let seen = try await Self.actions(ann)
        #expect(seen.contains("token.create") && seen.contains("token.revoke"))
    }

    @Test("another passphrase needs the present one, and ends all sign-ins")
    func passphrase() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/signin/passphrase"
        let wrong = #"{"current":"something else","passphrase":"five new quiet words"}"#
        #expect(try await ann.api(.put, path, json: wrong).code == "passphrase_wrong")
        let right = #"{"current":"\#(AssistantHarness.passphrase)","passphrase":"five new quiet words"}"#
        #expect(try await ann.api(.put, path, json: right).status == 204)
        #expect(try await ann.api(.get, "/v1/signin").code == "sign_in_ended")
        let body = #"{"username":"ann","passphrase":"five new quiet words","kind":"client"}"#
        #expect(try await harness.send(.post, "/v1/signin", body: Array(body.utf8)).status == 200)
        // Guessing is slowed down as at the door.
        let again = try await harness.person("ben")
        var codes: [String?] = []
        for _ in 0..<8 { codes.append(try await again.api(.put, path, json: wrong).code) }
        #expect(codes.last == "too_many_failures")
    }

    @Test("whether somebody is signed in is asked without an error")
    func state() async throws {
        let harness = try await AssistantHarness()
        _ = try await harness.person()
        #expect(try await harness.send(.get, "/v1/signin/state")["signed_in"] == .null)
        let foreign = try await harness.send(
            .get,
            "/v1/signin/state",
            headers: ["Cookie": "\(harness.signIns.cookieName)=nothing"]
        )
        #expect(foreign.status == 200 && foreign["signed_in"] == .null)
        let begun = try await harness.signIns.signIn(
            name: "ann",
            passphrase: Secret(AssistantHarness.passphrase),
            kind: .browser,
            from: "192.0.2.8"
        )
        let cookie = "\(harness.signIns.cookieName)=\(begun.credential.reveal())"
        let known = try await harness.send(.get, "/v1/signin/state", headers: ["Cookie": cookie])
        #expect(known["signed_in"]?["operator"]?["name"]?.string == "ann")
        #expect(known["signed_in"]?["csrf_token"]?.string?.isEmpty == false)
        let same = try await harness.send(.get, "/v1/signin", headers: ["Cookie": cookie])
        #expect(same.json == known["signed_in"])
    }

    @Test("rules are tried, saved, compared and removed; those of the program stay")
    func policy() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/admin/policy"
        let all = try await ann.api(.get, path)
        #expect(all["rules"]?.array?.count == PolicyRuleSet.builtIn.rules.count)
        func text(_ rule: String) -> String { String(decoding: JSONValue.string(rule).bytes, as: UTF8.self) }
        let deny = text("{ decision: 'deny', program: 'zap', reason: 'No.', matches: ['zap x'] }")
        let asked = try await ann.api(.post, path + "/try", json: #"{"command":"zap all"}"#)
        #expect(asked["verdict"]?.string == "ask" && asked["scope"]?.string == "full")
        let tried = try await ann.api(
            .post,
            path + "/try",
            json: #"{"command":"zap all","id":"no-zap","rule":\#(deny)}"#
        )
        #expect(tried["verdict"]?.string == "deny")
        #expect(tried["findings"]?.array?.first?["rule"]?.string == "no-zap")
        let wrong = text("{ decision: 'deny', program: 'zap', reason: 'No.', matches: ['zip x'] }")
        let refused = try await ann.api(.put, path + "/rules/no-zap", json: #"{"rule":\#(wrong)}"#)
        #expect(refused.code == "policy_invalid" && refused.text.contains("zip x"))
        #expect(
            try await ann.api(.put, path + "/rules/no-zap", json: #"{"rule":"nothing"}"#).code
                == "policy_invalid"
        )
        let saved = try await ann.api(.put, path + "/rules/no-zap", json: #"{"rule":\#(deny)}"#)
        // Nobody puts it into force here.
        #expect(saved["in_force"]?.bool == false)
        #expect(try await ann.api(.get, path)["not_in_force"]?.array?.first?.string == "no-zap")
        let builtIn = try #require(PolicyRuleSet.builtIn.rules.first?.id)
        #expect(
            try await ann.api(.put, path + "/rules/\(builtIn)", json: #"{"rule":\#(deny)}"#).code
                == "rule_fixed"
        )
        #expect(try await ann.api(.delete, path + "/rules/\(builtIn)").code == "rule_fixed")
        try await harness.running {
            let body = #"{"command":"zap all","wait":5}"#
            #expect(try await ann.api(.post, "/v1/sessions/s/tickets", json: body).status == 201)
            let compared = try await ann.api(
                .post,
                path + "/replay",
                json: #"{"id":"no-zap","rule":\#(deny)}"#
            )
            #expect(compared["judged"]?.integer == 1 && compared["changed"]?.integer == 1)
            let change = try #require(compared["changes"]?.array?.first)
            #expect(change["command"]?.string == "zap all" && change["after"]?.string == "deny")
        }
        #expect(try await ann.api(.delete, path + "/rules/no-zap").status == 200)
        #expect(try await ann.api(.delete, path + "/rules/no-zap").code == "rule_not_found")
        #expect(try await ann.api(.post, path + "/reload", json: "{}").code == "server_not_running")
        let seen = try await Self.actions(ann)
        #expect(seen.contains("policy.add") && seen.contains("policy.remove"))
    }

    @Test("proposals are accepted or dismissed, once")
    func proposals() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/admin/policy/proposals"
        for number in [31, 32] as [Int64] {
            try await harness.stores.proposals.propose(
                RuleProposal(
                    approval: ApprovalID(number),
                    rule: #"{"decision":"deny","program":"zap","reason":"No.","matches":["zap"]}"#,
                    command: "zap",
                    proposedBy: PrincipalID("operator:1"),
                    created: harness.clock.now()
                )
            )
        }
        #expect(try await ann.api(.get, path)["proposals"]?.array?.count == 2)
        #expect(try await ann.api(.post, path + "/31/accept", json: "{}")["id"]?.string == "approved-31")
        #expect(try await ann.api(.post, path + "/31/accept", json: "{}").code == "proposal_not_found")
        #expect(try await ann.api(.delete, path + "/32").status == 204)
        #expect(try await ann.api(.delete, path + "/32").code == "proposal_not_found")
        #expect(try await ann.api(.get, path)["proposals"]?.array == [])
    }

    @Test("the server says how it is, what it is told, and what goes on")
    func server() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let state = try await ann.api(.get, "/v1/admin/server")
        #expect(state["load"]?.array?.count == 3 && state["memory"] == .null)
        #expect(state["findings"]?.array?.first?["hint"]?.string == "Free some.")
        let outside = try await ann.api(.get, "/v1/admin/server", [("outside", "1")])
        #expect(outside["findings"]?.array?.first?["name"]?.string == "provider.openai")
        let settings = try await ann.api(.get, "/v1/admin/server/settings")
        #expect(settings["options"]?.array?.first?["key"]?.string == "PORT")
        try await harness.running {
            let body = #"{"command":"echo","wait":5}"#
            for session in ["a", "b"] {
                #expect(try await ann.api(.post, "/v1/sessions/\(session)/tickets", json: body).status == 201)
            }
            let latest = try await ann.api(.get, "/v1/tickets", [("limit", "1")])
            #expect(latest["ended"]?.array?.first?["session"]?.string == "b")
            #expect(latest["open_count"]?.integer == 0)
        }
    }
}
