internal import Application
internal import Domain

/// What ends open streams: the end of the sign-in or session that let their reader in.
struct StreamEnds: Sendable {
    let signIns: SignInHub
    /// Nil where no host application is configured.
    let sessions: UserSessionHub?

    init(_ services: EdgeServices) {
        signIns = services.signIns.hub
        sessions = services.hosts?.sessions.hub
    }

    /// Runs a body for as long as a caller is let in; callers without a sign-in or session are not waited for.
    ///
    /// See ``StreamHub/run(untilEndOf:_:)``.
    func run<Value: Sendable>(
        untilEndOf caller: Principal?,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if let session = caller?.session, let sessions {
            return try await sessions.run(untilEndOf: session, body)
        }
        return try await signIns.run(untilEndOf: caller?.signIn, body)
    }
}
