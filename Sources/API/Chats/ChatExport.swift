internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/chats/{chat}/export: a chat to take away, as Markdown to read or as JSON with all its facts.
///
/// It is written piece by piece, so that memory does not depend on the chat's length.
struct ChatExport: Sendable {
    private static let batch = 64
    private static let turnBatch = 200

    private let chats: ChatService
    private let clock: any WallClock
    private let face: ChatFace

    init(_ services: EdgeServices, _ assistant: AssistantServices, for face: ChatFace = .operators) {
        self.face = face
        chats = assistant.chats
        clock = services.clock
    }

    var routes: [Route] {
        switch face {
        case .operators:
            [Route(.get, "/v1/chats/{chat}/export", access: .credential(.chat, on: .chat), export)]
        case .users: [Route(.get, "/v1/ai/chats/{chat}/export", access: .user(.chat, on: .chat), export)]
        }
    }

    private func export(_ context: RequestContext) async throws -> HTTPResponse {
        let format = try QueryReader(context.request.query).word("format", ExportFormat.self) ?? .markdown
        let caller = try context.caller()
        let chat = try await chats.chat(context.chatID, as: caller)
        let name = "chat-\(chat.id.rawValue).\(format == .json ? "json" : "md")"
        let type = format == .json ? "application/json" : "text/markdown; charset=utf-8"
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": type, "Content-Disposition": "attachment; filename=\"\(name)\""],
            body: .stream(length: nil) { writer in
                try await context.untilSignInEnds {
                    switch format {
                    case .json: try await writeJSON(chat, caller, writer)
                    case .markdown: try await writeMarkdown(chat, caller, writer)
                    }
                }
            }
        )
    }

    /// Turns that were edited or tried again are left out: the text is what the person sees as their conversation.
    private func writeMarkdown(_ chat: Chat, _ caller: Principal, _ writer: HTTPResponseWriter) async throws {
        var superseded: Set<TurnID> = []
        try await forEachPage(of: chat, caller) { page in
            superseded.formUnion(page.filter(\.isSuperseded).map(\.id))
        }
        var markdown = ChatMarkdown()
        try await writer.write(ChatMarkdown.head(chat, exported: clock.now()))
        try await forEachBatch(of: chat) { facts in
            var text = ""
            for fact in facts where !superseded.contains(fact.turn) {
                text += markdown.text(of: try fact.body(), at: fact.time)
            }
            if !text.isEmpty { try await writer.write(text) }
        }
    }

    private func writeJSON(_ chat: Chat, _ caller: Principal, _ writer: HTTPResponseWriter) async throws {
        var head = JSONWriter()
        ChatFields.write(chat, to: &head)
        try await writer.write("{\"exported\":\"\(clock.now().rfc3339)\",\"chat\":")
        try await writer.write(head.bytes)
        try await writer.write(",\"turns\":[")
        var separator = ""
        try await forEachPage(of: chat, caller) { page in
            for turn in page {
                var json = JSONWriter()
                ChatFields.write(turn, to: &json)
                try await writer.write(Array(separator.utf8) + json.bytes)
                separator = ","
            }
        }
        try await writer.write("],\"events\":[")
        separator = ""
        try await forEachBatch(of: chat) { facts in
            for fact in facts {
                var json = JSONWriter()
                ChatFields.write(fact, to: &json)
                try await writer.write(Array(separator.utf8) + json.bytes)
                separator = ","
            }
        }
        try await writer.write("]}\n")
    }

    private func forEachBatch(of chat: Chat, _ body: ([ChatEvent]) async throws -> Void) async throws {
        var number: Int64 = 0
        while true {
            let facts = try await chats.facts(of: chat, after: number, limit: Self.batch)
            guard let last = facts.last else { return }
            try await body(facts)
            number = last.number
        }
    }

    /// Newest first.
    private func forEachPage(of chat: Chat, _ caller: Principal, _ body: ([Turn]) async throws -> Void)
        async throws
    {
        var before: TurnID?
        while true {
            let page = try await chats.turns(of: chat.id, before: before, limit: Self.turnBatch, as: caller)
            try await body(page.elements)
            guard page.hasMore, let last = page.elements.last else { return }
            before = last.id
        }
    }
}

/// How a chat is written down.
enum ExportFormat: String, CaseIterable {
    case markdown, json
}
