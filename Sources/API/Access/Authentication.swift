internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// Finds out who asks.
struct Authentication: Sendable {
    let access: AccessService
    let serverUID: UInt32

    static let missing = Failure(
        .unauthenticated,
        code: "credential_missing",
        message: "This needs a token or the hash.",
        hint: "Send the header Authorization: Bearer with a token (deckhand token create) or the hash."
    )

    /// Who asks for a route, after the check of what the route demands; nil where nobody is needed, or where the handler
    /// looks by itself.
    func caller(of request: HTTPRequest, admittedTo access: RouteAccess) async throws -> Principal? {
        switch access.door {
        case .open, .byHandler: return nil
        case .credential, .signIn: break
        }
        let principal = try await caller(of: request)
        if access.door == .signIn { try principal.requireSignIn() }
        if let permission = access.permission { try principal.require(permission) }
        return principal
    }

    /// The principal of a request to the JSON face: the local socket's peer, or a bearer credential.
    func caller(of request: HTTPRequest) async throws -> Principal {
        if let bearer = try Self.bearer(request) {
            return try await access.principal(bearer: bearer, from: request.clientAddress)
        }
        if case .local(let uid, _) = request.peer, uid == 0 || uid == serverUID {
            return AccessService.localPrincipal(uid: uid)
        }
        if request.query["hash"] != nil {
            throw Failure(
                .unauthenticated,
                code: "credential_in_query",
                message: "This route takes no credential from the query.",
                hint: "Send the header Authorization: Bearer instead; queries end up in logs."
            )
        }
        throw Self.missing
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

    /// The principal of a request to the GET face: the `hash` parameter, a bearer credential, or the local socket.
    func getFaceCaller(of request: HTTPRequest) async throws -> Principal {
        let query = QueryReader(request.query)
        if let hash = try query.text("hash") {
            return try access.principal(hash: hash, from: request.clientAddress)
        }
        if let bearer = try Self.bearer(request) {
            return try await access.principal(bearer: bearer, from: request.clientAddress)
        }
        if case .local(let uid, _) = request.peer, uid == 0 || uid == serverUID {
            return AccessService.localPrincipal(uid: uid)
        }
        throw Failure(
            .unauthenticated,
            code: "invalid_hash",
            message: "Invalid or missing 'hash' parameter",
            hint: "Add hash=… to the query, or follow a link from an earlier answer as it is."
        )
    }
}
