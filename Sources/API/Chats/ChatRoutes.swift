internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/chats: make, list, look at, change and forget chats.
struct ChatRoutes: Sendable {
    private let chats: ChatService
    private let models: ModelCatalog
    private let basePath: String
    private let face: ChatFace
    private let places: TenantService?

    init(_ services: EdgeServices, _ assistant: AssistantServices, for face: ChatFace = .operators) {
        chats = assistant.chats
        models = assistant.models
        basePath = services.settings.basePath
        self.face = face
        places = services.hosts?.tenants
    }

    var routes: [Route] {
        guard face == .operators else { return userRoutes }
        return [
            Route(.get, "/v1/chats", access: .credential(.chat, on: nil), list),
            Route(.post, "/v1/chats", access: .credential(.chat, on: nil), create),
            Route(.get, "/v1/chats/{chat}", access: .credential(.chat, on: .chat), get),
            Route(.patch, "/v1/chats/{chat}", access: .credential(.chat, on: .chat), change),
            Route(.delete, "/v1/chats/{chat}", access: .credential(.chat, on: .chat), remove),
        ]
    }

    private var userRoutes: [Route] {
        [
            Route(.get, "/v1/ai/chats", access: .user(.chat, on: nil), list),
            Route(.post, "/v1/ai/chats", access: .user(.chat, on: nil), create),
            Route(.get, "/v1/ai/chats/{chat}", access: .user(.chat, on: .chat), get),
            Route(.patch, "/v1/ai/chats/{chat}", access: .user(.chat, on: .chat), change),
            Route(.delete, "/v1/ai/chats/{chat}", access: .user(.chat, on: .chat), remove),
        ]
    }

    private func create(_ context: RequestContext) async throws -> HTTPResponse {
        let placeFields: Set<String> = face == .users ? ["brand", "location"] : []
        let body = try BodyReader(context.request, known: placeFields.union(["key", "title", "model"]))
        let caller = try context.caller()
        var draft = ChatDraft(
            key: try body.string("key"),
            title: try body.string("title"),
            model: try model(body)
        )
        if face == .users {
            draft.place = try await places?.place(
                brand: try body.string("brand"),
                location: try body.string("location"),
                for: caller
            )
        }
        if let key = draft.key, let earlier = try await chats.chat(key: key, at: draft.place, as: caller) {
            return try await answer(earlier, caller)
        }
        let chat = try await chats.create(draft, as: caller)
        var response = try await answer(chat, caller, status: 201)
        response.headers["Location"] = "\(basePath)\(face.root)/chats/\(chat.id.rawValue)"
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
        let names = try await placeNames(of: page.elements, context.caller())
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("chats")
                writer.array { writer in
                    for chat in page.elements { ChatFields.write(chat, names, to: &writer) }
                }
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
        let caller = try context.caller()
        return try await answer(try await chats.chat(context.chatID, as: caller), caller)
    }

    private func change(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["title", "model"])
        // Nothing in place of a name takes the choice back.
        let forgetsModel = try body.string("model") == ""
        let change = ChatChange(
            title: try body.string("title"),
            model: forgetsModel ? nil : try model(body),
            forgetsModel: forgetsModel
        )
        let caller = try context.caller()
        let chat =
            change == ChatChange()
            ? try await chats.chat(context.chatID, as: caller)
            : try await chats.change(context.chatID, change, as: caller)
        return try await answer(chat, caller)
    }

    private func remove(_ context: RequestContext) async throws -> HTTPResponse {
        try await chats.remove(context.chatID, as: try context.caller())
        return HTTPResponse(status: 204)
    }

    private func answer(_ chat: Chat, _ caller: Principal, status: Int = 200) async throws -> HTTPResponse {
        let names = try await placeNames(of: [chat], caller)
        return NativeAnswers.json(status) { ChatFields.write(chat, names, to: &$0) }
    }

    /// What the host application calls the places of its users' chats.
    private func placeNames(of chats: [Chat], _ caller: Principal) async throws -> PlaceNames? {
        guard face == .users, let places else { return nil }
        return try await places.names(of: chats.compactMap(\.place), for: caller)
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
