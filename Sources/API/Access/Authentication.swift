internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// Finds out who asks.
struct Authentication: Sendable {
    let access: AccessService
    private let signIns: SignInService
    private let serverUID: UInt32
    private let origins: OwnOrigin
    private let cookie: SignInCookie
    let hosts: HostServices?

    init(_ services: EdgeServices) {
        access = services.access
        signIns = services.signIns
        serverUID = services.settings.serverUID
        origins = OwnOrigin(services.settings)
        cookie = SignInCookie(services)
        hosts = services.hosts
    }

    static let missing = Failure(
        .unauthenticated,
        code: "credential_missing",
        message: "This needs a sign-in, a token or the hash.",
        hint:
            "Send the header Authorization: Bearer with a token (deckhand token create) or the hash, or sign in with POST /v1/signin."
    )

    /// Who asks for a route, after the check of what the route demands; nil where nobody is needed, or where the handler
    /// looks by itself.
    func caller(of request: HTTPRequest, admittedTo access: RouteAccess) async throws -> Principal? {
        switch access.door {
        case .open, .link, .byHandler: return nil
        case .user: return try await user(of: request, access.permission)
        case .host: return try await host(of: request)
        case .credential, .signIn: break
        }
        if let visitor = try await visitor(of: request, access) { return visitor }
        let principal = try await caller(of: request)
        if access.door == .signIn { try principal.requireSignIn() }
        if let permission = access.permission { try principal.require(permission) }
        return principal
    }

    /// The principal of a request to the JSON face: a bearer credential, the cookie of a sign-in, or the local socket's
    /// peer.
    func caller(of request: HTTPRequest) async throws -> Principal {
        try Self.refuseQueryCredentials(request)
        if let bearer = try Self.bearer(request) { return try await caller(of: request, bearer: bearer) }
        if let value = cookie.read(request) { return try await caller(of: request, cookie: value) }
        if let local = localCaller(of: request) { return local }
        throw request.query["hash"] == nil ? Self.missing : Self.credentialInQuery
    }

    /// Users of host applications have routes of their own, below /v1/ai.
    private func caller(of request: HTTPRequest, bearer: String) async throws -> Principal {
        guard HostSessionService.isSessionToken(bearer) else {
            return try await access.principal(bearer: bearer, from: request.clientAddress)
        }
        guard let hosts else { throw Self.missing }
        _ = try await hosts.sessions.session(bearer: bearer, from: request.clientAddress)
        throw Failure(
            .forbidden,
            code: "operators_only",
            message: "This is for operators of the server.",
            hint: "A session of /v1/ai/session reaches what lies below /v1/ai."
        )
    }

    /// A cookie counts below /v1, and where something is posted; what changes something needs the proof that a page of
    /// ours asks, so that no link in a foreign page does anything.
    private func caller(of request: HTTPRequest, cookie: Secret<String>) async throws -> Principal {
        guard request.pathText.hasPrefix("/v1/") || request.method == .post else { throw Self.missing }
        let known = try await signIns.signIn(cookie: cookie)
        switch request.method {
        case .get, .head, .options: break
        default:
            try origins.require(request)
            let sent = request.headers.all("X-CSRF-Token")
            guard sent.count == 1, signIns.isCrossSiteToken(sent[0], for: known.signIn.id) else {
                throw Failure(
                    .forbidden,
                    code: "csrf_token_missing",
                    message: "This change was not shown to come from a page of this server.",
                    hint: "Send the header X-CSRF-Token with the csrf_token of GET /v1/signin."
                )
            }
        }
        return Principal(known.person, signIn: known.signIn.id)
    }

    /// The text of a bearer credential (RFC 6750 section 2.1).
    static func bearer(_ request: HTTPRequest) throws(Failure) -> String? {
        let values = request.headers.all("Authorization")
        guard let value = values.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Failure(
                .unauthenticated,
                code: "invalid_authorization",
                message: "The Authorization header is not understood.",
                hint: "Send it once, as: Authorization: Bearer <token or hash>"
            )
        }
        return String(parts[1])
    }

    /// The principal of a request to the GET face: the `hash` parameter, a bearer credential, or the local socket; never
    /// a cookie, since a link in a foreign page would carry it along.
    func getFaceCaller(of request: HTTPRequest) async throws -> Principal {
        let query = QueryReader(request.query)
        try Self.refuseQueryCredentials(request)
        if let hash = try query.text("hash") {
            return try access.principal(hash: hash, from: request.clientAddress)
        }
        if let bearer = try Self.bearer(request) { return try await caller(of: request, bearer: bearer) }
        if let local = localCaller(of: request) { return local }
        throw Failure(
            .unauthenticated,
            code: "invalid_hash",
            message: "Invalid or missing 'hash' parameter",
            hint: "Add hash=… to the query, or follow a link from an earlier answer as it is."
        )
    }

    /// The local socket's peer; but not whoever a proxy forwards through it.
    private func localCaller(of request: HTTPRequest) -> Principal? {
        guard case .local(let uid, _) = request.peer, uid == 0 || uid == serverUID,
            request.clientAddress == "local"
        else { return nil }
        return AccessService.localPrincipal(uid: uid)
    }

    /// Tokens are never taken from a query, which ends up in logs and histories.
    static func refuseQueryCredentials(_ request: HTTPRequest) throws(Failure) {
        for name in ["token", "access_token"] where request.query[name] != nil { throw credentialInQuery }
    }

    private static let credentialInQuery = Failure(
        .unauthenticated,
        code: "credential_in_query",
        message: "This route takes no credential from the query.",
        hint: "Send the header Authorization: Bearer instead; queries end up in logs."
    )
}
