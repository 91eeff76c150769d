internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/chats: make, list, look at, change and forget chats.
struct ChatRoutes: Sendable {
    private let chats: ChatService
    private let models: ModelCatalog
    private let basePath: String

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        chats = assistant.chats
        models = assistant.models
        basePath = services.settings.basePath
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/chats", access: .credential(.chat, on: nil), list),
            Route(.post, "/v1/chats", access: .credential(.chat, on: nil), create),
            Route(.get, "/v1/chats/{chat}", access: .credential(.chat, on: .chat), get),
            Route(.patch, "/v1/chats/{chat}", access: .credential(.chat, on: .chat), change),
            Route(.delete, "/v1/chats/{chat}", access: .credential(.chat, on: .chat), remove),
        ]
    }

    private func create(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["key", "title", "model"])
        let caller = try context.caller()
        let draft = ChatDraft(
            key: try body.string("key"),
            title: try body.string("title"),
            model: try model(body)
        )
        if let key = draft.key, let earlier = try await chats.chat(key: key, as: caller) {
            return NativeAnswers.json { ChatFields.write(earlier, to: &$0) }
        }
        let chat = try await chats.create(draft, as: caller)
        var response = NativeAnswers.json(201) { ChatFields.write(chat, to: &$0) }
        response.headers["Location"] = "\(basePath)/v1/chats/\(chat.id.rawValue)"
        return response
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let cursor: ChatCursor? =
            if let text = try query.text("after") { try ChatCursor(text: text) } else { nil }
        let page = try await chats.chats(
            matching: try query.text("search"),
            after: cursor,
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("chats")
                writer.array { writer in for chat in page.elements { ChatFields.write(chat, to: &writer) } }
                writer.key("next")
                if page.hasMore, let last = page.elements.last {
                    writer.string(ChatCursor.text(behind: last))
                } else {
                    writer.null()
                }
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let chat = try await chats.chat(context.chatID, as: try context.caller())
        return NativeAnswers.json { ChatFields.write(chat, to: &$0) }
    }

    private func change(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["title", "model"])
        let change = ChatChange(title: try body.string("title"), model: try model(body))
        let caller = try context.caller()
        let chat =
            change == ChatChange()
            ? try await chats.chat(context.chatID, as: caller)
            : try await chats.change(context.chatID, change, as: caller)
        return NativeAnswers.json { ChatFields.write(chat, to: &$0) }
    }

    private func remove(_ context: RequestContext) async throws -> HTTPResponse {
        try await chats.remove(context.chatID, as: try context.caller())
        return HTTPResponse(status: 204)
    }

    private func model(_ body: BodyReader) throws(Failure) -> ModelReference? {
        guard let text = try body.string("model") else { return nil }
        return try models.reference(text)
    }
}

extension RequestContext {
    /// The chat in the path; what is no number names no chat either.
    var chatID: ChatID { ChatID(Int64(parameter("chat")) ?? 0) }

    /// The turn in the path.
    var turnID: TurnID { TurnID(Int64(parameter("turn")) ?? 0) }
}
