public import Core

/// One request to a provider.
public struct UsageRow: Sendable, Equatable {
    /// The number of the row.
    public let id: MeteredCallID
    /// The model.
    public let model: ModelReference
    /// For whom.
    public let context: CallContext
    /// When it was sent.
    public let started: Timestamp
    /// When it ended; nil while it is under way.
    public let finished: Timestamp?
    /// What it consumed; nil when the provider did not say.
    public let usage: TokenUsage?
    /// How it ended; nil while it is under way.
    public let outcome: CallOutcome?
    /// What was charged; nothing for operators and own accounts.
    public let cost: Credits
    /// What it consumed is an estimate.
    public let isEstimated: Bool
    /// How often it was done, for what is no call of a model.
    public let quantity: Int

    /// Makes a value.
    public init(
        id: MeteredCallID,
        model: ModelReference,
        context: CallContext,
        started: Timestamp,
        finished: Timestamp?,
        usage: TokenUsage?,
        outcome: CallOutcome?,
        cost: Credits = .zero,
        isEstimated: Bool = false,
        quantity: Int = 1
    ) {
        self.id = id
        self.model = model
        self.context = context
        self.started = started
        self.finished = finished
        self.usage = usage
        self.outcome = outcome
        self.cost = cost
        self.isEstimated = isEstimated
        self.quantity = quantity
    }
}

/// What was asked of providers, a row for each request.
public protocol UsageStore: Sendable {
    /// Stores that a request is about to be sent.
    func begin(_ model: ModelReference, for context: CallContext, at now: Timestamp) async throws
        -> MeteredCallID
    /// Stores how it ended, once; a second end changes nothing.
    func end(_ call: MeteredCallID, usage: TokenUsage?, outcome: CallOutcome, at now: Timestamp) async throws
    /// Rows of operators that are under way become `interrupted`, because the server was just started; returns how many.
    ///
    /// Those for which somebody pays are ended by ``MeterStore``.
    func endInterrupted(at now: Timestamp) async throws -> Int
    /// The newest rows first, of one principal or of all (nil).
    func rows(of principal: PrincipalID?, before: MeteredCallID?, limit: Int) async throws -> Page<UsageRow>
}
