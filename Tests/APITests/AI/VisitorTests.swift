import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// Users and backends of host applications at routes that are not theirs alone.
@Suite("Users at accounts, wallets, standard doors, streams and shares")
struct VisitorTests {
    // MARK: Accounts

    @Test("a user connects an account and chooses its model, which answers where no other is named")
    func chosenModel() async throws {
        let harness = try await AssistantHarness([.text("One."), .text("Two."), .text("Three.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        try await harness.running {
            let begun = try await ann.api(.post, "/v1/ai/account/login", json: "{}")
            #expect(begun.status == 201 && begun["code"]?.string == "FAKE-CODE", "\(begun.text)")
            let login = try #require(begun["login"]?["id"]?.integer)
            #expect(try await bob.api(.get, "/v1/ai/account/login/\(login)").status == 404)
            #expect(try await bob.api(.delete, "/v1/ai/account/login/\(login)").status == 404)
            #expect(try await bob.api(.get, "/v1/ai/account")["login"] == .null)
            let body = #"{"model":"codex/gpt-6.1-sol"}"#
            #expect(try await ann.api(.put, "/v1/ai/account/model", json: body).status == 200)
            #expect(try await Self.ask(ann, "{\"message\":\"Hi\",\"stream\":true}").contains("One."))
            #expect(try await Self.ask(bob, "{\"message\":\"Hi\",\"stream\":true}").contains("Two."))
            let named = #"{"message":"Hi","model":"fake/model","stream":true}"#
            #expect(try await Self.ask(ann, named).contains("Three."))
        }
        #expect(harness.model.requests.map(\.model) == ["gpt-6.1-sol", "model", "model"])
        #expect(harness.model.requests.map(\.context.isOwnAccount) == [true, false, false])
    }

    @Test("a suspended client connects nothing new, and cuts off what is there")
    func suspended() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"state":"suspended"}"#)
        for path in ["/v1/ai/account/login", "/v1/ai/account/switch"] {
            let answer = try await ann.api(.post, path, json: "{}")
            #expect(answer.status == 403 && answer["code"]?.string == "client_suspended", "\(answer.text)")
        }
        #expect(try await ann.api(.get, "/v1/ai/account").status == 200)
        #expect(try await ann.api(.post, "/v1/ai/account/logout", json: "{}").status == 204)
    }

    // MARK: Wallets

    @Test("a backend tops its own clients up by its own names; its users see that, and nobody else does")
    func wallets() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let zoe = try await bench.user("zoe", client: "zeta", brands: ["east"])
        _ = try await bench.user("eve", issuer: AssistantHarness.otherIssuer)
        let body = #"{"client":"acme","brand":"north","amount":900,"key":"i-1"}"#
        let paid = try await bench.backend(.post, "/v1/ai/wallet/topups", json: body)
        #expect(paid.status == 200 && paid["balance"]?.integer == 900, "\(paid.text)")
        let again = try await bench.backend(.post, "/v1/ai/wallet/topups", json: body)
        #expect(again["id"] == paid["id"] && again["balance"]?.integer == 900)
        let grant = #"{"client":"acme","brand":"north","amount":100,"key":"g","expires_in_days":9}"#
        #expect(try await bench.backend(.post, "/v1/ai/wallet/grants", json: grant).status == 200)
        let mine = try await ann.api(.get, "/v1/ai/wallet")
        #expect(mine["balance"]?.integer == 1_000 && mine["brand"]?.string == "north", "\(mine.text)")
        #expect(try await ann.api(.get, "/v1/ai/wallet/transfers")["transfers"]?.array?.count == 2)
        #expect(try await zoe.api(.get, "/v1/ai/wallet").status == 404)
        let named = [("client", "acme"), ("brand", "north")]
        #expect(try await zoe.api(.get, "/v1/ai/wallet", named).status == 404)
        // The other application has a client and a brand of the same names; they are others.
        let foreign = AssistantHarness.otherIssuer
        let other = try await bench.backend(.post, "/v1/ai/wallet/topups", json: body, issuer: foreign)
        #expect(other["balance"]?.integer == 900, "its own wallet: \(other.text)")
        #expect(try await ann.api(.get, "/v1/ai/wallet")["balance"]?.integer == 1_000)
        let unknown = #"{"client":"zeta","amount":1,"key":"k"}"#
        #expect(
            try await bench.backend(.post, "/v1/ai/wallet/topups", json: unknown, issuer: foreign).status
                == 404
        )
        // An operator has to say whose client is meant.
        let operatorCaller = try await harness.person()
        let vague = try await operatorCaller.api(.get, "/v1/ai/wallet", named)
        #expect(vague.status == 422 && vague["code"]?.string == "issuer_needed", "\(vague.text)")
        let exact = named + [("issuer", AssistantHarness.issuer)]
        #expect(try await operatorCaller.api(.get, "/v1/ai/wallet", exact)["balance"]?.integer == 1_000)
        let listed = try await operatorCaller.api(.get, "/v1/admin/wallets")["wallets"]?.array ?? []
        #expect(
            Set(listed.filter { $0["client"]?.string == "acme" }.compactMap { $0["issuer"]?.string })
                == [AssistantHarness.issuer, foreign]
        )
        let opening = #"{"client":"acme","brand":"north","issuer":"\#(foreign)"}"#
        let opened = try await operatorCaller.api(.post, "/v1/admin/wallets", json: opening)
        #expect(opened["issuer"]?.string == foreign && opened["brand"]?.string == "north", "\(opened.text)")
        for path in ["/v1/ai/wallet/topups", "/v1/ai/wallet/grants"] {
            #expect(try await ann.api(.post, path, json: body).status == 403, "\(path)")
        }
    }

    @Test("a backend records what it did, caps it, and reports what its own clients used")
    func usage() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        _ = try await bench.user("eve", issuer: AssistantHarness.otherIssuer)
        for issuer in [AssistantHarness.issuer, AssistantHarness.otherIssuer] {
            let body = #"{"key":"d-1","item":"document","client":"acme","brand":"north"}"#
            #expect(
                try await bench.backend(.post, "/v1/ai/usage", json: body, issuer: issuer).status == 200
            )
        }
        // Whoever sees both is told whose is which, and can ask for one.
        let boss = try await harness.person("boss")
        let issuers = [AssistantHarness.issuer, AssistantHarness.otherIssuer]
        for by in ["client", "brand", "user"] {
            let all = try await boss.api(.get, "/v1/ai/usage", [("by", by)])["sums"]?.array ?? []
            #expect(by == "user" || Set(all.compactMap { $0["issuer"]?.string }) == Set(issuers), "\(by)")
            let file = try await boss.api(.get, "/v1/ai/usage", [("by", by), ("format", "csv")]).text
            #expect(file.hasPrefix("issuer,") && (by == "user" || file.contains("\r\n\(issuers[1]),acme,")))
            let one = [("by", by), ("issuer", issuers[1])]
            let own = try await boss.api(.get, "/v1/ai/usage", one)["sums"]?.array ?? []
            #expect(own.count == 1 && own.first?["calls"]?.integer == 1, "\(by): \(own)")
        }
        let single = try await boss.api(.get, "/v1/ai/usage", [("format", "csv")]).text
        #expect(issuers.allSatisfy { single.contains(",host,\($0),acme,north,") }, "\(single)")
        let rows = try await bench.backend(.get, "/v1/ai/usage")["usage"]?.array ?? []
        #expect(rows.count == 1 && rows.first?["client"]?.string == "acme")
        #expect(try await ann.api(.get, "/v1/ai/usage")["usage"]?.array?.count == 1)
        let top = #"{"client":"acme","amount":900,"key":"i-1"}"#
        #expect(try await bench.backend(.post, "/v1/ai/wallet/topups", json: top).status == 200)
        let cap = #"{"client":"acme","user":"ann","period":"day","amount":400}"#
        #expect(try await bench.backend(.put, "/v1/ai/wallet/caps", json: cap).status == 204)
        let capped = try await bench.backend(
            .post,
            "/v1/ai/usage",
            json: #"{"key":"d-2","item":"document","client":"acme","user":"ann","charge":true}"#
        )
        #expect(capped.status == 402 && capped["code"]?.string == "spending_cap_reached", "\(capped.text)")
        let low = #"{"client":"acme","thresholds":[1000]}"#
        #expect(try await bench.backend(.put, "/v1/ai/wallet/thresholds", json: low).status == 204)
        let caller = AssistantCaller(harness: harness, bearer: UserBench.serviceToken())
        let events = try await caller.api(.get, "/v1/ai/wallet/events", [("client", "acme")])
        #expect(events["events"]?.array?.first?["threshold"]?.integer == 1_000, "\(events.text)")
    }

    // MARK: 402

    @Test("an empty wallet answers 402 with its numbers, in a turn, one question and the standard shape")
    func empty() async throws {
        let prices = PriceList(
            unit: CreditUnit(name: "EUR", decimals: 2),
            models: ["fake/*": CallPrice(input: 1_000_000, output: 1_000_000)]
        )
        let harness = try await AssistantHarness([.text("Own.")], prices: prices)
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let chat = try await ann.userChat()
        let nobody = try await ann.api(.post, "/v1/ai/chats/\(chat)/turns", json: #"{"message":"Hi"}"#)
        #expect(nobody.status == 402 && nobody["wallet"] == .null, "\(nobody.text)")
        let top = #"{"client":"acme","brand":"north","amount":1,"key":"i-1"}"#
        #expect(try await bench.backend(.post, "/v1/ai/wallet/topups", json: top).status == 200)
        let asks = [
            ("/v1/ai/chats/\(chat)/turns", #"{"message":"Hi"}"#),
            ("/v1/ai/chat", #"{"message":"Hi"}"#),
        ]
        for (path, body) in asks {
            let answer = try await ann.api(.post, path, json: body)
            #expect(answer.status == 402 && answer["code"]?.string == "insufficient_credits", "\(path)")
            #expect(answer["balance"]?.integer == 1 && answer["available"]?.integer == 1, "\(answer.text)")
            #expect(answer["unit"]?["name"]?.string == "EUR" && answer["unit"]?["decimals"]?.integer == 2)
            #expect(answer["wallet"]?.integer != nil && answer["needed"]?.integer ?? 0 > 1)
            #expect(answer["hint"]?.string?.isEmpty == false)
        }
        let messages = #""messages":[{"role":"user","content":"Hi"}]"#
        for stream in ["false", "true"] {
            let body = "{\"model\":\"fake/model\",\"stream\":\(stream),\(messages)}"
            let answer = try await ann.api(.post, "/v1/chat/completions", json: body)
            let error = answer["error"]
            #expect(answer.status == 402 && error?["type"]?.string == "insufficient_quota", "\(answer.text)")
            #expect(error?["balance"]?.integer == 1 && error?["unit"]?["name"]?.string == "EUR")
        }
        #expect(harness.model.requests.isEmpty)
        // With an account of one's own nobody else pays.
        try await harness.running {
            let own = #"{"message":"Hi","model":"codex/gpt-6.1-sol","stream":true}"#
            let said = try await Self.ask(ann, own)
            #expect(said.contains("Own."))
        }
    }

    // MARK: The standard door

    @Test("users come in at the OpenAI-compatible door where their role has it, with no tool of this server")
    func door() async throws {
        let harness = try await AssistantHarness([.text("Hello."), .text("There.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob", role: "store"))
        let body = #"{"model":"fake/model","messages":[{"role":"user","content":"Hi"}]}"#
        let answer = try await ann.api(.post, "/v1/chat/completions", json: body)
        #expect(answer.status == 200 && answer.text.contains("Hello."), "\(answer.text)")
        let other = try await ann.api(.post, "/v1/responses", json: #"{"model":"fake/model","input":"Hi"}"#)
        #expect(other.status == 200 && other.text.contains("There."), "\(other.text)")
        #expect(try await ann.api(.get, "/v1/models").text.contains("fake/model"))
        let refused = try await bob.api(.post, "/v1/chat/completions", json: body)
        #expect(refused.status == 403 && refused["error"]?["code"]?.string == "permission_missing")
        #expect(harness.model.requests.allSatisfy { $0.tools.isEmpty })
        let places = harness.model.requests.map(\.context.place)
        #expect(places.allSatisfy { $0?.brand != nil })
        let grants = #"{"permissions":["chat","ai.openai"]}"#
        #expect(try await bench.backend(.put, "/v1/ai/users/bob/grants", json: grants).status == 200)
        #expect(try await bob.api(.get, "/v1/models").status == 200)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"state":"suspended"}"#)
        let late = try await ann.api(.post, "/v1/chat/completions", json: body)
        #expect(late.status == 403 && late["error"]?["code"]?.string == "client_suspended")
        #expect(harness.runner.started.isEmpty)
    }

    @Test(
        "a suspension ends the calls at the standard door that are open, and so does AI that is switched off",
        arguments: [#"{"state":"suspended"}"#, #"{"ai":false}"#],
        [true, false]
    )
    func closedDoor(_ how: String, _ streams: Bool) async throws {
        let harness = try await AssistantHarness([ScriptedAnswer([.hang]), ScriptedAnswer([.hang])])
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let eve = try await bench.user("eve", brands: ["south"])
        let stream = "\"model\":\"fake/model\",\"stream\":\(streams)"
        let chat = "{\(stream),\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
        async let completion = ann.api(.post, "/v1/chat/completions", json: chat)
        async let response = eve.api(.post, "/v1/responses", json: "{\(stream),\"input\":\"Hi\"}")
        try await eventually("both wait for the model") { harness.model.requests.count == 2 }
        let code = how.contains("ai") ? "ai_off" : "suspended"
        _ = try await bench.backend(.put, "/v1/ai/clients/acme/brands/north", json: how)
        #expect(try await completion.text.contains(code))
        #expect(harness.model.cancelledCalls == 1, "the other brand's goes on")
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: how)
        #expect(try await response.text.contains(code))
        #expect(harness.model.cancelledCalls == 2)
    }

    @Test("without a model the standard door takes the caller's chosen one, else the server's")
    func doorWithoutModel() async throws {
        let harness = try await AssistantHarness(Array(repeating: .text("Hello."), count: 9))
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        let boss = try await harness.person("boss", [.chat, .aiAccount])
        let token = try await harness.program([.chat])
        let choice = #"{"model":"codex/gpt-6.1-sol"}"#
        for caller in [ann, boss] {
            #expect(try await caller.api(.put, "/v1/ai/account/model", json: choice).status == 200)
        }
        let chat = #"{"messages":[{"role":"user","content":"Hi"}]}"#
        for (caller, model) in [
            (ann, "codex/gpt-6.1-sol"), (boss, "codex/gpt-6.1-sol"), (bob, "fake/model"),
            (token, "fake/model"),
        ] {
            let answer = try await caller.api(.post, "/v1/chat/completions", json: chat)
            #expect(answer["model"]?.string == model, "\(answer.text)")
            let response = try await caller.api(.post, "/v1/responses", json: #"{"input":"Hi"}"#)
            #expect(response["model"]?.string == model, "\(response.text)")
        }
        let own = harness.model.requests.map { $0.model == "gpt-6.1-sol" }
        #expect(own == [true, true, true, true, false, false, false, false])
        let named = #"{"model":"fake/model","messages":[{"role":"user","content":"Hi"}]}"#
        let other = try await ann.api(.post, "/v1/chat/completions", json: named)
        #expect(other["model"]?.string == "fake/model", "\(other.text)")
    }

    @Test("a call at the standard door names its brand in the header; one beyond the scope is not there")
    func brand() async throws {
        let harness = try await AssistantHarness([.text("A."), .text("B.")])
        let bench = UserBench(harness)
        _ = try await bench.user("zoe", brands: ["west"])
        let ann = try await bench.user("ann", brands: ["north", "south"])
        let body = #"{"model":"fake/model","messages":[{"role":"user","content":"Hi"}]}"#
        for (brand, status) in [("south", 200), ("west", 404), ("nowhere", 404)] {
            let answer = try await ann.api(
                .post,
                "/v1/chat/completions",
                json: body,
                headers: ["Deckhand-Brand": brand]
            )
            #expect(answer.status == status, "\(brand): \(answer.text)")
        }
        #expect(harness.model.requests.count == 1)
    }

    // MARK: Streams and shares

    @Test("a user follows their own chats in one stream, never another's, tickets or approvals")
    func follow() async throws {
        let harness = try await AssistantHarness([.text("Mine."), .text("Theirs.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        try await harness.running {
            let (mine, theirs) = (try await ann.userChat(), try await bob.userChat())
            for (person, chat) in [(ann, mine), (bob, theirs)] {
                let path = "/v1/ai/chats/\(chat)/turns"
                _ = try await person.api(.post, path, json: #"{"message":"Hi","stream":true}"#)
            }
            let response = await ann.respond(.get, "/v1/events", [("chats", "\(mine),\(theirs)")])
            #expect(response.status == 200)
            let text = await MatrixAnswer(response) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                return text.contains("turn.finished") && text.contains("gone")
            }.text
            #expect(text.contains("Mine.") && !text.contains("Theirs."), "\(text)")
            for query in [("tickets", "s/1"), ("approvals", "1")] {
                let answer = await ann.respond(.get, "/v1/events", [("chats", "\(mine)"), query])
                #expect(answer.status == 403, "\(query)")
            }
        }
    }

    @Test("a user shares a chat; the link ends with the permission, AI and a revocation by the application")
    func shares() async throws {
        let harness = try await AssistantHarness([.text("Shared words.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        var links: [String] = []
        try await harness.running {
            let chat = try await ann.userChat()
            let path = "/v1/ai/chats/\(chat)/turns"
            _ = try await ann.api(.post, path, json: #"{"message":"Hi","stream":true}"#)
            for _ in 0..<2 {
                let made = try await ann.api(.post, "/v1/shares", json: "{\"chat\":\(chat)}")
                links.append("/v1/shared/" + (try #require(made["token"]?.string, "\(made.text)")))
            }
            #expect(try await bob.api(.post, "/v1/shares", json: "{\"chat\":\(chat)}").status == 404)
        }
        #expect(try await bob.api(.get, "/v1/shares")["shares"]?.array == [])
        #expect(try await harness.send(.get, links[0]).text.contains("Shared words."))
        // The session that made it may be over.
        #expect(try await ann.api(.delete, "/v1/ai/session").status == 204)
        #expect(try await harness.send(.get, links[0]).status == 200)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":false}"#)
        #expect(try await harness.send(.get, links[0]).status == 404)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":true}"#)
        #expect(try await harness.send(.get, links[0]).status == 200)
        #expect(try await bench.backend(.delete, "/v1/ai/users/ann/sessions").status == 200)
        for link in links { #expect(try await harness.send(.get, link).status == 404) }
        let demoted = try await bench.user("bob", role: "store")
        #expect(try await demoted.api(.get, "/v1/shares").status == 403)
    }

    // MARK: Parts

    /// What a turn in a new chat says, as its stream tells it.
    private static func ask(_ person: AssistantCaller, _ body: String) async throws -> String {
        let chat = try await person.userChat()
        return try await person.api(.post, "/v1/ai/chats/\(chat)/turns", json: body).text
    }
}
