public import Core
public import Domain

/// Keeps a row for each request to a provider: stored before it is sent, completed when it is over.
public struct UsageMeter: CallMeter {
    private let store: any UsageStore
    private let clock: any WallClock
    private let logger: Logger

    /// Makes the meter.
    public init(store: any UsageStore, clock: any WallClock, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// See ``CallMeter/begin(_:for:size:)``.
    public func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    {
        try await store.begin(model, for: context, at: clock.now())
    }

    /// See ``CallMeter/end(_:_:)``.
    ///
    /// A row that cannot be completed now is completed as interrupted by the next server.
    public func end(_ call: MeteredCallID, _ report: CallReport) async {
        await Self.finishing { [store, clock, logger] in
            do {
                try await store.end(call, usage: report.usage, outcome: report.outcome, at: clock.now())
            } catch {
                logger.error(
                    "usage row left open",
                    .init("call", call.rawValue),
                    .init("error", LogValue.untrusted(String(describing: error)))
                )
            }
        }
    }

    /// Runs what must be done although the caller was cancelled: a call that was cancelled has ended, too, and its row
    /// has to say so.
    static func finishing(_ body: @escaping @Sendable () async -> Void) async {
        // In a task of its own, which is awaited.
        await Task { await body() }.value
    }
}
