import Core
import HTTPClient
import struct TestSupport.OpenSSLTool
import Testing

@Suite("What a vendor was asked is what wallets paid")
struct MeteringTests {
    /// One minor unit for a token of input, two for one of output: 40 for each answer.
    private static let prices =
        #"prices: { unit: "EUR", decimals: 4, models: { "v/*": { input: 1000000, output: 2000000 } } },"#
    private static let long = String(repeating: " word", count: 1_200)

    private static func with(
        _ body: (TestServer, HostApplication, MeteredVendor) async throws -> Void
    ) async throws {
        let openssl = try OpenSSLTool()
        let publicKey = try await openssl.makeKey("shop", "ED25519")
        let vendor = MeteredVendor()
        try await TestServer.with(starts: false) { server in
            let file = """
                { \(prices) assistant: { contextBytes: 10000 }, providers: { v: \(vendor.settings) },
                  \(try HostApplication.section(server.folder, publicKey)) }
                """
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            try await body(server, HostApplication(server: server, openssl: openssl), vendor)
        }
    }

    private static func payer(_ shop: HostApplication) async throws -> Person {
        #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
        let ann = try await shop.user("ann", brands: ["north"])
        let payment: JSONValue = ["client": "acme", "amount": 1_000_000, "key": "i"]
        #expect(try await shop.call("POST", "/v1/ai/wallet/topups", payment).status == 200)
        return ann
    }

    private static func say(_ text: String, in chat: Int64, _ person: Person) async throws {
        let begun = try await person.call("POST", "/v1/ai/chats/\(chat)/turns", ["message": .string(text)])
        let turn = try #require(begun["id"]?.integer, "\(begun.text)")
        #expect(try await person.end(of: turn) == "completed")
    }

    /// Waits until as many rows have ended as the vendor was asked for, of each of these kinds so many.
    private static func settled(
        _ person: Person,
        _ vendor: MeteredVendor,
        _ kinds: [MeteredVendor.Kind: Int]
    ) async throws -> [JSONValue] {
        try await eventually("all calls are over") {
            let requests = vendor.requests
            guard kinds.allSatisfy({ kind, count in requests.count { $0.kind == kind } == count }) else {
                return nil
            }
            let rows = try await person.call("GET", "/v1/ai/usage?limit=1000")["usage"]?.array ?? []
            return rows.count == requests.count && rows.allSatisfy { $0["outcome"]?.string != nil }
                ? rows : nil
        }
    }

    /// What a server that is stopped has on its books, beside what its vendor was asked.
    private static func check(_ server: TestServer, _ vendor: MeteredVendor) async throws {
        let statements = [
            "select count(*) from usage",
            // Calls that have not ended, holds that are open.
            "select count(*) from usage where outcome is null",
            "select count(*) from holds where state = 'open'",
            // Rows that somebody pays for and that have not exactly one beginning and one end in the ledger.
            """
            select count(*) from usage u where client_id is not null
                and ((select count(*) from transfers t join holds h on h.id = t.hold_id
                        where h.key = 'call:' || u.id and t.kind = 'hold') <> 1
                    or (select count(*) from transfers t join holds h on h.id = t.hold_id
                        where h.key = 'call:' || u.id and t.kind in ('settle', 'release')) <> 1)
            """,
            // What rows cost and transfers took, and what days say.
            "select (select sum(cost) from usage) + (select sum(amount) from transfers where kind <> 'topup')",
            "select (select sum(cost) from usage) - (select sum(cost) from usage_days)",
            "select count(*) - (select sum(calls) from usage_days) from usage where client_id is not null",
        ]
        var found: [String] = []
        for statement in statements { found.append(try await server.sqlite(statement).trimmed) }
        #expect(found == ["\(vendor.requests.count)", "0", "0", "0", "0", "0", "0"])
        let proof = try await server.deckhand("wallet", "verify")
        #expect(proof.code == 0, "\(proof.text)")
    }

    @Test(
        "answers, titles, summaries, pictures and the standard routes: one row and one payment for each request"
    )
    func everything() async throws {
        try await Self.with { server, shop, vendor in
            let ann = try await Self.payer(shop)
            let chat = try #require(try await ann.call("POST", "/v1/ai/chats", [:])["id"]?.integer)
            for text in ["One" + Self.long, "Two" + Self.long, "Three", "draw a cat"] {
                try await Self.say(text, in: chat, ann)
            }
            // Whoever keeps the conversation needs no title for it.
            let once = try await ann.call("POST", "/v1/ai/chat", ["message": "Hi"])
            #expect(once.status == 200, "\(once.text)")
            let messages: JSONValue = [["role": "user", "content": "Hi"]]
            for streams in [false, true] {
                let body: JSONValue = ["model": "v/m", "messages": messages, "stream": .bool(streams)]
                #expect(try await ann.call("POST", "/v1/chat/completions", body).status == 200)
                let input: JSONValue = ["model": "v/m", "input": "Hi", "stream": .bool(streams)]
                #expect(try await ann.call("POST", "/v1/responses", input).status == 200)
            }
            let rows = try await Self.settled(ann, vendor, [.chat: 9, .title: 1, .summary: 1])
            let doors = rows.compactMap { $0["door"]?.string }
            for (door, count) in ["chat": 5, "openai": 4, "title": 1, "summary": 1] {
                #expect(doors.count { $0 == door } == count, "\(door): \(doors)")
            }
            #expect(rows.allSatisfy { $0["cost"]?.integer == 40 && $0["estimated"]?.bool == false })
            let wallet = try await ann.call("GET", "/v1/ai/wallet")
            #expect(wallet["balance"]?.integer == 1_000_000 - 11 * 40 && wallet["held"]?.integer == 0)
            // What goes out has a limit, always.
            for request in vendor.requests {
                let limit = request.body["max_output_tokens"]?.integer
                #expect(limit == (request.kind == .title ? 2_000 : 8_192), "\(request.kind)")
            }
            try await server.kill()
            try await Self.check(server, vendor)
        }
    }

    @Test(
        "a call that kill -9 cuts in the middle leaves its hold, and the next server counts it once",
        arguments: [MeteredVendor.Kind.chat, .title, .summary]
    )
    func cut(kind: MeteredVendor.Kind) async throws {
        try await Self.with { server, shop, vendor in
            let ann = try await Self.payer(shop)
            let chat = try #require(try await ann.call("POST", "/v1/ai/chats", [:])["id"]?.integer)
            if kind == .summary {
                for text in ["One" + Self.long, "Two" + Self.long] { try await Self.say(text, in: chat, ann) }
                _ = try await Self.settled(ann, vendor, [.chat: 2, .title: 1])
            }
            vendor.hold(next: kind)
            let begun = try await ann.call("POST", "/v1/ai/chats/\(chat)/turns", ["message": "Go on"])
            let turn = try #require(begun["id"]?.integer, "\(begun.text)")
            if kind == .chat {
                // What is handed over is stored before it is sent.
                try await ann.follow(chat, below: "/v1/ai") { $0.data.contains("Well, this is") }
            } else {
                try await eventually("the call is under way") { vendor.held == 1 }
            }
            try await server.kill()
            let open =
                "select door, state from usage u join holds on key = 'call:' || u.id where outcome is null"
            #expect(try await server.sqlite(open).trimmed == "\(kind.rawValue)|open")

            try await server.start()
            #expect(try await ann.end(of: turn) == "completed")
            let before = kind == .summary ? 2 : 0
            var counts: [MeteredVendor.Kind: Int] = [.chat: before + 1, .title: 1]
            counts[kind, default: 0] += kind == .summary ? 2 : 1
            let rows = try await Self.settled(ann, vendor, counts)
            let cut = rows.filter { $0["outcome"]?.string == "interrupted" }
            #expect(cut.count == 1 && cut.first?["door"]?.string == kind.rawValue)
            // 13 bytes were handed over, which are five tokens; of titles and summaries nobody saw anything.
            #expect(cut.first?["estimated"]?.bool == (kind == .chat))
            let cost = try #require(cut.first?["cost"]?.integer)
            if kind == .chat {
                let input = try #require(cut.first?["tokens"]?["input"]?.integer)
                #expect(input > 0 && cost == input + 2 * 5)
            } else {
                #expect(cost == 0)
            }
            let others = rows.filter { $0["outcome"]?.string == "succeeded" }
            #expect(others.count == rows.count - 1 && others.allSatisfy { $0["cost"]?.integer == 40 })
            let wallet = try await ann.call("GET", "/v1/ai/wallet")
            #expect(wallet["balance"]?.integer == 1_000_000 - Int64(others.count) * 40 - cost)
            #expect(wallet["held"]?.integer == 0)
            try await server.kill()
            try await Self.check(server, vendor)
        }
    }
}
