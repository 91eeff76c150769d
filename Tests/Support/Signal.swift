internal import CLinux
internal import Synchronization

/// A flag that a test waits for.
public final class Signal: Sendable {
    private let isSet = Atomic<Bool>(false)
    private let condition = Mutex<CheckedContinuation<Void, Never>?>(nil)

    /// Makes the flag.
    public init() {}

    /// Sets the flag.
    public func set() {
        let waiter = condition.withLock { waiter -> CheckedContinuation<Void, Never>? in
            isSet.store(true, ordering: .relaxed)
            return waiter.take()
        }
        waiter?.resume()
    }

    /// Returns when the flag is set; a test's time limit is the deadline.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = condition.withLock { waiter -> Bool in
                if isSet.load(ordering: .relaxed) { return true }
                waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Blocks the thread of a peer until the flag is set, 10 s at most.
    public func block() {
        for _ in 0..<10_000 where !isSet.load(ordering: .relaxed) { usleep(1_000) }
    }
}
