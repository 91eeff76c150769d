public import Core
public import Domain

/// Passphrases whose hash is quick to make and hides nothing.
public struct FakePassphrases: PasswordVerifier {
    /// Makes one.
    public init() {}

    /// As the port says.
    public func hash(_ passphrase: Secret<String>) async throws -> Secret<String> {
        Secret("hash of " + passphrase.reveal())
    }

    /// As the port says.
    public func verify(_ passphrase: Secret<String>, against hash: Secret<String>?) async throws -> Bool {
        hash.map { $0.reveal() == "hash of " + passphrase.reveal() } ?? false
    }
}

/// Tokens of clients in plain text.
public struct FakeSignInTokens: SignInTokens {
    /// Makes one.
    public init() {}

    /// As the port says.
    public func sign(_ claims: SignInClaims) -> Secret<String> {
        Secret(
            "fake.\(claims.signIn).\(claims.operator).\(claims.issued.seconds).\(claims.expires.seconds)"
        )
    }

    /// As the port says.
    public func verify(_ text: String, at now: Timestamp) -> SignInClaims? {
        let words = text.split(separator: ".")
        let numbers = words.dropFirst().compactMap { Int64($0) }
        guard words.first == "fake", numbers.count == 4, words.count == 5 else { return nil }
        let claims = SignInClaims(
            signIn: SignInID(numbers[0]),
            operator: OperatorID(numbers[1]),
            issued: Timestamp(seconds: numbers[2]),
            expires: Timestamp(seconds: numbers[3])
        )
        return now < claims.expires ? claims : nil
    }
}
