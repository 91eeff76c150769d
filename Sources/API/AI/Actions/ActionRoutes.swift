internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/ai/actions: what the assistant may propose and has proposed, and the person's decisions; and what it was shown.
struct ActionRoutes: Sendable {
    private let services: ActionServices
    private let assistant: AssistantServices
    private let fields: ActionFields

    init(_ services: ActionServices, _ assistant: AssistantServices) {
        self.services = services
        self.assistant = assistant
        fields = ActionFields(unit: services.actions.unit)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/ai/actions", access: .user(.aiAction, on: nil), list),
            Route(.get, "/v1/ai/actions/{action}", access: .user(.aiAction, on: .action), get),
            Route(.post, "/v1/ai/actions/{action}/confirm", access: .user(.aiAction, on: .action), confirm),
            Route(.post, "/v1/ai/actions/{action}/decline", access: .user(.aiAction, on: .action), decline),
            Route(.get, "/v1/ai/turns/{turn}/context", access: .user(.chat, on: .chat), seen),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let query = QueryReader(context.request.query)
        let page = try await services.actions.history(
            before: try query.integer("after", 1...Int64.max).map { ActionID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: caller
        )
        let catalogue = try services.actions.catalogue(as: caller)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("catalogue")
                writer.array { writer in for action in catalogue { fields.write(action, to: &writer) } }
                writer.key("actions")
                writer.array { writer in for proposal in page.elements { fields.write(proposal, to: &writer) }
                }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id.rawValue : nil, to: &writer)
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        answer(try await services.actions.proposal(id(context), as: try context.caller()))
    }

    private func confirm(_ context: RequestContext) async throws -> HTTPResponse {
        answer(try await services.actions.confirm(id(context), as: try context.caller()))
    }

    private func decline(_ context: RequestContext) async throws -> HTTPResponse {
        answer(try await services.actions.decline(id(context), as: try context.caller()))
    }

    private func seen(_ context: RequestContext) async throws -> HTTPResponse {
        let turn = try await assistant.chats.turn(context.turnID, as: try context.caller())
        let readings = try await services.context.readings(of: turn)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("turn")
                writer.integer(turn.id.rawValue)
                writer.key("sources")
                writer.array { writer in for reading in readings { fields.write(reading, to: &writer) } }
            }
        }
    }

    private func answer(_ proposal: ActionProposal) -> HTTPResponse {
        NativeAnswers.json { fields.write(proposal, to: &$0) }
    }

    /// What is no number names no action either.
    private func id(_ context: RequestContext) -> ActionID {
        ActionID(Int64(context.parameter("action")) ?? 0)
    }
}
