public import Core

/// Passphrases and their slow hashes.
///
/// Each call costs as much processor time as guessing one passphrase should; few are done at a time, and beyond a bound of
/// waiting ones calls fail with `passphrase_checks_busy` (unavailable).
public protocol PasswordVerifier: Sendable {
    /// A fresh bcrypt hash (`$2b$`).
    func hash(_ passphrase: Secret<String>) async throws -> Secret<String>
    /// Says whether a passphrase belongs to a hash (`$2a$`, `$2b$` or `$2y$`).
    ///
    /// Without a hash the answer is false and takes the same time, so that it does not tell whether a name is known.
    func verify(_ passphrase: Secret<String>, against hash: Secret<String>?) async throws -> Bool
}

/// What a signed token of a client says.
public struct SignInClaims: Sendable, Equatable {
    /// Which sign-in.
    public let signIn: SignInID
    /// Whose.
    public let `operator`: OperatorID
    /// When it was signed.
    public let issued: Timestamp
    /// When it ends.
    public let expires: Timestamp

    /// Makes a value; times are kept to the second.
    public init(signIn: SignInID, operator: OperatorID, issued: Timestamp, expires: Timestamp) {
        self.signIn = signIn
        self.operator = `operator`
        self.issued = Timestamp(seconds: issued.seconds)
        self.expires = Timestamp(seconds: expires.seconds)
    }
}

/// Signs and checks the tokens that clients hold: JSON web tokens with HMAC-SHA-256 (RFC 7519, RFC 7515).
public protocol SignInTokens: Sendable {
    /// The text of a token.
    func sign(_ claims: SignInClaims) -> Secret<String>
    /// What a token says; nil unless it was signed here, for here, and holds at this time.
    func verify(_ text: String, at now: Timestamp) -> SignInClaims?
}
