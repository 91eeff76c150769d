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

    @Test("a cell that a spreadsheet would run is text")
    func cells() {
        #expect(CSVTable.field("=1+1") == "'=1+1")
        #expect(CSVTable.field("a,\"b\"") == "\"a,\"\"b\"\"\"")
        #expect(CSVTable.field("plain") == "plain")
    }
}
