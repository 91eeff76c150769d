internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/sessions: make, list, look at and remove sessions.
struct SessionRoutes: Sendable {
    private let services: EdgeServices

    init(_ services: EdgeServices) { self.services = services }

    var routes: [Route] {
        [
            Route(.get, "/v1/sessions", access: .credential(.shellRead, on: nil), list),
            Route(.post, "/v1/sessions", access: .credential(.shellRun, on: nil), create),
            Route(.get, "/v1/sessions/{session}", access: .credential(.shellRead, on: .session), get),
            Route(.delete, "/v1/sessions/{session}", access: .credential(.shellRun, on: .session), delete),
        ]
    }

    private func create(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["name", "mode", "cwd", "env", "limits"])
        let name: SessionName? = if let text = try body.string("name") { try SessionName(text) } else { nil }
        let mode = try body.word("mode", SessionMode.self) ?? .parallel
        let directory = try body.string("cwd")
        let environment = try body.strings("env") ?? [:]
        let limits: LimitOverrides =
            if let limits = try body.object("limits", known: LimitFields.known) {
                try LimitFields.read(limits)
            } else {
                LimitOverrides()
            }
        let session = try await services.tickets.createSession(
            name: name,
            configure: { draft in
                draft.mode = mode
                draft.workingDirectory = directory
                draft.environment = environment
                draft.limits = limits
            },
            as: try context.caller()
        )
        var response = NativeAnswers.json(201) { Self.write(session, to: &$0) }
        response.headers["Location"] = "\(services.settings.basePath)/v1/sessions/\(session.name)"
        return response
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let after = try query.integer("after", 0...Int64.max).map(SessionID.init)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 100)
        let caller = try context.caller()
        let (sessions, next): ([Session], SessionID?)
        if let words = try query.words("q") {
            let page = try await services.tickets.sessions(
                matching: words,
                after: after,
                limit: limit,
                as: caller
            )
            (sessions, next) = (page.elements, page.next)
        } else {
            let page = try await services.tickets.sessions(after: after, limit: limit, as: caller)
            (sessions, next) = (page.elements, page.hasMore ? page.elements.last?.id : nil)
        }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("sessions")
                writer.array { writer in for session in sessions { Self.write(session, to: &writer) } }
                NativeAnswers.writeNext(next?.rawValue, to: &writer)
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let session = try await services.tickets.session(
            named: try context.sessionName(),
            as: try context.caller()
        )
        return NativeAnswers.json { Self.write(session, to: &$0) }
    }

    private func delete(_ context: RequestContext) async throws -> HTTPResponse {
        try await services.tickets.deleteSession(named: try context.sessionName(), as: try context.caller())
        return HTTPResponse(status: 204)
    }

    private static func write(_ session: Session, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(session.id.rawValue)
            writer.key("name")
            writer.string(session.name.rawValue)
            writer.key("mode")
            writer.string(session.mode.rawValue)
            writer.key("cwd")
            writer.optional(session.workingDirectory)
            writer.key("env")
            writer.object { writer in
                // Values can be credentials: the names are enough to recognise them.
                for name in session.environment.keys.sorted() {
                    writer.key(dynamic: name)
                    writer.string("<set>")
                }
            }
            writer.key("limits")
            LimitFields.write(session.limits, to: &writer)
            writer.key("created_by")
            writer.string(session.createdBy.rawValue)
            writer.key("created")
            writer.time(session.created)
            writer.key("last_ticket")
            writer.integer(session.lastNumber)
        }
    }
}
