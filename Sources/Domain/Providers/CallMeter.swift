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

/// The one metering point: providers report each request that they send, retries included.
public protocol CallMeter: Sendable {
    /// Stores that a request is about to be sent; nothing is sent when this throws.
    func begin(_ model: ModelReference, for context: CallContext) async throws -> MeteredCallID
    /// Stores how it ended; `usage` is nil when the provider did not say.
    func end(_ call: MeteredCallID, usage: TokenUsage?, outcome: CallOutcome) async
}
