internal import Core
internal import Synchronization

/// Whether the server can do its work now: its store takes writes, and it is not about to end.
final class Readiness: Sendable {
    private struct State {
        var isEnding = false
        var looked: ContinuousClock.Instant?
        var reason: String?
    }
    private let state = Mutex(State())
    private let probe: Probe

    private struct Probe: Sendable {
        let write: @Sendable () async throws -> Void
    }

    /// Makes the question; `probe` writes something small, and is asked at most once a second.
    init(probe: @escaping @Sendable () async throws -> Void) { self.probe = Probe(write: probe) }

    /// The server drains from now on.
    func end() { state.withLock { $0.isEnding = true } }

    /// Why it cannot; nil when it can.
    func reason() async -> String? {
        let now = ContinuousClock.now
        let (isDue, known) = state.withLock { state -> (Bool, String?) in
            if state.isEnding { return (false, "The server is going down.") }
            if let looked = state.looked, now - looked < .seconds(1) { return (false, state.reason) }
            state.looked = now
            return (true, state.reason)
        }
        guard isDue else { return known }
        var reason: String?
        do { try await probe.write() } catch { reason = "The database takes no writes." }
        return state.withLock { state in
            state.reason = reason
            return state.isEnding ? "The server is going down." : reason
        }
    }
}
