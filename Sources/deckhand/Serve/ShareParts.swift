internal import Application
internal import Core
internal import Domain
internal import Storage

/// Links to chats, put together.
struct ShareParts: Sendable {
    let service: ShareService
    let pruner: SharePruner

    init(_ configuration: Configuration, stores: Stores, cryptography: any Cryptography, logger: Logger) {
        let clock = SystemWallClock()
        service = ShareService(
            shares: stores.shares,
            chats: stores.chats,
            operators: stores.operators,
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock,
            settings: ShareSettings(lifetime: configuration.retention.shares)
        )
        pruner = SharePruner(shares: stores.shares, clock: clock, logger: logger)
    }
}
