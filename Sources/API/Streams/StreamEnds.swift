internal import Application
internal import Domain

/// What ends open streams: the end of the sign-in, token or session that let their reader in.
struct StreamEnds: Sendable {
    /// What lets a reader in, as far as it can end.
    enum Admission: Sendable {
        case signIn(SignInID)
        case token(Int64)
        case session(UserSessionID)
        /// Whoever knows the hash, or may open the local socket.
        case lasting

        init(_ caller: Principal?) {
            if let session = caller?.session {
                self = .session(session)
            } else if let signIn = caller?.signIn {
                self = .signIn(signIn)
            } else if let token = caller?.id.token {
                self = .token(token)
            } else {
                self = .lasting
            }
        }
    }

    private let signIns: SignInHub
    private let tokens: TokenHub
    /// Nil where no host application is configured.
    private let sessions: UserSessionHub?

    init(_ services: EdgeServices) {
        signIns = services.signIns.hub
        tokens = services.access.hub
        sessions = services.hosts?.sessions.hub
    }

    /// Runs a body for as long as a caller is let in; those whose admission does not end are not waited for.
    ///
    /// See ``StreamHub/run(untilEndOf:_:)``.
    func run<Value: Sendable>(
        untilEndOf admission: Admission,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        switch admission {
        case .signIn(let id): return try await signIns.run(untilEndOf: id, body)
        case .token(let id): return try await tokens.run(untilEndOf: id, body)
        case .session(let id):
            guard let sessions else { return try await body() }
            return try await sessions.run(untilEndOf: id, body)
        case .lasting: return try await body()
        }
    }
}
