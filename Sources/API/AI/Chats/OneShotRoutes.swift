internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/ai/chat: one question and its whole answer in one request, for callers that keep the conversation themselves.
///
/// It is a turn like any other, in a chat of its own: limits, records and what it costs are the same.
struct OneShotRoutes: Sendable {
    private static let mostMessages = 200

    private let chats: ChatService
    private let models: ModelCatalog
    private let hosts: HostServices

    init(_ assistant: AssistantServices, _ hosts: HostServices) {
        chats = assistant.chats
        models = assistant.models
        self.hosts = hosts
    }

    var routes: [Route] { [Route(.post, "/v1/ai/chat", access: .user(.chat, on: nil), ask)] }

    private func ask(_ context: RequestContext) async throws -> HTTPResponse {
        try AutomatedFetch.refuse(context.request)
        let caller = try context.caller()
        let body = try BodyReader(
            context.request,
            known: ["message", "messages", "model", "brand", "location", "key"]
        )
        var request = try Self.request(body)
        if let model = try body.string("model") { request.model = try models.reference(model) }
        let place = try await hosts.tenants.place(
            brand: try body.string("brand"),
            location: try body.string("location"),
            for: caller
        )
        var draft = ChatDraft(place: place)
        if let text = try body.string("key") {
            request.key = try IdempotencyKey(text)
            draft.key = "one-shot \(text)"
        }
        request.endsWithCaller = request.key == nil
        try hosts.limits.admitTurn(of: caller, at: place, from: context.request.clientAddress)
        let chat = try await chats.create(draft, as: caller)
        let begun = try await chats.begin(request, in: chat.id, as: caller)
        let answer = try await answer(to: begun, in: chat, context)
        return NativeAnswers.json { Self.write(answer, begun.turn, chat, to: &$0) }
    }

    // MARK: The question

    private static func request(_ body: BodyReader) throws(Failure) -> TurnRequest {
        let single = try body.string("message")
        let given = try body.objects("messages", known: ["role", "content"])
        guard (single == nil) != (given == nil) else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "Either 'message' or 'messages' is needed, and not both.",
                hint:
                    "Send {\"message\": \"…\"}, or {\"messages\": [{\"role\": \"user\", \"content\": \"…\"}]}."
            )
        }
        var messages: [(role: MessageRole, text: String)] = []
        if let single { messages = [(.user, single)] }
        for message in given ?? [] {
            guard let role = try message.word("role", MessageRole.self),
                let text = try message.string("content")
            else { throw message.wrong("role", "\"user\" or \"assistant\", beside a 'content'") }
            messages.append((role, text))
        }
        guard messages.count <= mostMessages, let last = messages.popLast(), last.role == .user else {
            throw Failure(
                .unprocessable,
                code: "message_missing",
                message: "The messages do not end with one of the user, or are more than \(mostMessages).",
                hint: "Send what the user says now as the last message."
            )
        }
        var request = TurnRequest(message: [.text(last.text)])
        request.history = messages.map { message in
            switch message.role {
            case .user: ModelItem(.user([.text(message.text)]))
            case .assistant: ModelItem(.assistant(message.text))
            }
        }
        return request
    }

    /// Who said something; there is none for instructions, which are the server's.
    private enum MessageRole: String, CaseIterable { case user, assistant }

    // MARK: The answer

    private struct Answer: Sendable {
        var text = ""
        var usage = TokenUsage()
    }

    /// Waits for the end of the turn, which ends with its caller: there is nobody else to read it.
    private func answer(to begun: BegunTurn, in chat: Chat, _ context: RequestContext) async throws -> Answer
    {
        do {
            return try await context.untilSignInEnds {
                try await context.whileClientStays { try await follow(begun, in: chat) }
            }
        } catch {
            if !(error is CancellationError) { chats.abandon(begun) }
            throw error
        }
    }

    private func follow(_ begun: BegunTurn, in chat: Chat) async throws -> Answer {
        var answer = Answer()
        var words = TurnWords()
        try await TurnFollower(chats: chats, chat: chat, turn: begun.turn).each { event in
            for said in try words.take(event) {
                switch said {
                case .textDelta(let text): answer.text += text
                case .usage(let usage): answer.usage = usage
                default: break
                }
            }
        }
        return answer
    }

    private static func write(_ answer: Answer, _ turn: Turn, _ chat: Chat, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("message")
            writer.object { writer in
                writer.key("role")
                writer.string(MessageRole.assistant.rawValue)
                writer.key("content")
                writer.string(answer.text)
            }
            writer.key("model")
            writer.string(turn.model.description)
            writer.key("chat")
            writer.integer(chat.id.rawValue)
            writer.key("turn")
            writer.integer(turn.id.rawValue)
            writer.key("usage")
            ChatFields.write(answer.usage, to: &writer)
        }
    }
}
