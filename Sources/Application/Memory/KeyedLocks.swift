internal import Domain
internal import Synchronization

/// One at a time for each key, in the order in which they come.
///
/// What is done under a lock takes no lock of the same kind, and is over soon, so that nobody waits for long.
final class KeyedLocks<Key: Hashable & Sendable>: Sendable {
    private struct State {
        /// Who waits for a key that somebody has.
        var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]
    }
    private let state = Mutex(State())

    /// Runs a body while nobody else runs one for the same key.
    func holding<Value>(_ key: Key, _ body: () async throws -> Value) async throws -> Value {
        await take(key)
        defer { give(key) }
        return try await body()
    }

    private func take(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.waiting[key] != nil else {
                    state.waiting[key] = []
                    return true
                }
                state.waiting[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func give(_ key: Key) {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiting = state.waiting[key], let first = waiting.first else {
                state.waiting[key] = nil
                return nil
            }
            state.waiting[key] = Array(waiting.dropFirst())
            return first
        }
        next?.resume()
    }
}

/// Whoever keeps bytes and whoever removes them must not meet; under a lock there is work on the disk only.
typealias DigestLocks = KeyedLocks<ArtifactDigest>
