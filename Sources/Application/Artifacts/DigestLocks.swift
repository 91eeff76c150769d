internal import Domain
internal import Synchronization

/// One at a time for each digest: whoever keeps bytes and whoever removes them must not meet.
///
/// What is done under a lock is work on the disk only, so that nobody waits for long.
final class DigestLocks: Sendable {
    private struct State {
        /// Who waits for a digest that somebody has.
        var waiting: [ArtifactDigest: [CheckedContinuation<Void, Never>]] = [:]
    }
    private let state = Mutex(State())

    /// Runs a body while nobody else runs one for the same digest.
    func holding<Value>(_ digest: ArtifactDigest, _ body: () async throws -> Value) async throws -> Value {
        await take(digest)
        defer { give(digest) }
        return try await body()
    }

    private func take(_ digest: ArtifactDigest) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.waiting[digest] != nil else {
                    state.waiting[digest] = []
                    return true
                }
                state.waiting[digest]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func give(_ digest: ArtifactDigest) {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiting = state.waiting[digest], let first = waiting.first else {
                state.waiting[digest] = nil
                return nil
            }
            state.waiting[digest] = Array(waiting.dropFirst())
            return first
        }
        next?.resume()
    }
}
