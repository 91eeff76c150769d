internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/artifacts for operators, /v1/ai/artifacts for users: files that were made for the caller.
struct ArtifactRoutes: Sendable {
    private let service: ArtifactService
    private let face: ChatFace

    init(_ service: ArtifactService, for face: ChatFace = .operators) {
        self.service = service
        self.face = face
    }

    var routes: [Route] {
        guard face == .operators else { return userRoutes }
        return [
            Route(.get, "/v1/artifacts", access: .credential(.aiArtifact, on: nil), list),
            Route(.get, "/v1/artifacts/{artifact}", access: .credential(.aiArtifact, on: .artifact), get),
            Route(
                .get,
                "/v1/artifacts/{artifact}/content",
                access: .credential(.aiArtifact, on: .artifact),
                content
            ),
            Route(
                .delete,
                "/v1/artifacts/{artifact}",
                access: .credential(.aiArtifact, on: .artifact),
                remove
            ),
        ]
    }

    private var userRoutes: [Route] {
        [
            Route(.get, "/v1/ai/artifacts", access: .user(.aiArtifact, on: nil), list),
            Route(.get, "/v1/ai/artifacts/{artifact}", access: .user(.aiArtifact, on: .artifact), get),
            Route(
                .get,
                "/v1/ai/artifacts/{artifact}/content",
                access: .user(.aiArtifact, on: .artifact),
                content
            ),
            Route(.delete, "/v1/ai/artifacts/{artifact}", access: .user(.aiArtifact, on: .artifact), remove),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let query = QueryReader(context.request.query)
        let page = try await service.artifacts(
            in: try query.integer("chat", 1...Int64.max).map { ChatID($0) },
            before: try query.integer("after", 1...Int64.max).map { ArtifactID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: caller
        )
        let usage = try await service.usage(as: caller)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("artifacts")
                writer.array { writer in
                    for artifact in page.elements { ArtifactFields.write(artifact, to: &writer) }
                }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id.rawValue : nil, to: &writer)
                writer.key("storage")
                ArtifactFields.write(usage, service.settings.quota, to: &writer)
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let artifact = try await service.artifact(id(context), as: try context.caller())
        return NativeAnswers.json { ArtifactFields.write(artifact, to: &$0) }
    }

    private func content(_ context: RequestContext) async throws -> HTTPResponse {
        let inline = try QueryReader(context.request.query).flag("inline")
        let (artifact, bytes) = try await service.content(id(context), as: try context.caller())
        return try ArtifactDownload(artifact, bytes, isInline: inline).response(to: context)
    }

    private func remove(_ context: RequestContext) async throws -> HTTPResponse {
        try await service.remove(id(context), as: try context.caller())
        return HTTPResponse(status: 204)
    }

    /// What is no number names no artifact either.
    private func id(_ context: RequestContext) -> ArtifactID {
        ArtifactID(Int64(context.parameter("artifact")) ?? 0)
    }
}
