public import Core
internal import Synchronization

/// Lets each address through a number of times in a window, which begins with the first time.
///
/// An IPv6 client's whole /64 counts as one address.
public final class RateLimiter: Sendable {
    private struct Window {
        var began: Timestamp
        var count: Int
    }

    private static let maximumAddresses = 10_000

    /// How often an address comes through.
    public let limit: Int
    /// How long a window is.
    public let length: Duration
    private let windows = Mutex<[String: Window]>([:])

    /// Makes a limiter; nobody came yet.
    public init(limit: Int, per length: Duration) {
        self.limit = limit
        self.length = length
    }

    /// How an address stands after one more.
    public struct Standing: Sendable, Equatable {
        /// How many are left to it.
        public let remaining: Int
        /// When it has all of them again.
        public let resetsAfter: Duration
        /// This was one too many, and was not counted.
        public let isRefused: Bool
    }

    /// Counts one more from an address; returns how long it has to wait when it is one too many, else nil.
    public func admit(_ address: String, at now: Timestamp) -> Duration? {
        let standing = count(address, at: now)
        return standing.isRefused ? standing.resetsAfter : nil
    }

    /// Counts one more from an address, unless it is one too many.
    public func count(_ address: String, at now: Timestamp) -> Standing {
        let key = FailureLimiter.network(of: address)
        return windows.withLock { windows in
            if windows.count >= Self.maximumAddresses, windows[key] == nil { evict(&windows, now) }
            var window = windows[key] ?? Window(began: now, count: 0)
            if isOver(window, now) { window = Window(began: now, count: 0) }
            let isRefused = window.count >= limit
            if !isRefused {
                window.count += 1
                windows[key] = window
            }
            return Standing(
                remaining: limit - window.count,
                resetsAfter: max(window.began + length - now, .seconds(1)),
                isRefused: isRefused
            )
        }
    }

    /// Takes back one that was counted.
    public func forgive(_ address: String) {
        let key = FailureLimiter.network(of: address)
        windows.withLock { windows in
            if let count = windows[key]?.count, count > 0 { windows[key]?.count = count - 1 }
        }
    }

    /// The clock of the machine may have been set back.
    private func isOver(_ window: Window, _ now: Timestamp) -> Bool {
        now - window.began >= length || now < window.began
    }

    /// Forgets windows that are over, else the oldest.
    private func evict(_ windows: inout [String: Window], _ now: Timestamp) {
        windows = windows.filter { !isOver($0.value, now) }
        guard windows.count >= Self.maximumAddresses else { return }
        if let oldest = windows.min(by: { $0.value.began < $1.value.began }) { windows[oldest.key] = nil }
    }
}
