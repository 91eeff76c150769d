public import Core

/// A request to a provider that is about to be sent.
public struct CallDraft: Sendable, Equatable {
    /// The model.
    public var model: ModelReference
    /// For whom; has a place.
    public var context: CallContext
    /// An estimate of its input.
    public var inputEstimate: Int
    /// What is to be reserved; nothing for calls that cost nothing.
    public var hold: Credits
    /// When the hold ends by itself.
    public var expires: Timestamp

    /// Makes a draft.
    public init(
        _ model: ModelReference,
        for context: CallContext,
        inputEstimate: Int,
        hold: Credits,
        expires: Timestamp
    ) {
        self.model = model
        self.context = context
        self.inputEstimate = inputEstimate
        self.hold = hold
        self.expires = expires
    }
}

/// Usage for which somebody pays: rows and money change together, in one transaction.
///
/// What a verb returned is stored durably. Beside what is named, errors are `Failure` or `CancellationError`; anything
/// else is internal. All verbs may be called concurrently.
public protocol MeterStore: Sendable {
    /// Stores that a request is about to be sent, and its hold. Throws ``Shortage`` and ``CapReached``.
    func begin(_ draft: CallDraft, at now: Timestamp) async throws -> MeteredCallID
    /// Stores how it ended and settles its hold by its ``CallBill``; nil when it had ended before, and nothing changes.
    ///
    /// The bill is of `price`, and of zero for an own account.
    func end(_ call: MeteredCallID, _ report: CallReport, price: CallPrice?, at now: Timestamp) async throws
        -> UsageRow?
    /// Requests that have not ended, oldest first; for the start of the server.
    func openCalls(limit: Int) async throws -> [UsageRow]
    /// Stores what a host application did itself, and charges it; the same key gives the earlier row (`key_reused`,
    /// conflict, for something else). Throws ``Shortage`` and ``CapReached``, and stores nothing then.
    func record(_ draft: ItemDraft, at now: Timestamp) async throws -> UsageRow
    /// Rows that have a place, newest first.
    func rows(_ query: UsageQuery, before: MeteredCallID?, limit: Int) async throws -> Page<UsageRow>
    /// Sums of rows that have ended, in the order of their dimensions; at most `limit`.
    func sums(_ query: UsageQuery, by dimensions: Set<UsageDimension>, limit: Int) async throws
        -> Page<UsageSum>
}
