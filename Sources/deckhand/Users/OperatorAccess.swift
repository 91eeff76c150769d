import Application
import Core
import Crypto
import Domain
import Storage

/// The operators of a data directory, for its owner, also beside a running server.
enum OperatorAccess {
    /// Hands the operators to a closure and closes the database afterwards.
    static func withOperators(
        of configuration: Configuration,
        _ body: (OperatorService) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { data, stores in
            try await body(
                service(stores, data, makePasswordVerifier(cost: configuration.signIn.cost, threads: 1))
            )
        }
    }

    /// The service on these stores.
    static func service(
        _ stores: Stores,
        _ data: DataDirectory,
        _ passphrases: any PasswordVerifier
    ) -> OperatorService {
        OperatorService(
            operators: stores.operators,
            passphrases: passphrases,
            audit: stores.audit,
            cryptography: makeCryptography(masterKey: data.masterKey),
            clock: SystemWallClock()
        )
    }
}

/// A change of operators.
protocol OperatorChangeCommand: ChangeCommand where Subject == OperatorService {}

extension OperatorChangeCommand {
    static func withService(
        of configuration: Configuration,
        _ body: (OperatorService) async throws -> Void
    ) async throws {
        try await OperatorAccess.withOperators(of: configuration, body)
    }
}
