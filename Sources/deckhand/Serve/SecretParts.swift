internal import Application
internal import Core
internal import Crypto
internal import Domain
internal import Providers
internal import Storage

/// Registered secrets, put together: what is masked beside them are the keys of the configuration and of the data
/// directory.
struct SecretParts: Sendable {
    let vault: SecretVault
    let service: SecretService
    let sealer: any Sealer

    init(
        stores: Stores,
        data: DataDirectory,
        _ configuration: Configuration,
        logger: Logger
    ) async throws {
        sealer = makeSealer(masterKey: data.masterKey)
        var keys = configuration.providers.flatMap(Self.keys(of:))
        if let key = configuration.signIn.tokenKey { keys.append(key) }
        if let webhook = configuration.approvals.webhook { keys.append(webhook.secret) }
        vault = SecretVault(
            store: stores.secrets,
            sealer: sealer,
            keys: keys.map { Secret(Array($0.reveal().utf8)) },
            own: [data.hash.map { Secret(Array($0.reveal().utf8)) }, data.masterKey].compactMap(\.self),
            logger: logger
        )
        // Before any ticket goes on, so that none starts without what it names or shows.
        try await vault.refresh()
        service = SecretService(
            store: stores.secrets,
            sealer: sealer,
            audit: stores.audit,
            clock: SystemWallClock(),
            vault: vault
        )
    }

    /// The key of a provider, and what headers with such a name hold in its place: `Authorization: Bearer <key>`.
    private static func keys(of provider: ProviderSettings) -> [Secret<String>] {
        var keys = [provider.key].compactMap(\.self)
        for header in provider.headers {
            let name = header.name.lowercased()
            guard ["auth", "key", "token", "secret", "cookie"].contains(where: name.contains),
                let last = header.value.reveal().split(separator: " ").last
            else { continue }
            keys.append(Secret(String(last)))
        }
        return keys
    }
}
