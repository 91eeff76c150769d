public import Core
public import Domain
internal import Synchronization

/// Secrets in memory.
public final class MemorySecretStore: SecretStore {
    private struct State {
        var rows: [SecretName: SealedSecret] = [:]
        var changes: Int64 = 0
    }
    private let state = Mutex(State())

    /// Makes an empty store.
    public init() {}

    /// As the port says.
    public func set(_ name: SecretName, sealed: [UInt8], by principal: PrincipalID, at now: Timestamp)
        async throws -> NamedSecret
    {
        try state.withLock { state throws(Failure) in
            guard state.rows[name] != nil || state.rows.count < NamedSecret.maximum else {
                throw Failure(.conflict, code: "secrets_full", message: "There are too many.")
            }
            let created = state.rows[name]?.secret.created ?? now
            let secret = NamedSecret(name: name, created: created, changed: now, changedBy: principal)
            state.rows[name] = SealedSecret(secret: secret, sealed: sealed)
            state.changes += 1
            return secret
        }
    }

    /// As the port says.
    public func remove(_ name: SecretName) async throws -> Bool {
        state.withLock { state in
            guard state.rows.removeValue(forKey: name) != nil else { return false }
            state.changes += 1
            return true
        }
    }

    /// As the port says.
    public func secrets() async throws -> [SealedSecret] {
        state.withLock { $0.rows.values.sorted { $0.secret.name < $1.secret.name } }
    }

    /// As the port says.
    public func changes() async throws -> Int64 { state.withLock { $0.changes } }
}

/// Puts the label before the value, and nothing more.
public struct FakeSealer: Sealer {
    /// Makes one.
    public init() {}

    /// As the port says.
    public func seal(_ value: Secret<[UInt8]>, for label: String) -> [UInt8] {
        Array(label.utf8) + [0] + value.reveal().map { $0 ^ 0x55 }
    }

    /// As the port says.
    public func open(_ sealed: [UInt8], for label: String) -> Secret<[UInt8]>? {
        let prefix = Array(label.utf8) + [0]
        guard sealed.starts(with: prefix) else { return nil }
        return Secret(sealed.dropFirst(prefix.count).map { $0 ^ 0x55 })
    }
}
