import Core
import Testing

/// Wallets from the command line, beside a working server.
@Suite struct CreditTests {
    @Test func walletsAreFilledShownAndVerified() async throws {
        try await HostApplication.with(script: "{ answers: [] }") { server, shop in
            for path in ["/v1/ai/clients/7", "/v1/ai/clients/7/brands/71"] {
                #expect(try await shop.call("PUT", path, [:]).status == 200)
            }
            let first = try await server.deckhand("wallet", "topup", "7", "12.5", "--key", "i-1")
            #expect(first.code == 0, "\(first.errors)")
            let again = try await server.deckhand("wallet", "topup", "7", "12.5", "--key", "i-1")
            #expect(again.code == 0, "\(again.errors)")
            #expect(try await server.deckhand("wallet", "topup", "7", "13", "--key", "i-1").code == 1)
            #expect(try await server.deckhand("wallet", "topup", "7", "1").code == 2)
            #expect(try await server.deckhand("wallet", "topup", "7", "-1", "--key", "k").code == 2)
            let grant = try await server.deckhand(
                "wallet",
                "grant",
                "7",
                "2",
                "--brand",
                "71",
                "--key",
                "g-1",
                "--days",
                "31"
            )
            #expect(grant.code == 0, "\(grant.errors)")
            let list = try await server.deckhand("wallet", "list", "--json")
            let wallets = try JSONValue(parsing: list.output)["wallets"]?.array ?? []
            #expect(wallets.compactMap { $0["balance"]?.integer } == [125_000, 20_000])
            #expect(wallets.map { $0["brand"]?.string } == [nil, "71"])
            let shown = try await server.deckhand("wallet", "show", "7")
            #expect(shown.code == 0 && shown.text.contains("12.5000 credits available"))
            #expect(try await server.deckhand("wallet", "show", "8").code == 1)
            try await server.kill()
            let verified = try await server.deckhand("wallet", "verify")
            #expect(verified.code == 0 && verified.errors.contains("add up"))
        }
    }
}
