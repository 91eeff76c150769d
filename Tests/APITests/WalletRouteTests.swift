import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("Wallets and usage by HTTP")
struct WalletRouteTests {
    @Test("a payment is put in once, and shown with what belongs to it")
    func topUp() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let bench = UserBench(harness)
        for path in ["/v1/ai/clients/5", "/v1/ai/clients/5/brands/51"] {
            #expect(try await bench.backend(.put, path, json: #"{"ai":true}"#).status < 300)
        }
        let wallet = try await ann.api(.post, "/v1/admin/wallets", json: #"{"client":"5","brand":"51"}"#)
        #expect(wallet["client"]?.string == "5" && wallet["brand"]?.string == "51")
        let path = "/v1/admin/wallets/\(try #require(wallet["id"]?.integer))"
        let body = #"{"amount":900,"key":"i-1","note":"first"}"#
        let first = try await ann.api(.post, path + "/topups", json: body)
        #expect(first.status == 200 && first["balance"]?.integer == 900)
        let again = try await ann.api(.post, path + "/topups", json: body)
        #expect(again.json == first.json)
        let other = try await ann.api(.post, path + "/topups", json: #"{"amount":901,"key":"i-1"}"#)
        #expect(other.status == 409 && other["code"]?.string == "key_reused")
        for bad in [#"{"amount":900}"#, #"{"amount":0,"key":"k"}"#, #"{"amount":-5,"key":"k"}"#] {
            #expect(try await ann.api(.post, path + "/topups", json: bad).status == 422, "\(bad)")
        }
        let grant = #"{"amount":100,"key":"g","expires_in_days":31}"#
        #expect(try await ann.api(.post, path + "/grants", json: grant).status == 200)
        let change = #"{"line":50,"thresholds":[2000,10]}"#
        #expect(try await ann.api(.patch, path, json: change)["available"]?.integer == 1_050)
        let shown = try await ann.api(.get, path)
        #expect(shown["lots"]?.array?.count == 2)
        #expect(shown["thresholds"]?.array?.compactMap(\.integer) == [2_000, 10])
        let events = try await ann.api(.get, "/v1/admin/wallet-events")["events"]?.array
        #expect(events?.map { $0["threshold"]?.integer } == [2_000])
        let place = [("client", "5"), ("brand", "51")]
        #expect(try await ann.api(.get, "/v1/ai/wallet", place)["balance"]?.integer == 1_000)
        let transfers = try await ann.api(.get, "/v1/ai/wallet/transfers", place)["transfers"]?.array
        #expect(transfers?.compactMap { $0["kind"]?.string } == ["grant", "topup"])
        let unknown = try await ann.api(.get, "/v1/ai/wallet", [("client", "6")])
        #expect(unknown.status == 404 && unknown["code"]?.string == "place_unknown")
    }

    @Test("the log says whose cap was set to what, and at which amounts events are raised")
    func audited() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        _ = try await bench.user("ann")
        let known = try #require(
            try await harness.stores.tenants.user(TenantKey("ann"), of: AssistantHarness.issuer)
        )
        let place = try await TenantPlaces(harness.stores.tenants)
            .place(client: "acme", brand: "north", location: nil, of: AssistantHarness.issuer)
        for (whose, amount) in [
            (#""brand":"north""#, "7"), (#""user":"ann""#, "8"), (#""each_user":true"#, "9"),
            (#""each_user":true"#, "null"),
        ] {
            let body = "{\"client\":\"acme\",\(whose),\"period\":\"day\",\"amount\":\(amount)}"
            let answer = try await bench.backend(.put, "/v1/ai/wallet/caps", json: body)
            #expect(answer.status == 204, "\(answer.text)")
        }
        let top = #"{"client":"acme","amount":5,"key":"k"}"#
        #expect(try await bench.backend(.post, "/v1/ai/wallet/topups", json: top).status == 200)
        let low = #"{"client":"acme","thresholds":[30,-10]}"#
        #expect(try await bench.backend(.put, "/v1/ai/wallet/thresholds", json: low).status == 204)
        let rows = try await harness.stores.audit.entries(limit: 99).reversed().filter {
            $0.action.hasPrefix("cap.") || $0.action == "wallet.thresholds"
        }
        let brand = try #require(place.brand)
        #expect(
            rows.map { "\($0.action) \($0.detail)" } == [
                "cap.set {\"amount\":7,\"brand\":\(brand),\"period\":\"day\"}",
                "cap.set {\"amount\":8,\"period\":\"day\",\"user\":\(known.id)}",
                #"cap.set {"amount":9,"each_user":true,"period":"day"}"#,
                #"cap.remove {"amount":null,"each_user":true,"period":"day"}"#,
                #"wallet.thresholds {"amounts":[-10,30]}"#,
            ]
        )
    }

    @Test(
        "what a host application reports is charged once, refused with 402, and reported by day as JSON and CSV"
    )
    func usage() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let bench = UserBench(harness)
        #expect(try await bench.backend(.put, "/v1/ai/clients/5", json: #"{"ai":true}"#).status < 300)
        _ = try await bench.user("9", client: "5")
        let wallet = try await ann.api(.post, "/v1/admin/wallets", json: #"{"client":"5"}"#)
        let path = "/v1/admin/wallets/\(try #require(wallet["id"]?.integer))"
        _ = try await ann.api(.post, path + "/topups", json: #"{"amount":1200,"key":"k"}"#)
        let body = #"{"key":"d-1","item":"document","quantity":2,"client":"5","user":"9","charge":true}"#
        let row = try await ann.api(.post, "/v1/ai/usage", json: body)
        #expect(row.status == 200 && row["cost"]?.integer == 1_000 && row["user"]?.string == "9")
        #expect(try await ann.api(.post, "/v1/ai/usage", json: body).json == row.json)
        let poor = try await ann.api(
            .post,
            "/v1/ai/usage",
            json: #"{"key":"d-2","item":"document","client":"5","charge":true}"#
        )
        #expect(poor.status == 402 && poor["code"]?.string == "insufficient_credits")
        #expect(poor["detail"]?.string?.contains("balance 0.0200") == true)
        #expect(poor["hint"]?.string?.isEmpty == false)
        let sums = try await ann.api(.get, "/v1/ai/usage", [("client", "5"), ("by", "day,user")])
        #expect(sums["sums"]?.array?.count == 1)
        #expect(sums["sums"]?.array?.first?["cost"]?.integer == 1_000)
        #expect(sums["sums"]?.array?.first?["calls"]?.integer == 2)
        let file = try await ann.api(.get, "/v1/ai/usage", [("by", "client,model"), ("format", "csv")])
        #expect(
            file.text
                == "issuer,client,model,calls,input_tokens,output_tokens,cost\r\n"
                + "\(AssistantHarness.issuer),5,host/document,2,0,0,1000\r\n"
        )
        let rows = try await ann.api(.get, "/v1/ai/usage", [("format", "csv"), ("limit", "1")])
        #expect(rows.text.split(separator: "\r\n").count == 2)
        for (name, value) in [("by", "x"), ("from", "2026-02-30"), ("brand", "3"), ("format", "xml")] {
            #expect(try await ann.api(.get, "/v1/ai/usage", [(name, value)]).status == 400, "\(name)")
        }
        let cap = #"{"client":"5","user":"9","period":"month","amount":1000}"#
        #expect(try await ann.api(.put, "/v1/admin/caps", json: cap).status == 204)
        let capped = try await ann.api(
            .post,
            "/v1/ai/usage",
            json: #"{"key":"d-3","item":"x","cost":1,"client":"5","user":"9"}"#
        )
        #expect(capped.status == 402 && capped["code"]?.string == "spending_cap_reached")
    }

    @Test("users see what was used where they belong, and of what goes beyond it their own alone")
    func scope() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        for path in ["acme", "acme/brands/north", "acme/brands/south", "zeta"] {
            #expect(
                try await bench.backend(.put, "/v1/ai/clients/\(path)", json: #"{"ai":true}"#).status < 300
            )
        }
        for location in ["main", "yard"] {
            let path = "/v1/ai/clients/acme/brands/north/locations/\(location)"
            #expect(try await bench.backend(.put, path, json: "{}").status < 300)
        }
        let people = [
            "ann": try await bench.user("ann", brands: ["north"]),
            "bob": try await bench.user("bob", brands: ["south"]),
            "carl": try await bench.user("carl", brands: ["north", "south"]),
            "lea": try await bench.user("lea", brands: ["north"], locations: ["main"]),
            "max": try await bench.user("max", brands: []),
            "zoe": try await bench.user("zoe", client: "zeta", brands: []),
        ]
        let rows: [(item: String, place: String, user: String)] = [
            ("whole-ann", #""client":"acme""#, "ann"), ("whole-bob", #""client":"acme""#, "bob"),
            ("north-ann", #""client":"acme","brand":"north""#, "ann"),
            ("north-carl", #""client":"acme","brand":"north""#, "carl"),
            ("north-lea", #""client":"acme","brand":"north""#, "lea"),
            ("south-bob", #""client":"acme","brand":"south""#, "bob"),
            ("main-lea", #""client":"acme","brand":"north","location":"main""#, "lea"),
            ("yard-carl", #""client":"acme","brand":"north","location":"yard""#, "carl"),
            ("zeta-zoe", #""client":"zeta""#, "zoe"),
        ]
        for row in rows {
            let body = #"{"key":"\#(row.item)","item":"\#(row.item)",\#(row.place),"user":"\#(row.user)"}"#
            let answer = try await bench.backend(.post, "/v1/ai/usage", json: body)
            #expect(answer.status == 200, "\(answer.text)")
        }
        let north: Set = ["north-ann", "north-carl", "north-lea", "main-lea", "yard-carl"]
        let seen: [String: Set<String>] = [
            "ann": north.union(["whole-ann"]), "bob": ["whole-bob", "south-bob"],
            "carl": north.union(["south-bob"]), "lea": ["main-lea", "north-lea"], "max": [],
            "zoe": ["zeta-zoe"],
        ]
        for (name, expected) in seen {
            let person = try #require(people[name])
            let names = Set(expected.map { "host/\($0)" })
            let list = try await person.api(.get, "/v1/ai/usage")
            #expect(Set(list["usage"]?.array?.compactMap { $0["model"]?.string } ?? []) == names, "\(name)")
            let sums = try await person.api(.get, "/v1/ai/usage", [("by", "model,user,day")])
            #expect(Set(sums["sums"]?.array?.compactMap { $0["model"]?.string } ?? []) == names, "\(name)")
            let file = try await person.api(.get, "/v1/ai/usage", [("format", "csv")])
            #expect(file.text.split(separator: "\r\n").count == expected.count + 1, "\(name)")
        }
    }

    @Test("a key stands for one payment or record of a client, and says what differs in another one")
    func keys() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        for path in ["acme", "acme/brands/north", "zeta"] {
            #expect(
                try await bench.backend(.put, "/v1/ai/clients/\(path)", json: #"{"ai":true}"#).status < 300
            )
        }
        func top(_ members: String, grant: Bool = false) async throws -> Answer {
            try await bench.backend(
                .post,
                "/v1/ai/wallet/\(grant ? "grants" : "topups")",
                json: "{\(members)}"
            )
        }
        let first = try await top(#""client":"acme","amount":900,"key":"i-1""#)
        #expect(first.status == 200, "\(first.text)")
        #expect(try await top(#""client":"acme","amount":900,"key":"i-1""#).json == first.json)
        let differing = [
            (#""client":"acme","amount":901,"key":"i-1""#, "amount"),
            (#""client":"acme","brand":"north","amount":900,"key":"i-1""#, "wallet"),
            (#""client":"acme","amount":900,"key":"i-1","note":"x""#, "note"),
        ]
        for (members, what) in differing {
            let answer = try await top(members)
            #expect(answer.status == 409 && answer["code"]?.string == "key_reused", "\(answer.text)")
            #expect(answer["detail"]?.string?.contains("another \(what)") == true, "\(answer.text)")
        }
        #expect(try await top(#""client":"acme","amount":900,"key":"i-1""#, grant: true).status == 409)
        // There is one unit: a currency is no field.
        let currency = try await top(#""client":"acme","amount":900,"key":"i-1","currency":"USD""#)
        #expect(currency.status == 422 && currency["code"]?.string == "unknown_field")
        #expect(try await top(#""client":"zeta","amount":900,"key":"i-1""#).status == 200)
        let grant = #""client":"acme","amount":5,"key":"g","priority":3,"expires_in_days":31"#
        let given = try await top(grant, grant: true)
        harness.clock.advance(by: .seconds(7_200))
        #expect(try await top(grant, grant: true).json == given.json)
        let longer = grant.replacing("31", with: "32")
        #expect(try await top(longer, grant: true)["detail"]?.string?.contains("another time") == true)
        let backend = AssistantCaller(harness: harness, bearer: UserBench.serviceToken())
        let wallet = try await backend.api(.get, "/v1/ai/wallet", [("client", "acme")])
        #expect(wallet["balance"]?.integer == 905, "\(wallet.text)")

        let row = #""key":"d","item":"print","client":"acme""#
        for (members, status) in [
            (#""cost":4"#, 200), (#""cost":4"#, 200), (#""cost":5"#, 409), (#""charge":false"#, 409),
        ] {
            let answer = try await bench.backend(.post, "/v1/ai/usage", json: "{\(row),\(members)}")
            #expect(answer.status == status, "\(members): \(answer.text)")
        }
    }

    @Test("a token that was signed for one body moves money for that body only")
    func signedBodies() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        #expect(try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":true}"#).status < 300)
        for (path, body, other) in [
            (
                "/v1/ai/usage", #"{"key":"d","item":"print","client":"acme"}"#,
                #"{"key":"d","item":"x","client":"acme"}"#
            ),
            (
                "/v1/ai/wallet/topups", #"{"client":"acme","amount":5,"key":"i"}"#,
                #"{"client":"acme","amount":500,"key":"i"}"#
            ),
        ] {
            let digest = FakeCryptography().digest(Array(body.utf8))
            let token = UserBench.token([
                "sub": .string("backend"), "use": .string("service"),
                "body_sha256": .string(TextCoding.base64URL(digest)),
            ])
            let backend = AssistantCaller(harness: harness, bearer: token)
            let refused = try await backend.api(.post, path, json: other)
            #expect(
                refused.status == 401 && refused["code"]?.string == "invalid_host_token",
                "\(refused.text)"
            )
            // Nothing was used up by it.
            #expect(try await backend.api(.post, path, json: body).status == 200)
            #expect(try await backend.api(.post, path, json: body)["code"]?.string == "host_token_used")
        }
    }

    @Test("a cell that a spreadsheet would run is text")
    func cells() {
        #expect(CSVTable.field("=1+1") == "'=1+1")
        #expect(CSVTable.field("a,\"b\"") == "\"a,\"\"b\"\"\"")
        #expect(CSVTable.field("plain") == "plain")
    }
}
