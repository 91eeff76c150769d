import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("What a host application says of its tenants")
struct TenantRouteTests {
    @Test("clients, brands and locations are put, changed and listed")
    func tenants() async throws {
        let bench = UserBench(try await AssistantHarness())
        let path = "/v1/ai/clients/acme"
        let made = try await bench.backend(.put, path, json: #"{"name":"Acme","plan":"pro"}"#)
        #expect(made.status == 200 && made["ai"]?.bool == false && made["state"]?.string == "active")
        #expect(try await bench.backend(.put, path, json: #"{"ai":true}"#)["plan"]?.string == "pro")
        let brand = try await bench.backend(.put, "\(path)/brands/north", json: "{}")
        #expect(brand["ai"]?.bool == true && brand["inherits_ai"]?.bool == true)
        let off = try await bench.backend(.put, "\(path)/brands/north", json: #"{"ai":false}"#)
        #expect(off["ai"]?.bool == false && off["inherits_ai"]?.bool == false)
        let again = try await bench.backend(.put, "\(path)/brands/north", json: #"{"ai":"inherit"}"#)
        #expect(again["ai"]?.bool == true)
        #expect(try await bench.backend(.put, "\(path)/brands/north", json: #"{"ai":"maybe"}"#).status == 422)
        let location = "\(path)/brands/north/locations/main"
        #expect(try await bench.backend(.put, location, json: #"{"name":"Main"}"#)["name"]?.string == "Main")
        let list = try await bench.backend(.get, "\(path)/brands/north/locations")
        #expect(list["locations"]?.array?.count == 1)
        #expect(try await bench.backend(.get, path + "/brands")["brands"]?.array?.count == 1)
        #expect(try await bench.backend(.get, "/v1/ai/clients")["clients"]?.array?.count == 1)
        #expect(try await bench.backend(.put, "/v1/ai/clients/zeta/brands/x").code == "client_not_found")
        #expect(try await bench.backend(.put, "\(path)/brands/none/locations/x").code == "brand_not_found")
        _ = try await bench.backend(.put, "/v1/ai/clients/zeta")
        let taken = try await bench.backend(.put, "/v1/ai/clients/zeta/brands/north")
        #expect(taken.status == 409 && taken.code == "brand_elsewhere")
        #expect(try await bench.backend(.put, path, json: #"{"state":"gone"}"#).status == 422)
        #expect(try await bench.backend(.put, path, json: #"{"name":"a\nb"}"#).status == 422)
    }

    @Test("an administrator names the application, others are turned away")
    func administrator() async throws {
        let harness = try await AssistantHarness()
        let boss = try await harness.person("boss")
        #expect(try await boss.api(.get, "/v1/ai/clients").code == "issuer_not_found")
        let own = [("issuer", AssistantHarness.issuer)]
        #expect(try await boss.api(.put, "/v1/ai/clients/acme", own, json: "{}").status == 200)
        #expect(try await boss.api(.get, "/v1/ai/clients", own)["clients"]?.array?.count == 1)
        #expect(try await boss.api(.get, "/v1/ai/clients", [("issuer", "https://x")]).status == 404)
        let clerk = try await harness.person("clerk", [.chat, .approve])
        #expect(try await clerk.api(.get, "/v1/ai/clients", own).status == 403)
        let program = try await harness.program(Permission.withoutSignIn)
        #expect(try await program.api(.get, "/v1/ai/clients", own).code == "sign_in_required")
        let bench = UserBench(harness)
        let foreign = AssistantCaller(harness: harness, bearer: UserBench.serviceToken())
        let other = [("issuer", AssistantHarness.otherIssuer)]
        #expect(try await foreign.api(.get, "/v1/ai/clients", other).code == "issuer_not_found")
        #expect(try await foreign.api(.get, "/v1/ai/clients").code == "host_token_used")
        #expect(try await bench.backend(.get, "/v1/ai/clients").status == 200)
    }

    @Test("a role without permissions gets in by a grant, from the next request on, and out again")
    func grants() async throws {
        let bench = UserBench(try await AssistantHarness())
        let ann = try await bench.user("ann", role: "workshop")
        let denied = try await ann.api(.get, "/v1/ai/chats")
        #expect(denied.status == 403 && denied.code == "permission_missing")
        let path = "/v1/ai/users/ann/grants"
        let granted = try await bench.backend(
            .put,
            path,
            json: #"{"permissions":["chat"],"grants":["jobs.create"]}"#
        )
        #expect(granted.status == 200 && granted["permissions"]?.array == [.string("chat")])
        #expect(try await ann.api(.get, "/v1/ai/chats").status == 200)
        #expect(
            try await ann.api(.get, "/v1/ai/session")["user"]?["grants"]?.array == [.string("jobs.create")]
        )
        #expect(try await bench.backend(.get, path)["grants"]?.array == [.string("jobs.create")])
        _ = try await bench.backend(.put, path, json: "{}")
        #expect(try await ann.api(.get, "/v1/ai/chats").status == 403)
        for wrong in [
            #"{"permissions":["shell.run"]}"#, #"{"permissions":["admin"]}"#, #"{"permissions":["x"]}"#,
        ] {
            #expect(try await bench.backend(.put, path, json: wrong).code == "permission_not_grantable")
        }
        #expect(try await bench.backend(.put, path, json: #"{"grants":["a b"]}"#).code == "invalid_grant")
        #expect(try await bench.backend(.get, "/v1/ai/users/nobody/grants").code == "user_not_found")
    }

    @Test("what is granted in one client holds there, and not for the same person in another")
    func clientGrants() async throws {
        let bench = UserBench(try await AssistantHarness())
        let here = try await bench.user("ann", role: "workshop")
        let there = try await bench.user("ann", client: "zeta", brands: ["east"], role: "workshop")
        let backend = { AssistantCaller(harness: bench.harness, bearer: UserBench.serviceToken()) }
        let path = "/v1/ai/users/ann/grants"
        let granted = try await backend().api(
            .put,
            path,
            [("client", "acme")],
            json: #"{"permissions":["chat"],"grants":["jobs.create"]}"#
        )
        #expect(
            granted.status == 200 && granted["grants"]?.array == [.string("jobs.create")],
            "\(granted.text)"
        )
        #expect(try await here.api(.get, "/v1/ai/chats").status == 200)
        #expect(try await there.api(.get, "/v1/ai/chats").code == "permission_missing")
        #expect(try await there.api(.get, "/v1/ai/session")["user"]?["grants"]?.array == [])
        #expect(try await bench.backend(.get, path)["grants"]?.array == [])
        #expect(try await backend().api(.get, path, [("client", "acme")])["permissions"]?.array?.count == 1)
        #expect(try await backend().api(.get, path, [("client", "nowhere")]).code == "client_not_found")
        let foreign = AssistantCaller(
            harness: bench.harness,
            bearer: UserBench.serviceToken(issuer: AssistantHarness.otherIssuer)
        )
        #expect(try await foreign.api(.put, path, [("client", "acme")], json: "{}").status == 404)
        _ = try await backend().api(.put, path, [("client", "acme")], json: "{}")
        #expect(try await here.api(.get, "/v1/ai/chats").status == 403)
    }

    @Test("AI off closes everything but the session, for a client or for one brand")
    func off() async throws {
        let bench = UserBench(try await AssistantHarness())
        let ann = try await bench.user("ann", brands: ["north", "south"])
        let north = try await ann.userChat(#"{"brand":"north"}"#)
        let south = try await ann.userChat(#"{"brand":"south"}"#)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":false}"#)
        for path in ["/v1/ai/chats", "/v1/ai/chats/\(north)", "/v1/ai/chats/\(north)/turns"] {
            let answer = try await ann.api(.get, path)
            #expect(answer.status == 403 && answer.code == "ai_off", "\(path)")
            #expect(answer["hint"]?.string?.contains("plan") == true)
        }
        #expect(try await ann.api(.get, "/v1/ai/session")["client"]?["ai"]?.bool == false)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme/brands/north", json: #"{"ai":true}"#)
        #expect(try await ann.api(.get, "/v1/ai/chats/\(north)").status == 200)
        #expect(try await ann.api(.get, "/v1/ai/chats/\(south)").code == "ai_off")
        #expect(
            try await ann.api(.post, "/v1/ai/chats", json: "{}").code == "ai_off",
            "the client as a whole"
        )
        #expect(try await ann.api(.get, "/v1/ai/chats").status == 200)
    }

    @Test("suspended is read-only, for a client or for one brand", arguments: [true, false])
    func suspended(isClient: Bool) async throws {
        let bench = UserBench(try await AssistantHarness([.text("ok")]))
        let ann = try await bench.user("ann", brands: ["north", "south"])
        let chat = try await ann.userChat(#"{"brand":"north"}"#)
        let path = isClient ? "/v1/ai/clients/acme" : "/v1/ai/clients/acme/brands/north"
        _ = try await bench.backend(.put, path, json: #"{"state":"suspended"}"#)
        let code = isClient ? "client_suspended" : "brand_suspended"
        for path in [
            "/v1/ai/chats", "/v1/ai/chats/\(chat)", "/v1/ai/chats/\(chat)/turns",
            "/v1/ai/chats/\(chat)/export",
        ] {
            #expect(try await ann.api(.get, path).status == 200, "\(path)")
        }
        let changes: [(HTTPMethod, String, String?)] = [
            (.post, "/v1/ai/chats/\(chat)/turns", #"{"message":"x"}"#),
            (.patch, "/v1/ai/chats/\(chat)", #"{"title":"x"}"#),
            (.delete, "/v1/ai/chats/\(chat)", nil), (.post, "/v1/ai/chats", #"{"brand":"north"}"#),
            (.post, "/v1/ai/chat", #"{"message":"x","brand":"north"}"#),
        ]
        for (method, path, body) in changes {
            let answer = try await ann.api(method, path, json: body)
            #expect(answer.status == 403 && answer.code == code, "\(method) \(path): \(answer.text)")
        }
        let elsewhere = try await ann.api(.post, "/v1/ai/chats", json: #"{"brand":"south"}"#)
        #expect(elsewhere.status == (isClient ? 403 : 201))
        _ = try await bench.backend(.put, path, json: #"{"state":"active"}"#)
        #expect(try await ann.api(.patch, "/v1/ai/chats/\(chat)", json: #"{"title":"x"}"#).status == 200)
    }

    @Test(
        "revocation by the application ends streams and turns; so do suspension and AI off",
        arguments: [
            "revoke", "suspend", "off",
        ]
    )
    func endings(_ how: String) async throws {
        let harness = try await AssistantHarness([ScriptedAnswer([.hang])])
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let chat = try await ann.userChat()
        try await harness.running {
            let turn = try await ann.api(.post, "/v1/ai/chats/\(chat)/turns", json: #"{"message":"x"}"#)
            let id = try #require(turn["id"]?.integer)
            try await eventually("the model is called") { harness.model.requests.count == 1 }
            try await LiveStream.following(await ann.respond(.get, "/v1/ai/chats/\(chat)/events")) { stream in
                try await eventually("stream and turn are heard of") {
                    harness.hosts.sessions.hub.streamCount == 2
                }
                switch how {
                case "revoke":
                    let answer = try await bench.backend(.delete, "/v1/ai/users/ann/sessions")
                    #expect(answer["ended"]?.integer == 1)
                    _ = try await stream.untilOver()
                    #expect(try await ann.api(.get, "/v1/ai/session").code == "session_ended")
                case "suspend":
                    _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"state":"suspended"}"#)
                default: _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":false}"#)
                }
            }
            let owner = try #require(
                try await harness.stores.tenants.user(TenantKey("ann"), of: AssistantHarness.issuer)
            )
            try await eventually("the turn is over") {
                try await harness.stores.chats.turn(TurnID(id), owner: owner.id.principal)?.state
                    == .cancelled
            }
        }
        #expect(harness.model.cancelledCalls == 1)
    }

    @Test("users, brands, clients and addresses have limits of their own")
    func limits() async throws {
        var limits = UserLimitSettings()
        limits.turnsOfUser = 2
        limits.turnsOfBrand = 3
        let harness = try await AssistantHarness(Array(repeating: .text("ok"), count: 9), limits: limits)
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        let cat = try await bench.user("cat", brands: ["south"])
        let ask = { (user: AssistantCaller) async throws -> Answer in
            let chat = try await user.userChat()
            return try await user.api(
                .post,
                "/v1/ai/chats/\(chat)/turns",
                json: #"{"message":"x","stream":true}"#
            )
        }
        try await harness.running {
            #expect(try await ask(ann).status == 200)
            #expect(try await ask(ann).status == 200)
            let third = try await ask(ann)
            #expect(third.status == 429 && third.code == "too_many_requests" && third.text.contains("user"))
            #expect(third.headers["Retry-After"] != nil)
            #expect(try await ask(bob).status == 200)
            #expect(try await ask(bob).text.contains("brand"))
            #expect(try await ask(cat).status == 200)
            harness.clock.advance(by: .seconds(61))
            #expect(try await ask(bob).status == 200)
        }
    }
}
