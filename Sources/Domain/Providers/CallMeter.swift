/// One request to a provider, of which a row is kept.
public struct MeteredCallID: Hashable, Sendable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// How a request to a provider ended.
public enum CallOutcome: String, Sendable, CaseIterable {
    case succeeded, failed, cancelled
    /// The server was killed meanwhile.
    case interrupted
}

/// How a request to a provider ended, and what is known of what it consumed.
public struct CallReport: Sendable, Equatable {
    /// How it ended.
    public var outcome: CallOutcome
    /// What the provider said; nil when it did not.
    public var usage: TokenUsage?
    /// How much of an answer was handed over: text, thoughts and calls, in bytes.
    public var deliveredBytes: Int

    /// Makes a report.
    public init(_ outcome: CallOutcome, usage: TokenUsage?, deliveredBytes: Int = 0) {
        self.outcome = outcome
        self.usage = usage
        self.deliveredBytes = deliveredBytes
    }
}

/// The one metering point: providers report each request that they send, retries included.
public protocol CallMeter: Sendable {
    /// The most tokens that a call of a model may produce where neither its caller nor the configuration says; nil for no
    /// limit.
    ///
    /// Providers send it, so that what is reserved is what the vendor was told.
    func outputLimit(of model: ModelReference, for context: CallContext) -> Int?
    /// Stores that a request is about to be sent, and reserves what it may cost; nothing is sent when this throws.
    ///
    /// `Failure` of kind insufficientCredits when whoever pays cannot.
    func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    /// Stores how it ended, and settles what it cost; a second end changes nothing.
    func end(_ call: MeteredCallID, _ report: CallReport) async
}

extension CallMeter {
    /// No limit.
    public func outputLimit(of model: ModelReference, for context: CallContext) -> Int? { nil }

    /// Begins a request of which nothing is known.
    public func begin(_ model: ModelReference, for context: CallContext) async throws -> MeteredCallID {
        try await begin(model, for: context, size: CallSize())
    }

    /// Ends a request of which nothing was handed over that the provider did not count.
    public func end(_ call: MeteredCallID, usage: TokenUsage?, outcome: CallOutcome) async {
        await end(call, CallReport(outcome, usage: usage))
    }
}
