internal import COpenSSL
internal import Core
internal import Domain

/// JSON web tokens (RFC 7519) signed with HMAC-SHA-256 (RFC 7518 section 3.2), in the one form that is made here.
///
/// What is not byte for byte what ``sign(_:)`` would write is refused: no other algorithm, header, order, repetition or
/// spelling exists, so nothing has to be decided about them.
struct HS256Tokens: SignInTokens {
    /// Longer than any token made here.
    private static let longest = 1_024
    /// Clocks of one installation may differ by so much.
    private static let leeway = Duration.seconds(60)
    /// Seconds since 1970 that a time can be made of.
    private static let times = 0...Int64(1) << 40
    private static let audience = "deckhand"
    private static let header = TextCoding.base64URL(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    private let key: KeyedHash
    private let issuer: String

    init(key: KeyedHash, issuer: String) {
        self.key = key
        self.issuer = issuer
    }

    func sign(_ claims: SignInClaims) -> Secret<String> {
        let text = Self.header + "." + TextCoding.base64URL(payload(claims))
        return Secret(text + "." + TextCoding.base64URL(key.code(for: Array(text.utf8))))
    }

    func verify(_ text: String, at now: Timestamp) -> SignInClaims? {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.header,
            let signature = TextCoding.bytes(base64URL: String(parts[2])),
            signature.count == SHA256Digest.length
        else { return nil }
        let code = key.code(for: Array((parts[0] + "." + parts[1]).utf8))
        guard unsafe CRYPTO_memcmp(code, signature, code.count) == 0,
            let bytes = TextCoding.bytes(base64URL: String(parts[1])),
            let claims = Self.claims(bytes), payload(claims) == bytes
        else { return nil }
        guard now < claims.expires, claims.issued <= now + Self.leeway else { return nil }
        return claims
    }

    /// The claims in the order in which they are always written.
    private func payload(_ claims: SignInClaims) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("iss")
            writer.string(issuer)
            writer.key("sub")
            writer.string(claims.operator.principal.rawValue)
            writer.key("aud")
            writer.string(Self.audience)
            writer.key("exp")
            writer.integer(claims.expires.seconds)
            writer.key("nbf")
            writer.integer(claims.issued.seconds)
            writer.key("iat")
            writer.integer(claims.issued.seconds)
            writer.key("jti")
            writer.string(claims.signIn.description)
        }
        return writer.bytes
    }

    /// The values that vary; the comparison with ``payload(_:)`` checks all others.
    private static func claims(_ bytes: [UInt8]) -> SignInClaims? {
        let prefix = OperatorID(0).principal.rawValue.dropLast()
        guard let value = try? JSONValue(parsing: bytes), let subject = value["sub"]?.string,
            subject.hasPrefix(prefix), let person = Int64(subject.dropFirst(prefix.count)),
            let signIn = value["jti"]?.string.flatMap({ Int64($0) }), let issued = value["iat"]?.integer,
            let expires = value["exp"]?.integer, times.contains(issued), times.contains(expires)
        else { return nil }
        return SignInClaims(
            signIn: SignInID(signIn),
            operator: OperatorID(person),
            issued: Timestamp(seconds: issued),
            expires: Timestamp(seconds: expires)
        )
    }
}
