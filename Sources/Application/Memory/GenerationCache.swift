internal import Synchronization

/// Remembers values by text within a bound, and forgets what was not asked for lately.
///
/// Two generations: what is found in the old one moves to the young one, and when that is full it becomes the old.
final class GenerationCache<Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let cost: Int
    }
    private struct State {
        var young: [String: Entry] = [:]
        var old: [String: Entry] = [:]
        var cost = 0
    }

    private let state = Mutex(State())
    /// What one generation may cost, in bytes as the callers count them.
    private let room: Int

    init(room: Int) { self.room = room }

    subscript(key: String) -> Value? {
        state.withLock { state in
            if let entry = state.young[key] { return entry.value }
            guard let entry = state.old[key] else { return nil }
            put(entry, key, &state)
            return entry.value
        }
    }

    /// Remembers a value in place of an earlier one; one that does not fit is forgotten at once.
    func store(_ value: Value, for key: String, cost: Int) {
        state.withLock { state in put(Entry(value: value, cost: cost), key, &state) }
    }

    /// Forgets a value.
    func remove(_ key: String) {
        state.withLock { state in
            state.old[key] = nil
            if let earlier = state.young.removeValue(forKey: key) { state.cost -= earlier.cost }
        }
    }

    private func put(_ entry: Entry, _ key: String, _ state: inout State) {
        state.old[key] = nil
        if let earlier = state.young.removeValue(forKey: key) { state.cost -= earlier.cost }
        guard entry.cost <= room else { return }
        if state.cost + entry.cost > room {
            state.old = state.young
            state.young = [:]
            state.cost = 0
        }
        state.young[key] = entry
        state.cost += entry.cost
    }
}
