import Core
import Domain
import Providers

/// Which host applications are let in, what their roles give, and what things cost.
enum HostProbes {
    static func all(_ configuration: Configuration) -> [Finding] {
        guard !configuration.hosts.isEmpty else {
            return configuration.prices.map { [prices($0, configuration)] } ?? []
        }
        return configuration.hosts.map(host) + roles(configuration.roles)
            + [configuration.prices.map { prices($0, configuration) } ?? free]
    }

    private static func host(_ host: HostSettings) -> Finding {
        let keys = host.keys.map { "\($0.id) (\($0.algorithm.rawValue))" }.joined(separator: ", ")
        let text = """
            \(host.issuer) for \(host.audience), keys \(keys); tokens \(ConfigurationValue.show(host.tokenLifetime)), \
            sessions \(ConfigurationValue.show(host.sessionLifetime)), new clients \
            \(host.newClientsHaveAI ? "with" : "without") AI
            """
        return Finding("host.\(TextTable.printable(host.name))", .fine, TextTable.printable(text))
    }

    private static func roles(_ table: RoleTable) -> [Finding] {
        table.roles.sorted { $0.key < $1.key }.map { name, rights in
            let words = rights.permissions.sorted().map(\.rawValue) + rights.grants.sorted()
            return Finding(
                "role.\(TextTable.printable(name))",
                .fine,
                words.isEmpty ? "nothing beyond what is granted by name" : words.joined(separator: ", ")
            )
        }
    }

    private static let free = Finding("prices", .fine, "none: usage is recorded, and costs nothing")

    /// A model that answers by default and has no price answers nobody who pays.
    private static func prices(_ prices: PriceList, _ configuration: Configuration) -> Finding {
        let models = prices.models.keys.sorted().joined(separator: ", ")
        let items = prices.items.keys.sorted().joined(separator: ", ")
        let text = TextTable.printable(
            "in \(prices.unit.name) with \(prices.unit.decimals) decimals; models \(models.isEmpty ? "none" : models); "
                + "items \(items.isEmpty ? "none" : items)"
        )
        let unpriced = standards(configuration).filter { prices.price(of: $0) == nil }
        guard let first = unpriced.first else { return Finding("prices", .fine, text) }
        return Finding(
            "prices",
            .weak,
            text + "; \(first) has none, so that no user can be answered by it",
            hint: "Give it a price under prices.models; 0 is one."
        )
    }

    /// The models that answer without being named, but for those that everybody uses with an account of their own.
    private static func standards(_ configuration: Configuration) -> [ModelReference] {
        if let model = configuration.assistant.defaultModel { return [model] }
        let first = configuration.providers.first { $0.defaultModel != nil && $0.codex == nil }
        return first.flatMap { provider in
            provider.defaultModel.map { [ModelReference(provider: provider.id, model: $0)] }
        } ?? []
    }
}
