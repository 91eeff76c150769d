internal import CLinux

/// Where the time of day comes from; tests hand in one that they move by hand.
public protocol WallClock: Sendable {
    /// The present time.
    func now() -> Timestamp
}

/// The machine's clock (`clock_gettime(CLOCK_REALTIME)`).
public struct SystemWallClock: WallClock {
    /// Makes the clock; it has no state.
    public init() {}

    /// The present time.
    public func now() -> Timestamp {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
