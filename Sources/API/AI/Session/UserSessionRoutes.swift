internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/ai/session: a token of a host application is exchanged for a session, which is looked at and ended.
struct UserSessionRoutes: Sendable {
    private let services: EdgeServices
    private let hosts: HostServices

    init(_ services: EdgeServices, _ hosts: HostServices) {
        self.services = services
        self.hosts = hosts
    }

    var routes: [Route] {
        [
            Route(.post, "/v1/ai/session", access: .open, exchange),
            Route(.get, "/v1/ai/session", access: .user(nil, on: nil), current),
            Route(.delete, "/v1/ai/session", access: .user(nil, on: nil), end),
        ]
    }

    private func exchange(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["token"])
        guard let token = try body.string("token") else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'token' is needed.",
                hint: "Send {\"token\": \"…\"} with a token that the application signed."
            )
        }
        try hosts.limits.admitToken(from: context.request.clientAddress)
        let given = try await hosts.sessions.exchange(Secret(token), from: context.request.clientAddress)
        let features = try await Features.of(given.principal, services)
        return NativeAnswers.json(201) {
            UserSessionFields.write(
                given.known,
                given.principal,
                at: services.clock.now(),
                features,
                token: given.token,
                to: &$0
            )
        }
    }

    private func current(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let known = try await hosts.sessions.current(as: caller)
        let features = try await Features.of(caller, services)
        return NativeAnswers.json {
            UserSessionFields.write(known, caller, at: services.clock.now(), features, token: nil, to: &$0)
        }
    }

    private func end(_ context: RequestContext) async throws -> HTTPResponse {
        try await hosts.sessions.end(as: try context.caller())
        return HTTPResponse(status: 204)
    }
}
