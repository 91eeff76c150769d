public import Core
public import Domain
internal import Synchronization

/// Turns credentials into principals.
public final class AccessService: Sendable {
    private static let tokenPrefix = "dh_"

    private let hashDigest: [UInt8]
    private let tokens: any TokenStore
    private let signIns: SignInService
    private let cryptography: any Cryptography
    private let clock: any WallClock
    private let limiter = FailureLimiter()
    private let lastTouched = Mutex<[Int64: Timestamp]>([:])
    /// Signs and checks links.
    public let capabilities: CapabilitySigner

    /// Makes the service; `hash` is the installation's access hash.
    public init(
        hash: Secret<String>,
        tokens: any TokenStore,
        signIns: SignInService,
        cryptography: any Cryptography,
        clock: any WallClock
    ) {
        self.tokens = tokens
        self.signIns = signIns
        self.cryptography = cryptography
        self.clock = clock
        hashDigest = cryptography.digest(Array(hash.reveal().utf8))
        capabilities = CapabilitySigner(cryptography: cryptography, clock: clock)
    }

    /// Whoever knows the hash: tickets, and nothing else.
    public static let hashPrincipal = Principal(id: .hash, permissions: [.shellRead, .shellRun, .shellInput])

    /// The principal of a process of this machine that may open the local socket.
    public static func localPrincipal(uid: UInt32) -> Principal {
        Principal(id: PrincipalID("socket:\(uid)"), permissions: Permission.withoutSignIn)
    }

    /// Says whether a text is the hash, in constant time.
    public func isHash(_ text: String) -> Bool {
        cryptography.areEqual(cryptography.digest(Array(text.utf8)), hashDigest)
    }

    /// The principal of the seed's `hash` parameter; throws `Failure` `invalid_hash` or `too_many_failures`.
    public func principal(hash text: String, from address: String) throws(Failure) -> Principal {
        if isHash(text) { return Self.hashPrincipal }
        try limiter.recordFailure(from: address, at: clock.now())
        throw Failure(
            .unauthenticated,
            code: "invalid_hash",
            message: "Invalid or missing 'hash' parameter",
            hint:
                "Ask the operator of this server for the hash; it was printed when the server was first started."
        )
    }

    /// The principal of a bearer credential, which is the hash, a token, or the token of a client that signed in.
    public func principal(bearer text: String, from address: String) async throws -> Principal {
        if isHash(text) { return Self.hashPrincipal }
        let now = clock.now()
        if text.hasPrefix(Self.tokenPrefix), text.utf8.count <= 128,
            let token = try await tokens.token(hash: cryptography.digest(Array(text.utf8)))
        {
            guard token.revoked == nil else {
                throw Failure(.unauthenticated, code: "token_revoked", message: "This token was revoked.")
            }
            if let expires = token.expires, now >= expires {
                throw Failure(
                    .unauthenticated,
                    code: "token_expired",
                    message: "This token has expired.",
                    hint: "Ask the operator for a new one: deckhand token create."
                )
            }
            try await touch(token, now)
            return Principal(
                id: PrincipalID("token:\(token.id)"),
                permissions: token.permissions.intersection(Permission.withoutSignIn)
            )
        }
        if let known = try await signIns.signIn(token: text) {
            return Principal(known.person, signIn: known.signIn.id)
        }
        try limiter.recordFailure(from: address, at: now)
        throw Failure(
            .unauthenticated,
            code: "invalid_token",
            message: "This token or hash is not valid.",
            hint:
                "Send Authorization: Bearer with a token made by: deckhand token create --name … --allow shell.run"
        )
    }

    /// Says whether a bearer credential is the token of a client that signed in, live or not.
    public func isSignInToken(_ text: String) -> Bool { signIns.isToken(text) }

    /// The capability of a link; wrong ones count as failures of the address.
    public func capability(_ text: String, from address: String) throws(Failure) -> Capability {
        do { return try capabilities.verify(text) } catch {
            if error.code == "invalid_capability" {
                try limiter.recordFailure(from: address, at: clock.now())
            }
            throw error
        }
    }

    /// Remembers the use of a token, at most once a minute.
    private func touch(_ token: AccessToken, _ now: Timestamp) async throws {
        let isDue = lastTouched.withLock { times in
            if let last = times[token.id] ?? token.lastUsed, now - last < .seconds(60) { return false }
            times[token.id] = now
            return true
        }
        if isDue { try await tokens.touchToken(token.id, at: now) }
    }
}
