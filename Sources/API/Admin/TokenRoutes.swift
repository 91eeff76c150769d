internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/tokens: what programs carry.
struct TokenRoutes: Sendable {
    private let tokens: TokenService

    init(_ admin: AdminServices) { tokens = admin.tokens }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/tokens", access: .signIn(.admin, on: nil), list),
            Route(.post, "/v1/admin/tokens", access: .signIn(.admin, on: nil), create),
            Route(.delete, "/v1/admin/tokens/{token}", access: .signIn(.admin, on: .token), revoke),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let all = try await tokens.list()
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("tokens")
                writer.array { writer in for token in all.reversed() { Self.write(token, to: &writer) } }
                writer.key("permissions")
                writer.array { writer in
                    for permission in Permission.withoutSignIn.sorted() {
                        writer.string(permission.rawValue)
                    }
                }
            }
        }
    }

    private func create(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["name", "permissions", "lifetime"])
        let made = try await tokens.create(
            name: try body.string("name") ?? "",
            permissions: try OperatorRoutes.permissions(body) ?? [],
            lifetime: try body.seconds("lifetime"),
            by: try context.caller().id
        )
        return NativeAnswers.json(201) { Self.write(made.token, text: made.text, to: &$0) }
    }

    private func revoke(_ context: RequestContext) async throws -> HTTPResponse {
        // What is no number names no token either.
        try await tokens.revoke(Int64(context.parameter("token")) ?? 0, by: try context.caller().id)
        return HTTPResponse(status: 204)
    }

    private static func write(
        _ token: AccessToken,
        text: Secret<String>? = nil,
        to writer: inout JSONWriter
    ) {
        func time(_ name: StaticString, _ time: Timestamp?, _ writer: inout JSONWriter) {
            writer.key(name)
            writer.optional(time)
        }
        writer.object { writer in
            writer.key("id")
            writer.integer(token.id)
            writer.key("name")
            writer.string(token.name)
            writer.key("permissions")
            writer.array { writer in
                for permission in token.permissions.sorted() { writer.string(permission.rawValue) }
            }
            time("created", token.created, &writer)
            time("expires", token.expires, &writer)
            time("last_used", token.lastUsed, &writer)
            time("revoked", token.revoked, &writer)
            if let text {
                writer.key("token")
                writer.string(text.reveal())
            }
        }
    }
}
