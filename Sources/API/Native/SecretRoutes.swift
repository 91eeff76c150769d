internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/secrets: the names that commands can use, and for administrators their values in one direction.
struct SecretRoutes: Sendable {
    private let secrets: SecretService

    init(_ secrets: SecretService) { self.secrets = secrets }

    var routes: [Route] {
        [
            Route(.get, "/v1/secrets", access: .credential(.shellRun, on: nil), list),
            Route(.put, "/v1/secrets/{name}", access: .signIn(.admin, on: .secret), set),
            Route(.delete, "/v1/secrets/{name}", access: .signIn(.admin, on: .secret), remove),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let all = try await secrets.list(as: try context.caller())
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("secrets")
                writer.array { writer in for secret in all { Self.write(secret, to: &writer) } }
            }
        }
    }

    private func set(_ context: RequestContext) async throws -> HTTPResponse {
        let name = try SecretName(context.parameter("name"))
        guard let value = try BodyReader(context.request, known: ["value"]).string("value") else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'value' is missing.",
                hint: "Send {\"value\": \"…\"}."
            )
        }
        let secret = try await secrets.set(name, Secret(Array(value.utf8)), as: try context.caller())
        return NativeAnswers.json { Self.write(secret, to: &$0) }
    }

    private func remove(_ context: RequestContext) async throws -> HTTPResponse {
        try await secrets.remove(try SecretName(context.parameter("name")), as: try context.caller())
        return HTTPResponse(status: 204)
    }

    private static func write(_ secret: NamedSecret, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(secret.name.rawValue)
            writer.key("created")
            writer.time(secret.created)
            writer.key("changed")
            writer.time(secret.changed)
            writer.key("changed_by")
            writer.string(secret.changedBy.rawValue)
        }
    }
}
