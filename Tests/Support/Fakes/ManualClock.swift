public import Core
internal import Synchronization

/// A time of day that a test moves by hand.
public final class ManualClock: WallClock {
    private let time: Mutex<Timestamp>

    /// Makes a clock that stands at 2026-03-01T09:30:00Z unless told otherwise.
    public init(at start: Timestamp = Timestamp(seconds: 1_772_357_400)) { time = Mutex(start) }

    /// As the port says.
    public func now() -> Timestamp { time.withLock { $0 } }

    /// Moves the time on.
    public func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
