public import Core
internal import Synchronization

/// Counts requests by address, each in a window of its own that begins with its first request.
///
/// The memory is bounded: beyond it, addresses whose window is over are forgotten first, then the oldest window.
public final class RequestRate: Sendable {
    /// How an address stands after a request.
    public struct Standing: Sendable, Equatable {
        /// Requests that are let in within a window.
        public let limit: Int
        /// Those that are left.
        public let remaining: Int
        /// When the window is over.
        public let resetsAfter: Duration
        /// This request is one too many.
        public let isRefused: Bool
    }

    private struct Window {
        var count = 0
        let end: Timestamp
    }

    private static let maximumAddresses = 10_000

    /// How many requests are let in.
    public let limit: Int
    /// For how long they count.
    public let window: Duration
    private let windows = Mutex<[String: Window]>([:])

    /// Makes a counter.
    public init(limit: Int, per window: Duration) {
        self.limit = limit
        self.window = window
    }

    /// Counts a request; an IPv6 address stands for its /64.
    public func count(_ address: String, at now: Timestamp) -> Standing {
        let key = FailureLimiter.network(of: address)
        return windows.withLock { windows in
            if windows.count >= Self.maximumAddresses, windows[key] == nil { Self.evict(&windows, now) }
            var current = windows[key] ?? Window(end: now + window)
            // The clock of the machine may have been set back.
            if current.end <= now || current.end > now + window { current = Window(end: now + window) }
            let isRefused = current.count >= limit
            // What is refused does not count, so that the counter stays small however long somebody tries.
            if !isRefused { current.count += 1 }
            windows[key] = current
            return Standing(
                limit: limit,
                remaining: limit - current.count,
                resetsAfter: current.end - now,
                isRefused: isRefused
            )
        }
    }

    private static func evict(_ windows: inout [String: Window], _ now: Timestamp) {
        windows = windows.filter { now < $0.value.end }
        guard windows.count >= maximumAddresses else { return }
        if let oldest = windows.min(by: { $0.value.end < $1.value.end }) { windows[oldest.key] = nil }
    }
}
