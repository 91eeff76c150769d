internal import Synchronization

/// A value that comes once, and those who wait for it.
final class Announcement<Value: Sendable>: Sendable {
    private enum State {
        case open([CheckedContinuation<Value, Never>])
        case announced(Value)
    }
    private let state = Mutex(State.open([]))

    /// Gives the value to all who wait, now and later; later values are ignored.
    func announce(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value, Never>] in
            guard case .open(let waiters) = state else { return [] }
            state = .announced(value)
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// Waits for the value; does not end before, not even when the task is cancelled.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                switch state {
                case .announced(let value): return value
                case .open(let waiters):
                    state = .open(waiters + [continuation])
                    return nil
                }
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
