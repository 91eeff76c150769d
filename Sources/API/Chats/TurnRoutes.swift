internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// Turns of a chat: begin, list, look at and end them, and follow what happens in the chat.
struct TurnRoutes: Sendable {
    private static let longestWait = 60.0

    private let assistant: AssistantServices
    private let face: ChatFace
    private let limits: UserLimits?
    private let basePath: String

    init(_ services: EdgeServices, _ assistant: AssistantServices, for face: ChatFace = .operators) {
        self.assistant = assistant
        self.face = face
        limits = services.hosts?.limits
        basePath = services.settings.basePath
    }

    var routes: [Route] {
        guard face == .operators else { return userRoutes }
        return [
            Route(.post, "/v1/chats/{chat}/turns", access: .credential(.chat, on: .chat), begin),
            Route(.get, "/v1/chats/{chat}/turns", access: .credential(.chat, on: .chat), list),
            Route(.get, "/v1/chats/{chat}/events", access: .credential(.chat, on: .chat), events),
            Route(.get, "/v1/turns/{turn}", access: .credential(.chat, on: .chat), get),
            Route(.post, "/v1/turns/{turn}/cancel", access: .credential(.chat, on: .chat), cancel),
        ]
    }

    private var userRoutes: [Route] {
        [
            Route(.post, "/v1/ai/chats/{chat}/turns", access: .user(.chat, on: .chat), begin),
            Route(.get, "/v1/ai/chats/{chat}/turns", access: .user(.chat, on: .chat), list),
            Route(.get, "/v1/ai/chats/{chat}/events", access: .user(.chat, on: .chat), events),
            Route(.get, "/v1/ai/turns/{turn}", access: .user(.chat, on: .chat), get),
            Route(.post, "/v1/ai/turns/{turn}/cancel", access: .user(.chat, on: .chat), cancel),
        ]
    }

    // MARK: Acting

    private func begin(_ context: RequestContext) async throws -> HTTPResponse {
        // Clients that send a POST again to reconnect must not ask twice.
        try AutomatedFetch.refuse(context.request)
        let caller = try context.caller()
        let body = try TurnBody(context.request, models: assistant.models)
        if face == .users {
            let chat = try await assistant.chats.chat(context.chatID, as: caller)
            try limits?.admitTurn(of: caller, at: chat.place, from: context.request.clientAddress)
        }
        let begun = try await assistant.chats.begin(body.request, in: context.chatID, as: caller)
        let location = "\(basePath)\(face.root)/turns/\(begun.turn.id.rawValue)"
        if body.isStream {
            return try await stream(of: begun.turn, caller, context)
                .response(
                    after: begun.event.number - 1,
                    template: context.template,
                    headers: ["Location": location]
                )
        }
        var response = NativeAnswers.json(begun.wasRepeated ? 200 : 201) {
            ChatFields.write(begun.turn, to: &$0)
        }
        response.headers["Location"] = location
        return response
    }

    private func stream(of turn: Turn, _ caller: Principal, _ context: RequestContext) async throws
        -> ChatStream
    {
        ChatStream(
            chats: assistant.chats,
            chat: try await assistant.chats.chat(turn.chat, as: caller),
            turn: turn.id,
            ends: context.ends,
            caller: caller
        )
    }

    private func cancel(_ context: RequestContext) async throws -> HTTPResponse {
        let wait = try QueryReader(context.request.query).seconds("wait", upTo: Self.longestWait)
        let turn = try await assistant.chats.cancel(
            context.turnID,
            patience: wait ?? .seconds(10),
            as: try context.caller()
        )
        return NativeAnswers.json(turn.state.isOver ? 200 : 202) { ChatFields.write(turn, to: &$0) }
    }

    // MARK: Reading

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let turn = try await assistant.chats.turn(context.turnID, as: try context.caller())
        return NativeAnswers.json { ChatFields.write(turn, to: &$0) }
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let page = try await assistant.chats.turns(
            of: context.chatID,
            before: try query.integer("before", 1...Int64.max).map { TurnID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("turns")
                writer.array { writer in for turn in page.elements { ChatFields.write(turn, to: &writer) } }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id.rawValue : nil, to: &writer)
            }
        }
    }

    /// Live, unless the caller asks for a page of JSON.
    private func events(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let query = QueryReader(context.request.query)
        let accepted = context.request.headers["Accept"] ?? ""
        let prefersJSON = accepted.contains("application/json") && !accepted.contains(SSE.contentType)
        let format = try query.word("format", EventFormat.self) ?? (prefersJSON ? .json : .sse)
        let turn: Turn? =
            if let id = try query.integer("turn", 1...Int64.max) {
                try await assistant.chats.turn(TurnID(id), as: caller)
            } else { nil }
        let chat = try await assistant.chats.chat(context.chatID, as: caller)
        guard turn == nil || turn?.chat == chat.id else {
            throw Failure(
                .notFound,
                code: "turn_not_found",
                message: "There is no such turn in this chat.",
                hint: "List its turns with GET \(face.root)/chats/\(chat.id.rawValue)/turns."
            )
        }
        let asked = try context.lastEventID() ?? query.integer("after", 0...Int64.max) ?? 0
        let start = max(asked, (turn?.firstEvent ?? 1) - 1)
        // From its beginning: somebody opens the chat.
        if start == 0 { try await assistant.chats.noteUse(of: [chat], as: caller) }
        if format == .json {
            let limit = Int(try query.integer("limit", 1...1_000) ?? 100)
            return try await page(of: chat, turn?.id, after: start, limit: limit)
        }
        return ChatStream(
            chats: assistant.chats,
            chat: chat,
            turn: turn?.id,
            ends: context.ends,
            caller: caller
        ).response(after: start, template: context.template)
    }

    private func page(of chat: Chat, _ turn: TurnID?, after number: Int64, limit: Int) async throws
        -> HTTPResponse
    {
        let found = try await assistant.chats.events(of: chat, after: number, limit: limit + 1)
        let events = found.prefix(limit).filter { turn == nil || $0.turn == turn }
        let hasMore = found.count > limit && (turn == nil || found[limit].turn == turn)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("events")
                writer.array { writer in for event in events { ChatFields.write(event, to: &writer) } }
                NativeAnswers.writeNext(hasMore ? events.last?.number : nil, to: &writer)
            }
        }
    }
}

/// How events are written.
enum EventFormat: String, CaseIterable {
    case sse, json
}

extension RequestContext {
    /// The number that a reconnecting event source saw last; nil for none.
    func lastEventID() throws(Failure) -> Int64? {
        guard let text = request.headers["Last-Event-ID"] else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw Failure(
                .invalid,
                code: "invalid_event_id",
                message: "Last-Event-ID is not a number of this stream.",
                hint: "Reconnect without it to begin at the start."
            )
        }
        return number
    }
}
