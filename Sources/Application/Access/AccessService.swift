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
    /// The open streams of holders of tokens.
    public let hub: TokenHub
    /// Signs and checks links.
    public let capabilities: CapabilitySigner
    private let hashHolder: Capability.Holder

    /// Makes the service; `hash` is the installation's access hash.
    public init(
        hash: Secret<String>,
        tokens: any TokenStore,
        signIns: SignInService,
        cryptography: any Cryptography,
        clock: any WallClock,
        hub: TokenHub = TokenHub()
    ) {
        self.hub = hub
        self.tokens = tokens
        self.signIns = signIns
        self.cryptography = cryptography
        self.clock = clock
        hashDigest = cryptography.digest(Array(hash.reveal().utf8))
        capabilities = CapabilitySigner(cryptography: cryptography, clock: clock)
        hashHolder = capabilities.holder(hashDigest: hashDigest)
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
            return try await principal(of: token, now)
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

    /// Whom links are given to that a principal gets; nil for those whom the routes with links do not let in.
    public func holder(_ principal: Principal) -> Capability.Holder? {
        if let signIn = principal.signIn { return .signIn(signIn) }
        if principal.id == .hash { return hashHolder }
        let parts = principal.id.rawValue.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int64(parts[1]) else { return nil }
        switch parts[0] {
        case "socket": return UInt32(exactly: number).map { .socket($0) }
        case "token": return .token(number)
        default: return nil
        }
    }

    /// Whoever a link was given to, with what they may do now.
    ///
    /// Throws `Failure` `token_revoked`, `token_expired` or `sign_in_ended` when they are let in no more, and
    /// `capability_withdrawn` when the hash is another one by now.
    public func principal(_ holder: Capability.Holder) async throws -> Principal {
        switch holder {
        case .hash:
            guard holder == hashHolder else { throw Self.withdrawn }
            return Self.hashPrincipal
        case .socket(let uid): return Self.localPrincipal(uid: uid)
        case .token(let id):
            guard let token = try await tokens.token(id) else { throw Self.withdrawn }
            return try await principal(of: token, clock.now())
        case .signIn(let id):
            let known = try await signIns.signIn(id)
            return Principal(known.person, signIn: known.signIn.id)
        }
    }

    private func principal(of token: AccessToken, _ now: Timestamp) async throws -> Principal {
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

    /// What whoever is answered is told when their token holds no more.
    static let ended = Failure(
        .unauthenticated,
        code: "token_revoked",
        message: "This token was revoked meanwhile, or has expired."
    )

    private static let withdrawn = Failure(
        .unauthenticated,
        code: "capability_withdrawn",
        message: "Whoever this link was given to is not let in any more.",
        hint: "Fetch the ticket again with a hash or token that is valid now."
    )

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
