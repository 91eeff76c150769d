public import Core

/// Bearer tokens; see ``AccessToken``.
public protocol TokenStore: Sendable {
    /// Stores a token by the SHA-256 of its text.
    func createToken(
        name: String,
        hash: [UInt8],
        permissions: Set<Permission>,
        expires: Timestamp?,
        at now: Timestamp
    ) async throws -> AccessToken
    /// The token with this hash, also when expired or revoked; nil when there is none.
    func token(hash: [UInt8]) async throws -> AccessToken?
    /// The token with this id, also when expired or revoked; nil when there is none.
    func token(_ id: Int64) async throws -> AccessToken?
    /// All tokens, oldest first.
    func tokens() async throws -> [AccessToken]
    /// Revokes a token; false when there is none with this id.
    func revokeToken(_ id: Int64, at now: Timestamp) async throws -> Bool
    /// Those of these tokens that are neither revoked nor expired.
    func liveTokens(among ids: Set<Int64>, at now: Timestamp) async throws -> Set<Int64>
    /// When the first of these that still holds expires; nil when none does.
    func nextEnd(of ids: Set<Int64>, after now: Timestamp) async throws -> Timestamp?
    /// A number that grows with each token that is revoked, by whatever process; cheap to ask for.
    func accessChanges() async throws -> Int64
    /// Remembers that a token was used.
    func touchToken(_ id: Int64, at now: Timestamp) async throws
}
