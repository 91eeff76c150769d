public import Core
public import Domain
internal import Synchronization

/// The metering point of calls that somebody pays for: reserves before a call is sent and settles when it is over.
///
/// Calls without a place are those of operators: they are handed on to a ``UsageMeter`` and cost nothing. Calls with an
/// own account, and all calls while there are no prices, are recorded and cost nothing.
public final class MeteredCalls: CallMeter {
    private let unpaid: UsageMeter
    private let store: any MeterStore
    private let prices: PriceList?
    private let clock: any WallClock
    private let logger: Logger
    /// The models of calls under way that have a place.
    private let underWay = Mutex<[MeteredCallID: ModelReference]>([:])

    /// Makes the meter; without prices nothing costs anything.
    public init(
        _ unpaid: UsageMeter,
        store: any MeterStore,
        prices: PriceList?,
        clock: any WallClock,
        logger: Logger
    ) {
        self.unpaid = unpaid
        self.store = store
        self.prices = prices
        self.clock = clock
        self.logger = logger
    }

    /// Calls whose output somebody pays for have a limit, always: ``PriceList/assumedOutputTokens`` is what is reserved.
    public func outputLimit(of model: ModelReference, for context: CallContext) -> Int? {
        guard context.place != nil, !context.isOwnAccount, let prices, let price = prices.price(of: model),
            max(price.output, price.reasoning) > 0
        else { return nil }
        return prices.assumedOutputTokens
    }

    /// See ``CallMeter/begin(_:for:size:)``; `model_unpriced` (forbidden) for a model that has no price.
    public func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    {
        guard context.place != nil else { return try await unpaid.begin(model, for: context, size: size) }
        let now = clock.now()
        let draft = CallDraft(
            model,
            for: context,
            inputEstimate: size.inputTokens,
            hold: try reserve(model, context, size),
            expires: now + (prices?.holdFor ?? .zero)
        )
        let call: MeteredCallID
        do { call = try await store.begin(draft, at: now) } catch {
            throw CreditFailure.translated(error, prices ?? PriceList())
        }
        underWay.withLock { $0[call] = model }
        return call
    }

    /// See ``CallMeter/end(_:_:)``.
    ///
    /// A call that cannot be ended now is ended as interrupted by the next server; its hold ends by itself until then.
    public func end(_ call: MeteredCallID, _ report: CallReport) async {
        guard let model = underWay.withLock({ $0.removeValue(forKey: call) }) else {
            return await unpaid.end(call, report)
        }
        await UsageMeter.finishing { [store, prices, clock, logger] in
            do {
                _ = try await store.end(call, report, price: prices?.price(of: model), at: clock.now())
            } catch {
                logger.error(
                    "call left open",
                    .init("call", call.rawValue),
                    .init("error", LogValue.untrusted(String(describing: error)))
                )
            }
        }
    }

    private func reserve(_ model: ModelReference, _ context: CallContext, _ size: CallSize) throws -> Credits
    {
        guard let prices, !context.isOwnAccount else { return .zero }
        guard let price = prices.price(of: model) else { throw CreditFailure.unpriced(model) }
        return price.mostFor(
            input: size.inputTokens,
            // Pictures alone come without a limit: no vendor takes one.
            output: size.maximumOutputTokens ?? prices.assumedOutputTokens
        )
    }
}
