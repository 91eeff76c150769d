import Application
import Core
import Crypto
import Storage

/// The secrets of a data directory, for its owner, also beside a running server.
enum SecretAccess {
    /// Hands the secrets to a closure and closes the database afterwards.
    static func withSecrets(
        of configuration: Configuration,
        _ body: (SecretService) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { data, stores in
            try await body(
                SecretService(
                    store: stores.secrets,
                    sealer: makeSealer(masterKey: data.masterKey),
                    audit: stores.audit,
                    clock: SystemWallClock()
                )
            )
        }
    }
}

/// A change of registered secrets.
protocol SecretChangeCommand: ChangeCommand where Subject == SecretService {}

extension SecretChangeCommand {
    static func withService(
        of configuration: Configuration,
        _ body: (SecretService) async throws -> Void
    ) async throws {
        try await SecretAccess.withSecrets(of: configuration, body)
    }
}
