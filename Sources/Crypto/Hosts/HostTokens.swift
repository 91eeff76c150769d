internal import COpenSSL
internal import Core
internal import Domain

/// Tokens of host applications (RFC 7519), in the compact form (RFC 7515 section 7.1) and no other.
///
/// The key is chosen by issuer and `kid`, and its algorithm by the configuration: a token that says another one is
/// refused before anything is computed (RFC 8725 section 3.1). What a key is made of depends on its algorithm alone, so
/// that a public key never serves as a secret.
struct HostTokens: HostTokenVerifier {
    /// Bytes of a token.
    private static let longest = 16 << 10
    private static let mostBrands = 500
    private static let mostLocations = 2_000
    private static let mostWords = 200
    /// Seconds since 1970 that a time can be made of.
    private static let times = 0...Double(Int64(1) << 40)

    private enum Check: Sendable {
        case secret(KeyedHash)
        case publicKey(PublicKey)
    }

    private struct Key: Sendable {
        let algorithm: HostKeyAlgorithm
        let check: Check
    }

    private struct Host: Sendable {
        let settings: HostSettings
        let keys: [String: Key]
    }

    private let hosts: [String: Host]

    /// Throws `Failure` `invalid_host_key` for a key that cannot be used.
    init(_ settings: [HostSettings]) throws(Failure) {
        var hosts: [String: Host] = [:]
        for host in settings {
            var keys: [String: Key] = [:]
            for key in host.keys { keys[key.id] = Key(algorithm: key.algorithm, check: try Self.check(key)) }
            hosts[host.issuer] = Host(settings: host, keys: keys)
        }
        self.hosts = hosts
    }

    /// Says what is wrong with a key, for whoever configures it.
    static func mistake(of key: HostKey) -> Failure? {
        do throws(Failure) {
            _ = try check(key)
            return nil
        } catch { return error }
    }

    private static func check(_ key: HostKey) throws(Failure) -> Check {
        let bytes = key.material.reveal()
        guard key.algorithm == .hs256 else {
            guard let key = PublicKey(pem: bytes, algorithm: key.algorithm) else {
                throw Failure(
                    .unprocessable,
                    code: "invalid_host_key",
                    message: "this is no public key for \(key.algorithm.rawValue)",
                    hint: key.algorithm == .rs256
                        ? "Give an RSA public key of \(PublicKey.leastRSABits) bits or more as PEM: openssl pkey -in private.pem -pubout."
                        : "Give an Ed25519 public key as PEM: openssl pkey -in private.pem -pubout."
                )
            }
            return .publicKey(key)
        }
        guard bytes.count >= 32 else {
            throw Failure(
                .unprocessable,
                code: "invalid_host_key",
                message: "it is shorter than 32 bytes",
                hint: "Make a long one: openssl rand -base64 48 (RFC 7518 section 3.2 asks for 256 bits)."
            )
        }
        guard !String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
            throw Failure(
                .unprocessable,
                code: "invalid_host_key",
                message: "a key in PEM is not a secret for HS256",
                hint: "Set the algorithm to RS256 or EdDSA, or give a long random text."
            )
        }
        return .secret(KeyedHash(key: bytes))
    }

    // MARK: Checking

    func verify(_ text: String, at now: Timestamp) throws(Failure) -> HostClaims {
        guard text.utf8.count <= Self.longest else { throw Self.invalid("It is too long.") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = TextCoding.bytes(base64URL: String(parts[2]))
        else { throw Self.invalid("It is not three parts of base64url.") }
        // Nothing of the claims is believed before the signature was checked; the issuer only says whose key to try.
        guard let host = claims["iss"]?.string.flatMap({ hosts[$0] }) else {
            throw Self.invalid("Its issuer is not configured.")
        }
        let key = try Self.key(for: header, of: host)
        let message = Array((parts[0] + "." + parts[1]).utf8)
        guard Self.isRight(signature, of: message, key) else { throw Self.invalid("Its signature is wrong.") }
        let end = try Self.checkTimes(claims, host.settings, at: now)
        guard Self.audiences(claims["aud"]).contains(host.settings.audience) else {
            throw Self.invalid("Its audience is another one.")
        }
        return try Self.claims(claims, of: host.settings, end: end)
    }

    private static func key(for header: [String: JSONValue], of host: Host) throws(Failure) -> Key {
        guard let id = header["kid"]?.string, let key = host.keys[id] else {
            throw invalid("Its kid names no key of this issuer.")
        }
        guard header["alg"]?.string == key.algorithm.rawValue else {
            throw invalid("Its algorithm is not the one of its key.")
        }
        // Extensions that must be understood (RFC 7515 section 4.1.11) are not.
        guard header["crit"] == nil, header["b64"] == nil, header["zip"] == nil else {
            throw invalid("It asks for extensions that are not known.")
        }
        if let type = header["typ"] {
            guard type.string?.uppercased() == "JWT" else { throw invalid("Its type is not JWT.") }
        }
        return key
    }

    private static func isRight(_ signature: [UInt8], of message: [UInt8], _ key: Key) -> Bool {
        switch key.check {
        case .secret(let hash):
            let code = hash.code(for: message)
            guard code.count == signature.count else { return false }
            return unsafe CRYPTO_memcmp(code, signature, code.count) == 0
        case .publicKey(let key): return key.verifies(signature, of: message)
        }
    }

    /// When the token is over, the leeway included.
    private static func checkTimes(
        _ claims: [String: JSONValue],
        _ host: HostSettings,
        at now: Timestamp
    ) throws(Failure) -> Timestamp {
        guard let expires = time(claims["exp"]), let issued = time(claims["iat"]) else {
            throw invalid("It lacks exp or iat, or one of them is no time.")
        }
        guard expires - issued <= host.tokenLifetime, issued < expires else {
            throw invalid(
                "It is valid for longer than \(Int(host.tokenLifetime.inSeconds)) seconds, or never."
            )
        }
        var begins = issued
        if let value = claims["nbf"] {
            guard let time = time(value) else { throw invalid("Its nbf is no time.") }
            begins = max(begins, time)
        }
        guard now + host.leeway >= begins else { throw invalid("It is not valid yet.") }
        let end = expires + host.leeway
        guard now < end else {
            throw Failure(
                .unauthenticated,
                code: "host_token_expired",
                message: "This token is over.",
                hint: "Sign a new one right before it is used, and compare the clocks of both servers."
            )
        }
        return end
    }

    /// A NumericDate (RFC 7519 section 2), which may have a fraction.
    private static func time(_ value: JSONValue?) -> Timestamp? {
        guard let number = value?.number, times.contains(number) else { return nil }
        return Timestamp(microseconds: Int64(number * 1_000_000))
    }

    // MARK: Claims

    private static func claims(
        _ members: [String: JSONValue],
        of host: HostSettings,
        end: Timestamp
    ) throws(Failure) -> HostClaims {
        guard let subject = key(members["sub"]), let tokenID = key(members["jti"]) else {
            throw invalid("It lacks sub or jti, or one of them is not a text of 1 to 128 bytes.")
        }
        var use = HostTokenUse.user
        if let value = members["use"] {
            guard let word = value.string.flatMap(HostTokenUse.init(rawValue:)) else {
                throw invalid("Its use is neither \"user\" nor \"service\".")
            }
            use = word
        }
        var claims = HostClaims(
            issuer: host.issuer,
            subject: subject,
            use: use,
            tokenID: tokenID.rawValue,
            end: end
        )
        if let value = members["client"] {
            guard let client = key(value) else {
                throw invalid("Its client is not a text of 1 to 128 bytes.")
            }
            claims.client = client
        }
        guard use == .service || claims.client != nil else { throw invalid("It names no client.") }
        claims.brands = try keys(members, "brands", mostBrands) ?? []
        claims.locations = try keys(members, "locations", mostLocations)
        claims.teams = Set((try keys(members, "teams", mostWords) ?? []).map(\.rawValue))
        claims.modules = Set((try keys(members, "modules", mostWords) ?? []).map(\.rawValue))
        if let value = members["role"] {
            guard let role = key(value) else { throw invalid("Its role is not a text of 1 to 128 bytes.") }
            claims.role = role.rawValue
        }
        if let value = members["body_sha256"] {
            guard let digest = value.string.flatMap({ TextCoding.bytes(base64URL: $0) }), digest.count == 32
            else {
                throw invalid("Its body_sha256 is not the base64url of 32 bytes.")
            }
            claims.bodyDigest = digest
        }
        // For people only; what is not acceptable is left out.
        claims.name = key(members["name"])?.rawValue
        return claims
    }

    private static func keys(_ members: [String: JSONValue], _ name: String, _ most: Int) throws(Failure)
        -> Set<TenantKey>?
    {
        guard let value = members[name], value != .null else { return nil }
        let texts = value.array?.map { key($0) }
        guard let texts, texts.count <= most, texts.allSatisfy({ $0 != nil }) else {
            throw invalid("Its \(name) are not a list of at most \(most) texts of 1 to 128 bytes.")
        }
        return Set(texts.compactMap(\.self))
    }

    private static func key(_ value: JSONValue?) -> TenantKey? {
        value?.string.flatMap { TenantKey(checking: $0) }
    }

    /// One text, or a list of them (RFC 7519 section 4.1.3).
    private static func audiences(_ value: JSONValue?) -> [String] {
        if let text = value?.string { return [text] }
        return value?.array?.compactMap(\.string) ?? []
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        guard let bytes = TextCoding.bytes(base64URL: String(part)), String(strictUTF8: bytes) != nil else {
            return nil
        }
        return (try? JSONValue(parsing: bytes))?.object
    }

    /// Says what is wrong only as far as whoever signs needs it; never what would have been right.
    private static func invalid(_ what: String) -> Failure {
        Failure(
            .unauthenticated,
            code: "invalid_host_token",
            message: "This token is not valid here. \(what)",
            hint: "See docs/ai-layer.md for what a token of a host application has to say."
        )
    }
}
