public import Core
public import Domain

/// The session of a user that just began.
public struct GivenSession: Sendable {
    /// The session, its user and client.
    public let known: KnownUserSession
    /// Who calls with it.
    public let principal: Principal
    /// The session's token, which is stored nowhere.
    public let token: Secret<String>
}

/// Lets in users of host applications, and the applications' own backends, by what the application signed.
public final class HostSessionService: Sendable {
    /// What a session's token begins with.
    public static let tokenPrefix = "dhs_"
    private static let longestToken = 128

    private let hosts: [String: HostSettings]
    private let roles: RoleTable
    private let verifier: any HostTokenVerifier
    private let sessions: any UserSessionStore
    private let audit: any AuditStore
    private let cryptography: any Cryptography
    private let clock: any WallClock
    private let failures = FailureLimiter()
    /// The open streams of users.
    public let hub: UserSessionHub
    /// The calls of models that users make outside of chats.
    private let calls = StreamHub<UserCall>(ended: HostSessionService.closed)

    /// Puts the service together; `hosts` and `verifier` are made of the same configuration.
    public init(
        hosts: [HostSettings],
        roles: RoleTable,
        verifier: any HostTokenVerifier,
        sessions: any UserSessionStore,
        audit: any AuditStore,
        cryptography: any Cryptography,
        clock: any WallClock,
        hub: UserSessionHub = UserSessionHub()
    ) {
        self.hosts = Dictionary(hosts.map { ($0.issuer, $0) }) { first, _ in first }
        self.roles = roles
        self.verifier = verifier
        self.sessions = sessions
        self.audit = audit
        self.cryptography = cryptography
        self.clock = clock
        self.hub = hub
    }

    // MARK: Beginning

    /// Exchanges a token of a host application for a session; the token is used up by it.
    ///
    /// `invalid_host_token`, `host_token_expired`, `host_token_used` (unauthenticated), and what
    /// ``UserSessionStore/beginSession(_:at:)`` says.
    public func exchange(_ token: Secret<String>, from address: String) async throws -> GivenSession {
        do { return try await begin(token, from: address) } catch let failure as Failure {
            // One that was slowed down is not a row each time.
            if failure.kind != .rateLimited { try await recordFailure(failure, from: address) }
            throw failure
        }
    }

    private func begin(_ token: Secret<String>, from address: String) async throws -> GivenSession {
        let claims = try await claims(token, for: .user, from: address)
        guard claims.client != nil, let host = hosts[claims.issuer] else { throw Self.invalid }
        let now = clock.now()
        let text = Self.tokenPrefix + TextCoding.base64URL(cryptography.randomBytes(32))
        let begun = try await audit.keeping { (begun: BegunUserSession) in
            let (user, session) = (begun.known.user.id.principal, begun.known.session.id)
            let host = Principal(host: claims.issuer).id
            return begun.made.entries(by: host, at: now)
                + [Self.entry("user_session.begin", session, user, at: now)]
        } with: {
            try await sessions.beginSession(
                UserSessionDraft(
                    claims: claims,
                    secretDigest: cryptography.digest(Array(text.utf8)),
                    expires: now + host.sessionLifetime,
                    newClientsHaveAI: host.newClientsHaveAI
                ),
                at: now
            )
        }
        hub.end(begun.ended)
        return GivenSession(
            known: begun.known,
            principal: begun.known.principal(roles),
            token: Secret(text)
        )
    }

    /// The principal of a host application's backend, by a token that it signed for this one call.
    ///
    /// A token that names the digest of a body is good for a request with that body only: `invalid_host_token`.
    public func host(_ token: Secret<String>, body: [UInt8], from address: String) async throws -> Principal {
        Principal(host: try await claims(token, for: .service, with: body, from: address).issuer)
    }

    /// Claims of a token that was not used before, and is used up now.
    private func claims(
        _ token: Secret<String>,
        for use: HostTokenUse,
        with body: [UInt8]? = nil,
        from address: String
    ) async throws -> HostClaims {
        let now = clock.now()
        let claims: HostClaims
        do {
            claims = try verifier.verify(token.reveal(), at: now)
        } catch {
            try failures.recordFailure(from: address, at: now)
            throw error
        }
        guard claims.use == use else {
            throw Failure(
                .unauthenticated,
                code: "invalid_host_token",
                message: use == .user
                    ? "This token is for calls of the application itself, and not for a user."
                    : "This token is for a user, and not for calls of the application itself.",
                hint: "The claim \"use\" says what a token is for: \"user\" or \"service\"."
            )
        }
        if let body, let digest = claims.bodyDigest, cryptography.digest(body) != digest {
            throw Failure(
                .unauthenticated,
                code: "invalid_host_token",
                message: "This token was signed for another body.",
                hint:
                    "The claim body_sha256 is the base64url of the SHA-256 of the body's bytes as they are sent."
            )
        }
        guard
            try await sessions.spend(claims.tokenID, of: claims.issuer, until: claims.end, at: now)
        else {
            throw Failure(
                .unauthenticated,
                code: "host_token_used",
                message: "This token was used before; each is good for one use.",
                hint: "Sign a new one, with a new jti, for each exchange and each call."
            )
        }
        return claims
    }

    // MARK: Being in

    /// Says whether a bearer credential is meant to be a user's session.
    public static func isSessionToken(_ text: String) -> Bool { text.hasPrefix(tokenPrefix) }

    /// The session of a bearer credential; throws `Failure` `session_ended` when there is none, or none any more.
    public func session(bearer text: String, from address: String) async throws -> KnownUserSession {
        let now = clock.now()
        guard text.utf8.count <= Self.longestToken,
            let known = try await sessions.session(secretDigest: cryptography.digest(Array(text.utf8)))
        else {
            try failures.recordFailure(from: address, at: now)
            throw Self.ended
        }
        guard known.session.isLive(at: now), hosts[known.user.issuer] != nil else { throw Self.ended }
        return known
    }

    /// The principal of a session, by the roles of this server.
    public func principal(of known: KnownUserSession) -> Principal { known.principal(roles) }

    /// What a user may do now at a place, without being there: as the session says in which they asked for it.
    ///
    /// Nil when it is over or does not see the place, when they may not chat, or when nothing may be changed there.
    public func principal(of user: UserID, at place: Place, in session: UserSessionID) async throws
        -> Principal?
    {
        guard let known = try await sessions.session(session), known.user.id == user,
            known.session.isLive(at: clock.now()), known.session.scope.admits(place),
            hosts[known.user.issuer] != nil
        else { return nil }
        let principal = known.principal(roles)
        do throws(Failure) { try principal.requireChange(at: place) } catch { return nil }
        return principal.permissions.contains(.chat) ? principal : nil
    }

    /// Says whether links to a user's chats at a place are shown: by their last session there, which may be over, and by
    /// what its role and their grants give now.
    public func mayShare(_ user: UserID, at place: Place) async throws -> Bool {
        guard let known = try await sessions.lastSession(of: user, admitting: place),
            hosts[known.user.issuer] != nil
        else { return false }
        return known.standing.hasAI(at: place) && known.principal(roles).permissions.contains(.share)
    }

    /// The caller's own session as it stands.
    public func current(as principal: Principal) async throws -> KnownUserSession {
        guard let id = principal.session, let known = try await sessions.session(id),
            known.session.isLive(at: clock.now())
        else { throw Self.ended }
        return known
    }

    // MARK: Calls outside of chats

    /// Runs a call of a user for as long as something may be done at its place: a suspension ends it, and AI that is
    /// switched off; throws the `Failure` that says so then.
    public func whileOpen<Value: Sendable>(
        _ place: Place,
        for principal: Principal,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let session = principal.session else { return try await body() }
        let call = UserCall(session: session, place: place)
        do {
            return try await calls.run(untilEndOf: call) { [self] in
                // Again, now that an end is heard of.
                try await requireOpen(call)
                return try await body()
            }
        } catch let failure as Failure where failure.code == Self.closed.code {
            try await requireOpen(call)
            throw failure
        }
    }

    /// Ends the calls at places where nothing may be done any more.
    func endClosedCalls() async throws {
        for call in calls.open {
            do { try await requireOpen(call) } catch is Failure { calls.end([call]) }
        }
    }

    private func requireOpen(_ call: UserCall) async throws {
        guard let known = try await sessions.session(call.session), known.session.isLive(at: clock.now())
        else { throw Self.ended }
        try known.principal(roles).requireChange(at: call.place)
    }

    // MARK: Ending

    /// Ends the caller's own session, with its open streams.
    public func end(as principal: Principal) async throws {
        guard let id = principal.session else { throw Self.ended }
        let now = clock.now()
        let isEnded = try await audit.keeping { isEnded in
            isEnded ? [Self.entry("user_session.end", id, principal.id, at: now)] : []
        } with: {
            try await sessions.endSession(id, at: now)
        }
        guard isEnded else { throw Self.ended }
        hub.end([id])
    }

    // MARK: Parts

    private func recordFailure(_ failure: Failure, from address: String) async throws {
        let detail = JSONValue.object(["code": .string(failure.code), "address": .string(address)]).bytes
        try await audit.record(
            AuditEntry(
                time: clock.now(),
                principal: .nobody,
                action: "user_session.fail",
                subject: "user-session",
                detail: String(decoding: detail, as: UTF8.self)
            )
        )
    }

    private static func entry(
        _ action: String,
        _ session: UserSessionID,
        _ principal: PrincipalID,
        at now: Timestamp
    ) -> AuditEntry {
        AuditEntry(time: now, principal: principal, action: action, subject: "user-session/\(session)")
    }

    /// The one answer to a session that is over.
    static let ended = Failure(
        .unauthenticated,
        code: "session_ended",
        message: "This session is over.",
        hint: "Let the application sign a new token, and exchange it with POST /v1/ai/session."
    )

    private static let closed = Failure(
        .forbidden,
        code: "ai_off",
        message: "AI was switched off here meanwhile."
    )

    private static let invalid = Failure(
        .unauthenticated,
        code: "invalid_host_token",
        message: "This token is not valid here."
    )
}

extension MadePlaces {
    /// For the audit log: a token says as much as the application's backend says by name.
    fileprivate func entries(by host: PrincipalID, at now: Timestamp) -> [AuditEntry] {
        var made: [(action: String, subject: String, key: TenantKey)] = []
        if let client { made.append(("client.put", "client/\(client.id)", client.key)) }
        made += brands.map { ("brand.put", "brand/\($0.id)", $0.key) }
        made += locations.map { ("location.put", "location/\($0.id)", $0.key) }
        return made.map { action, subject, key in
            let detail = JSONValue.object(["key": .string(key.rawValue), "by": .string("token")]).bytes
            return AuditEntry(
                time: now,
                principal: host,
                action: action,
                subject: subject,
                detail: String(decoding: detail, as: UTF8.self)
            )
        }
    }
}
