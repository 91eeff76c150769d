internal import Core
internal import Domain
internal import Synchronization

/// The port on libcrypt, on threads of its own: a check takes a quarter of a second of processor time.
final class BcryptVerifier: PasswordVerifier {
    private struct State {
        /// Checks that wait or run, by thread.
        var loads: [Int]
        /// The highest cost that any hash has shown.
        var cost: Int
    }

    /// Checks that may wait for each thread.
    private static let queueLimit = 8
    private let threads: [DedicatedThread]
    private let cost: Int
    private let state: Mutex<State>
    private let compute: @Sendable (_ passphrase: String, _ setting: String) -> String?

    /// Makes it.
    ///
    /// `known` is the highest cost of the hashes that are stored already: what is checked against none of them takes as
    /// long from the first check on. `compute` is libcrypt, or counts its rounds.
    init(
        cost: Int,
        threads: Int,
        known: Int = 0,
        compute: @escaping @Sendable (String, String) -> String? = { BcryptHash.compute($0, setting: $1) }
    ) {
        self.cost = cost
        self.compute = compute
        self.threads = (0..<threads).map { DedicatedThread(name: "passphrase-\($0)") }
        state = Mutex(State(loads: Array(repeating: 0, count: threads), cost: max(cost, known)))
    }

    func hash(_ passphrase: Secret<String>) async throws -> Secret<String> {
        let salt = systemRandomBytes(16)
        return try await run { [cost] in
            guard let hash = BcryptHash.make(passphrase.reveal(), cost: cost, salt: salt) else {
                throw Failure(
                    .unprocessable,
                    code: "invalid_passphrase",
                    message: "This passphrase cannot be hashed.",
                    hint: "Use a passphrase without NUL characters."
                )
            }
            return Secret(hash)
        }
    }

    func verify(_ passphrase: Secret<String>, against hash: Secret<String>?) async throws -> Bool {
        let own = hash.flatMap { BcryptHash.cost(of: $0.reveal()) }
        let target = state.withLock { state in
            state.cost = max(state.cost, own ?? 0)
            return state.cost
        }
        return try await run { [compute] in
            let text = passphrase.reveal()
            var isRight = false
            var work = own
            if let hash, own != nil {
                isRight = BcryptHash.matches(hash.reveal(), compute(text, hash.reveal()))
            }
            // Each step doubles the rounds, so that every answer takes 2^target of them, whatever the hash cost.
            while (work ?? -1) < target {
                _ = compute(text, BcryptHash.emptySetting(cost: work ?? target))
                work = work.map { $0 + 1 } ?? target
            }
            return isRight
        }
    }

    /// Runs a check on the thread with the fewest others.
    private func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let thread = state.withLock { state -> Int? in
            guard let least = state.loads.indices.min(by: { state.loads[$0] < state.loads[$1] }),
                state.loads[least] <= Self.queueLimit
            else { return nil }
            state.loads[least] += 1
            return least
        }
        guard let thread else {
            throw Failure(
                .unavailable,
                code: "passphrase_checks_busy",
                message: "Too many passphrases are being checked at this moment.",
                hint: "Try again shortly.",
                retryAfter: .seconds(2)
            )
        }
        defer { state.withLock { $0.loads[thread] -= 1 } }
        return try await threads[thread].run(body)
    }
}
