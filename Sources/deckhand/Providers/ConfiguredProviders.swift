import Application
import Core
import Domain
import Providers

/// The providers of a resolved configuration.
struct ConfiguredProviders: ProviderDirectory {
    let providers: [any ModelProvider]
    /// Those that principals can connect accounts of, or bring keys for.
    let connectable: [ConnectableProvider]
    /// What works beside them, and must outlast the turns.
    let services: [(name: StaticString, service: any Service)]

    /// Makes them; nothing is connected yet, and nothing can be wrong any more.
    ///
    /// `mask` is what their models must not say, as of now.
    init(
        configuration: Configuration,
        services: ProviderServices,
        keys: any UserKeys,
        cryptography: any Cryptography,
        mask: @escaping @Sendable () -> MaskList?,
        logger: Logger
    ) {
        var providers: [any ModelProvider] = []
        var connectable: [ConnectableProvider] = []
        var upkeep: [(name: StaticString, service: any Service)] = []
        for settings in configuration.providers {
            let codex = makeCodexProvider(
                settings,
                services,
                profileName: { Self.profileName(of: $0, at: settings.id, cryptography) },
                logger: logger
            )
            if let codex {
                let models = MaskedProvider(codex.models, mask: mask)
                providers.append(models)
                upkeep.append(("codex", codex.service))
                connectable.append(
                    ConnectableProvider(
                        sources: settings.sources,
                        accounts: codex.accounts,
                        models: models
                    )
                )
            } else if let factory = settings.kind.factory {
                guard settings.sources.contains(.user) else {
                    providers.append(MaskedProvider(factory(settings, services), mask: mask))
                    continue
                }
                let own = UserKeyProvider(settings, keys: keys) { factory($0, services) }
                let provider = MaskedProvider(own, mask: mask)
                providers.append(provider)
                connectable.append(
                    ConnectableProvider(sources: settings.sources, accounts: nil, models: provider)
                )
            }
        }
        self.providers = providers
        self.connectable = connectable
        self.services = upkeep
    }

    /// A name that says nothing about its owner without this installation's key.
    private static func profileName(
        of owner: PrincipalID,
        at provider: ProviderID,
        _ cryptography: any Cryptography
    ) -> String {
        let message = Array("\(provider)\0\(owner)".utf8)
        return TextCoding.hex(cryptography.authenticationCode(for: message, purpose: .profile).prefix(16))
    }
}
