import Domain
import Providers

/// The providers of a resolved configuration.
struct ConfiguredProviders: ProviderDirectory {
    let providers: [any ModelProvider]

    /// Makes them; nothing is connected yet, and nothing can be wrong any more.
    init(configuration: Configuration, services: ProviderServices) {
        providers = configuration.providers.map { $0.kind.factory($0, services) }
    }
}
