import CLinux
import Domain
import Testing

@testable import deckhand

@Suite struct PriceConfigurationTests {
    private let folder = TemporaryFolder()

    private func resolve(_ section: String?) throws(ConfigurationError) -> PriceList? {
        folder.write(section.map { "{ prices: \($0) }" } ?? "{}", to: "deckhand.json5")
        let surroundings = Surroundings(
            environment: ["DECKHAND_DATA": folder.path],
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: false).resolve()
            .configuration.prices
    }

    @Test("without the section nothing costs anything, and an empty one has the defaults")
    func defaults() throws {
        #expect(try resolve(nil) == nil)
        #expect(try resolve("{}") == PriceList())
    }

    @Test("every member is taken over")
    func members() throws {
        let list = try #require(
            try resolve(
                """
                { unit: "EUR", decimals: 2, holdFor: "2h", assumedOutputTokens: 100,
                  models: { "a/*": { input: 1, output: 2 }, "b/m": { input: 3, cachedInput: 4, output: 5, reasoning: 6, call: 7 } },
                  items: { document: 8 } }
                """
            )
        )
        #expect(list.unit == CreditUnit(name: "EUR", decimals: 2) && list.holdFor == .seconds(7_200))
        #expect(list.assumedOutputTokens == 100 && list.items == ["document": Credits(minor: 8)])
        #expect(
            list.models == [
                "a/*": CallPrice(input: 1, output: 2),
                "b/m": CallPrice(input: 3, cachedInput: 4, output: 5, reasoning: 6, call: 7),
            ]
        )
    }

    @Test(
        "mistakes are named",
        arguments: [
            ("{ unit: 5 }", "prices.unit"), ("{ decimals: 9 }", "prices.decimals"),
            ("{ models: { m: { input: 1, output: 1 } } }", "prices.models.m"),
            ("{ models: { \"a/m\": { input: 1 } } }", "prices.models.a/m.input"),
            ("{ models: { \"a/m\": { input: 1.5, output: 1 } } }", "prices.models.a/m.input"),
            ("{ items: { x: -1 } }", "prices.items.x"), ("{ price: {} }", "prices.price"),
        ]
    )
    func mistakes(_ section: String, _ key: String) {
        do {
            _ = try resolve(section)
            Issue.record("\(section) was taken")
        } catch { #expect(error.mistakes.map(\.key).contains(key), "\(error.mistakes)") }
    }
}
