internal import Application
internal import Core
internal import Crypto
internal import Domain
internal import Storage

/// Operators and sign-ins, put together.
struct SignInParts: Sendable {
    let operators: OperatorService
    let service: SignInService
    let watch: SignInWatch

    /// Puts them together and brings the operators of the environment up to date.
    init(
        _ configuration: SignInConfiguration,
        stores: Stores,
        data: DataDirectory,
        installation: String,
        logger: Logger
    ) async throws {
        let clock = SystemWallClock()
        var stored = configuration.operators.map(\.passphraseHash)
        for person in try await stores.operators.operators() where person.source == .local {
            if let hash = try await stores.operators.credential(named: person.name)?.passphraseHash {
                stored.append(hash)
            }
        }
        let passphrases = makePasswordVerifier(cost: configuration.cost, stored: stored)
        operators = OperatorAccess.service(stores, data, passphrases)
        for name in try await operators.adopt(configuration.operators) {
            logger.warning(
                "LLM_CHATTER_PASSPHRASE names a local operator, who stays as they are",
                .init("operator", LogValue.untrusted(name.rawValue))
            )
        }
        let hub = SignInHub()
        var settings = SignInSettings()
        settings.browserLifetime = configuration.browserLifetime
        settings.clientLifetime = configuration.clientLifetime
        settings.limit = configuration.limit
        service = SignInService(
            operators: stores.operators,
            signIns: stores.signIns,
            passphrases: passphrases,
            tokens: makeSignInTokens(
                masterKey: data.masterKey,
                key: configuration.tokenKey,
                issuer: "deckhand/\(installation)"
            ),
            audit: stores.audit,
            cryptography: makeCryptography(masterKey: data.masterKey),
            clock: clock,
            hub: hub,
            settings: settings
        )
        watch = SignInWatch(hub: hub, store: stores.signIns, clock: clock, logger: logger)
    }
}
