import CLinux
import Core
import struct TestSupport.OpenSSLTool
import Testing

/// People of a business application who really use it: they come, somebody pays for them, they ask, and the bill is right.
@Suite("Users who pay")
struct PrepaidTests {
    /// One minor unit for a token of input, two for one of output.
    private static let prices =
        #"prices: { unit: "EUR", decimals: 4, models: { "demo/*": { input: 1000000, output: 2000000 } } },"#
    private static let answers =
        #"{ answers: [{ text: ["We ", "open at nine."], usage: { input: 100, output: 50 } }] }"#

    @Test("top-up, turn, settlement, usage and the empty wallet, with two clients side by side")
    func walk() async throws {
        try await HostApplication.with(script: Self.answers, settings: Self.prices) { server, shop in
            for client in ["acme", "zeta"] {
                #expect(try await shop.call("PUT", "/v1/ai/clients/\(client)", ["ai": true]).status == 200)
            }
            let ann = try await shop.user("ann", brands: ["north"])
            let zoe = try await shop.user("zoe", client: "zeta", brands: ["east"])
            let chat = try #require(try await ann.call("POST", "/v1/ai/chats", [:])["id"]?.integer)
            let turns = "/v1/ai/chats/\(chat)/turns"
            let early = try await ann.call("POST", turns, ["message": "When do you open?"])
            #expect(early.status == 402 && early["wallet"] == .null, "\(early.text)")

            let payment: JSONValue = ["client": "acme", "amount": 100_000, "key": "invoice-1"]
            for _ in 0..<2 {
                let paid = try await shop.call("POST", "/v1/ai/wallet/topups", payment)
                #expect(paid["balance"]?.integer == 100_000, "\(paid.text)")
            }
            let begun = try await ann.call("POST", turns, ["message": "When do you open?"])
            let turn = try #require(begun["id"]?.integer, "\(begun.text)")
            #expect(try await ann.end(of: turn) == "completed")
            // A title may be asked for after the turn; it fails, and is free.
            let wallet = try await eventually("nothing is reserved any more") {
                let wallet = try await ann.call("GET", "/v1/ai/wallet")
                return wallet["held"]?.integer == 0 ? wallet : nil
            }
            #expect(wallet["balance"]?.integer == 99_800, "\(wallet.text)")
            #expect(wallet["client"]?.string == "acme" && wallet["unit"]?["name"]?.string == "EUR")
            let rows = try await ann.call("GET", "/v1/ai/usage")["usage"]?.array ?? []
            let row = try #require(rows.first { $0["door"]?.string == "chat" })
            #expect(row["cost"]?.integer == 200 && row["turn"]?.integer == turn)
            #expect(row["tokens"]?["input"]?.integer == 100 && row["tokens"]?["output"]?.integer == 50)
            #expect(row["user"]?.string == "ann" && row["brand"]?.string == "north")
            #expect(row["own_account"]?.bool == false && row["estimated"]?.bool == false)

            #expect(try await zoe.call("GET", "/v1/ai/usage")["usage"]?.array == [])
            for path in ["/v1/ai/wallet", "/v1/ai/wallet?client=acme", "/v1/ai/usage?client=acme"] {
                #expect(try await zoe.call("GET", path).status == 404, "\(path)")
            }
            #expect(try await zoe.call("POST", "/v1/shares", ["chat": .integer(chat)]).status == 404)
            let asked = try await zoe.call("POST", "/v1/ai/chat", ["message": "And you?"])
            #expect(asked.status == 402 && asked["wallet"] == .null, "nobody pays for zeta: \(asked.text)")
            let sums = try await shop.call("GET", "/v1/ai/usage?by=client,user")["sums"]?.array ?? []
            #expect(sums.map { $0["client"]?.string } == ["acme"])
            #expect(sums.first?["cost"]?.integer == 200 && sums.first?["user"]?.string == "ann")
            let file = try await shop.call("GET", "/v1/ai/usage?by=client&format=csv")
            #expect(file.text.contains("acme,") && file.text.contains(",200"), "\(file.text)")

            let rest: JSONValue = [
                "key": "print-1", "item": "print", "client": "acme", "brand": "north", "cost": 99_800,
            ]
            #expect(try await shop.call("POST", "/v1/ai/usage", rest).status == 200)
            let empty = try await ann.call("POST", turns, ["message": "Again?"])
            #expect(empty.status == 402 && empty["code"]?.string == "insufficient_credits")
            #expect(empty["balance"]?.integer == 0 && empty["unit"]?["decimals"]?.integer == 4)
            #expect(empty["hint"]?.string?.isEmpty == false)
            let messages: JSONValue = [["role": "user", "content": "Hi"]]
            let standard = try await ann.call(
                "POST",
                "/v1/chat/completions",
                ["model": "demo/scripted", "messages": messages]
            )
            #expect(standard.status == 402 && standard["error"]?["balance"]?.integer == 0)
            // What was begun before is told again, whoever can pay for more.
            #expect(try await ann.call("GET", "/v1/ai/turns/\(turn)")["state"]?.string == "completed")
            try await server.restart()
            let proof = try await server.deckhand("wallet", "verify")
            #expect(proof.code == 0, "\(proof.text)")
        }
    }

    @Test(
        "a call that a balance begins and cannot hold fails in its turn, with the numbers in its last event"
    )
    func tooLittleForTheWorstCase() async throws {
        try await HostApplication.with(script: Self.answers, settings: Self.prices) { _, shop in
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
            let ann = try await shop.user("ann", brands: ["north"])
            let payment: JSONValue = ["client": "acme", "amount": 1_000, "key": "i"]
            #expect(try await shop.call("POST", "/v1/ai/wallet/topups", payment).status == 200)
            let asked = try await ann.call("POST", "/v1/ai/chat", ["message": "When do you open?"])
            #expect(asked.status == 402 && asked["balance"]?.integer == 1_000, "\(asked.text)")
            #expect(asked["needed"]?.integer ?? 0 > 1_000)
            #expect(try await ann.call("GET", "/v1/ai/wallet")["balance"]?.integer == 1_000)
        }
    }

    @Test("users connect own Codex accounts, their chosen model answers, and nobody is charged")
    func ownAccount() async throws {
        let openssl = try OpenSSLTool()
        let publicKey = try await openssl.makeKey("shop", "ED25519")
        let section = { (folder: WorkFolder) in
            try Self.prices + HostApplication.section(folder, publicKey)
        }
        try await CodexServer.with(settings: section) { world in
            let shop = HostApplication(server: world.server, openssl: openssl)
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
            let ann = try await shop.user("ann", brands: ["north"])
            let bob = try await shop.user("bob", brands: ["north"])
            let begun = try await ann.call("POST", "/v1/ai/account/login", [:])
            let login = try #require(begun["login"]?["id"]?.integer, "\(begun.text)")
            #expect(begun["code"]?.string == "CODE-1")
            try await eventually("a login that is connected") {
                try await ann.call("GET", "/v1/ai/account/login/\(login)")["state"]?.string == "connected"
            }
            #expect(try await bob.call("GET", "/v1/ai/account/login/\(login)").status == 404)
            #expect(try await ann.call("GET", "/v1/ai/models").text.contains("codex/gpt-5.5"))
            let choice = try await ann.call("PUT", "/v1/ai/account/model", ["model": "codex/gpt-5.5"])
            #expect(choice.status == 200, "\(choice.text)")
            let said = try await ann.call("POST", "/v1/ai/chat", ["message": "hello"])
            #expect(said["message"]?["content"]?.string == "You said: hello", "\(said.text)")
            #expect(said["model"]?.string == "codex/gpt-5.5")
            let messages: JSONValue = [["role": "user", "content": "hello"]]
            let standard = try await ann.call("POST", "/v1/chat/completions", ["messages": messages])
            #expect(standard["model"]?.string == "codex/gpt-5.5", "\(standard.text)")
            #expect(standard.text.contains("You said: hello"), "\(standard.text)")
            let other = try await bob.call("POST", "/v1/ai/chat", ["message": "hello"])
            #expect(other["code"]?.string == "account_not_connected", "\(other.text)")
            let rows = try await ann.call("GET", "/v1/ai/usage")["usage"]?.array ?? []
            let row = try #require(
                rows.first { $0["door"]?.string == "chat" && $0["user"]?.string == "ann" }
            )
            #expect(row["own_account"]?.bool == true && row["cost"]?.integer == 0)
            #expect(try await ann.call("GET", "/v1/ai/wallet").status == 404, "nobody needed one")
            #expect(world.profileNames.count == 1)
        }
    }

    @Test("check shows the application, what its roles give, and the prices")
    func check() async throws {
        try await HostApplication.with(script: Self.answers, settings: Self.prices) { server, _ in
            let run = try await server.deckhand("check", "--json", within: .seconds(120))
            #expect(run.code == 0, "\(run.errors)")
            let findings = run.json["findings"]?.array ?? []
            let text = { (name: String) in
                findings.first { $0["name"]?.string == name }?["text"]?.string ?? ""
            }
            #expect(text("host.shop").contains(HostApplication.issuer))
            #expect(text("host.shop").contains("1 (EdDSA)"))
            #expect(text("role.brand_admin").contains("ai.openai"))
            #expect(text("role.store").hasPrefix("nothing"))
            #expect(text("prices").contains("EUR") && text("prices").contains("demo/*"))
        }
    }
}
