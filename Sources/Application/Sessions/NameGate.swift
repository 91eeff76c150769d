internal import Domain
internal import Synchronization

/// Keeps submissions to a session's name and the removal of what lies under it apart: a new session of the same name
/// would otherwise put its files where the old ones are being removed.
///
/// Nobody waits: whoever comes second is refused, which both sides can repeat.
final class NameGate: Sendable {
    private struct State {
        var using: [SessionName: Int] = [:]
        var removing: Set<SessionName> = []
    }

    private let state = Mutex(State())

    /// Uses a name; throws `Failure` `session_busy` (conflict) while its session is being removed.
    func use<Value: Sendable>(_ name: SessionName, _ body: () async throws -> Value) async throws -> Value {
        try state.withLock { state throws(Failure) in
            guard !state.removing.contains(name) else { throw Self.busy("The session is being removed.") }
            state.using[name, default: 0] += 1
        }
        defer {
            state.withLock { state in
                let left = (state.using[name] ?? 1) - 1
                state.using[name] = left > 0 ? left : nil
            }
        }
        return try await body()
    }

    /// Removes what has a name; throws `session_busy` while somebody uses or removes it.
    func remove<Value: Sendable>(_ name: SessionName, _ body: () async throws -> Value) async throws -> Value
    {
        try state.withLock { state throws(Failure) in
            guard state.using[name] == nil, state.removing.insert(name).inserted else {
                throw Self.busy("A command is just being submitted to the session.")
            }
        }
        defer { state.withLock { _ = $0.removing.remove(name) } }
        return try await body()
    }

    private static func busy(_ sentence: String) -> Failure {
        Failure(
            .conflict,
            code: "session_busy",
            message: sentence,
            hint: "Try again in a moment.",
            retryAfter: .seconds(1)
        )
    }
}
