internal import API
internal import Application
internal import Core
internal import Domain
internal import Storage

/// Prepaid credits, put together.
struct CreditParts: Sendable {
    let services: CreditServices
    let meter: MeteredCalls
    let sweeper: HoldSweeper

    /// Puts them together, and ends the calls that an earlier server left open.
    init(
        _ configuration: Configuration,
        stores: Stores,
        deltas: any ChatDeltaStore,
        clock: SystemWallClock,
        logger: Logger
    ) async throws {
        let prices = configuration.prices
        let places = TenantPlaces(stores.tenants)
        services = CreditServices(
            service: CreditService(
                wallets: stores.wallets,
                meter: stores.meter,
                audit: stores.audit,
                prices: prices,
                clock: clock
            ),
            reader: WalletReader(wallets: stores.wallets, meter: stores.meter, places: places),
            places: places
        )
        meter = MeteredCalls(
            UsageMeter(store: stores.usage, clock: clock, logger: logger),
            store: stores.meter,
            prices: prices,
            clock: clock,
            logger: logger
        )
        sweeper = HoldSweeper(
            wallets: stores.wallets,
            meter: stores.meter,
            prices: prices,
            delivered: DeliveredOutput(chats: stores.chats, deltas: deltas),
            clock: clock,
            logger: logger
        )
        let count = try await sweeper.recover()
        if count > 0 { logger.notice("interrupted calls settled", .init("calls", count)) }
    }
}
