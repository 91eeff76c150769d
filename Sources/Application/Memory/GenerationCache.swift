internal import Synchronization

/// Remembers values by text within a bound, and forgets what was not asked for lately.
///
/// Two generations: what is found in the old one moves to the young one, and when that is full it becomes the old.
final class GenerationCache<Value: Sendable>: Sendable {
    private struct State {
        var young: [String: Value] = [:]
        var old: [String: Value] = [:]
        var cost = 0
    }

    private let state = Mutex(State())
    /// What one generation may cost, in bytes as the callers count them.
    private let room: Int

    init(room: Int) { self.room = room }

    subscript(key: String) -> Value? {
        state.withLock { state in
            if let value = state.young[key] { return value }
            guard let value = state.old.removeValue(forKey: key) else { return nil }
            state.young[key] = value
            return value
        }
    }

    func store(_ value: Value, for key: String, cost: Int) {
        guard cost <= room else { return }
        state.withLock { state in
            if state.cost + cost > room {
                state.old = state.young
                state.young = [:]
                state.cost = 0
            }
            state.young[key] = value
            state.cost += cost
        }
    }
}
