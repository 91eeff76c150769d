public import Core

/// When a request is sent again, and after how long: the rules of the vendors' own clients.
///
/// A value: it looks at one outcome and says how long to wait. Nothing is sent again once a byte of a good answer was
/// given out, and never after a cancellation.
public struct RetryPolicy: Sendable {
    /// How often a request is sent again at most.
    public var maximumRetries: Int
    /// A server that asks to wait longer than this is not asked again.
    public var longestWait: Duration = .seconds(120)
    /// The wait before the first retry when the server says nothing; it doubles with each.
    public var firstWait: Duration = .milliseconds(500)
    /// What the doubled wait does not exceed.
    public var longestBackoff: Duration = .seconds(8)
    /// Where dates are compared with.
    public var clock: any WallClock = SystemWallClock()
    /// A random number from 0 to 1: how much of the quarter that may be taken off a wait is taken off.
    public var jitter: @Sendable () -> Double = { .random(in: 0...1) }
    /// Waits; throws when the task is cancelled.
    public var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Makes a policy.
    public init(maximumRetries: Int = 2) { self.maximumRetries = maximumRetries }

    /// The wait before the retry of this number (from 0) after an answer that is no success; nil for no retry.
    ///
    /// `x-should-retry` decides where it is given; otherwise 408, 409, 429 and 5xx are retried. The wait is
    /// `retry-after-ms`, else `Retry-After` in seconds or as a date, else it grows.
    public func wait(beforeRetry number: Int, status: Int, headers: HTTPClientHeaders) -> Duration? {
        guard number < maximumRetries else { return nil }
        switch headers["x-should-retry"]?.lowercased() {
        case "true": break
        case "false": return nil
        default: guard [408, 409, 429].contains(status) || status >= 500 else { return nil }
        }
        guard let asked = Self.askedWait(headers, now: clock.now()), asked > .zero else {
            return backoff(number)
        }
        return asked <= longestWait ? asked : nil
    }

    /// The wait before the retry of this number (from 0) after a request without an answer; nil for no retry.
    ///
    /// Lost and refused connections are retried. Where an answer did not come in time, somebody waited long enough.
    public func wait(beforeRetry number: Int, error: HTTPClientError) -> Duration? {
        guard number < maximumRetries else { return nil }
        switch error.code {
        case .cannotConnect, .connectTimedOut, .connectionLost: return backoff(number)
        default: return nil
        }
    }

    /// What a server asks for in `retry-after-ms` or `Retry-After`: a wait that may be negative or too long.
    public static func askedWait(_ headers: HTTPClientHeaders, now: Timestamp) -> Duration? {
        if let milliseconds = headers["retry-after-ms"].flatMap(number) {
            return .milliseconds(milliseconds)
        }
        guard let text = headers["Retry-After"] else { return nil }
        if let seconds = number(text) { return .milliseconds(seconds * 1_000) }
        return HTTPDate.parse(text, now: now).map { $0 - now }
    }

    /// A finite decimal number, cut to a range in which durations do not overflow.
    private static func number(_ text: String) -> Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return min(max(value, -1e12), 1e12)
    }

    private func backoff(_ number: Int) -> Duration {
        let doubled = firstWait * (1 << min(number, 20))
        return min(doubled, longestBackoff) * (1 - 0.25 * min(max(jitter(), 0), 1))
    }
}
