internal import Application
internal import Core
internal import Crypto
internal import Storage

/// The tokens of a data directory, for its owner, also beside a running server.
enum TokenAccess {
    /// Hands the tokens to a closure and closes the database afterwards.
    static func withTokens(
        of configuration: Configuration,
        _ body: (TokenService) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { data, stores in
            try await body(
                TokenService(
                    tokens: stores.tokens,
                    audit: stores.audit,
                    cryptography: makeCryptography(masterKey: data.masterKey),
                    clock: SystemWallClock()
                )
            )
        }
    }
}
