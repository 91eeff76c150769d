internal import Application
internal import Core
internal import Domain
internal import HTTPServer

extension Authentication {
    /// The user of a host application: a bearer credential that was given for a session, and nothing else; so no page of
    /// another server can do anything in a user's name.
    func user(of request: HTTPRequest, _ permission: Permission?) async throws -> Principal {
        try Self.refuseQueryCredentials(request)
        guard let hosts, let bearer = try Self.bearer(request) else { throw Self.sessionMissing }
        guard HostSessionService.isSessionToken(bearer) else {
            // Whoever they are; a wrong credential is said to be wrong.
            _ = try await caller(of: request)
            throw Failure(
                .forbidden,
                code: "users_only",
                message: "This is for users of a host application.",
                hint: "Exchange a token of the application with POST /v1/ai/session; operators use /v1/chats."
            )
        }
        let known = try await hosts.sessions.session(bearer: bearer, from: request.clientAddress)
        let principal = hosts.sessions.principal(of: known)
        try hosts.limits.admitRequest(of: principal)
        if let permission {
            try principal.requireAI(at: nil)
            try principal.require(permission)
        }
        return principal
    }

    /// Whoever comes from a host application to a route that is not theirs alone; nil for everybody else.
    func visitor(of request: HTTPRequest, _ access: RouteAccess) async throws -> Principal? {
        guard let bearer = try Self.bearer(request) else { return nil }
        if let permission = access.users, HostSessionService.isSessionToken(bearer) {
            return try await user(of: request, permission)
        }
        return access.admitsHosts ? try await backend(of: request, bearer) : nil
    }

    /// The backend of a host application by a token for this one call; nil when the credential is of another form.
    private func backend(of request: HTTPRequest, _ bearer: String) async throws -> Principal? {
        // A client that signed in has a token of the same form.
        guard let hosts, bearer.contains("."), !access.isSignInToken(bearer) else { return nil }
        try Self.refuseQueryCredentials(request)
        return try await hosts.sessions.host(
            Secret(bearer),
            body: request.body,
            from: request.clientAddress
        )
    }

    /// The backend of a host application, by a token for this one call; or an operator who signed in and may administer.
    func host(of request: HTTPRequest) async throws -> Principal {
        try Self.refuseQueryCredentials(request)
        if let bearer = try Self.bearer(request), let backend = try await backend(of: request, bearer) {
            return backend
        }
        let principal = try await caller(of: request)
        try principal.requireSignIn()
        try principal.require(.admin)
        return principal
    }

    private static let sessionMissing = Failure(
        .unauthenticated,
        code: "credential_missing",
        message: "This needs the session of a user.",
        hint: "Send Authorization: Bearer with the token of POST /v1/ai/session."
    )
}
