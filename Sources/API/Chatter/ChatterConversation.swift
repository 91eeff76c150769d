internal import Application
internal import Core
internal import Domain

/// Makes turns of the server's chats out of the panel assistant's requests.
///
/// That client sends the whole conversation each time. As long as it is the one that the chat holds, the model is shown
/// the chat's own turns, which know of commands and of what the provider wants replayed; a conversation that became
/// another one in the client is shown as the client has it.
struct ChatterConversation: Sendable {
    private static let longestExchange = 100

    let chats: ChatService
    let models: ModelCatalog

    /// The caller's chat that the client means: its own name for it, or `chat-7` for one without.
    func chat(for asked: ChatterRequest, of name: String, as principal: Principal) async throws -> Chat {
        let key = asked.chatKey ?? "float-\(name)"
        if let chat = try await chats.chat(key: key, as: principal) { return chat }
        if let id = Self.id(of: key) {
            do { return try await chats.chat(id, as: principal) } catch is Failure {
                // It is another's, or nobody's: then it is a name like any other.
            }
        }
        return try await chats.create(ChatDraft(key: key), as: principal)
    }

    /// What a chat is called towards the client.
    static func key(of chat: Chat) -> String { chat.key ?? "chat-\(chat.id.rawValue)" }

    /// The chat that a name made by ``key(of:)`` stands for, if it is one.
    static func id(of key: String) -> ChatID? {
        guard key.hasPrefix("chat-"), let number = Int64(key.dropFirst(5)), number > 0 else { return nil }
        return ChatID(number)
    }

    /// The turn to begin for a request.
    func turn(
        for asked: ChatterRequest,
        in chat: Chat,
        of model: ModelReference,
        offeringShell offersShell: Bool,
        as principal: Principal
    ) async throws -> TurnRequest {
        var request = TurnRequest(message: asked.message)
        request.model = model
        request.reasoning = asked.reasoning
        request.verbosity = asked.verbosity
        request.instructions = asked.instructions
        request.door = .seed
        request.tools = offersShell ? .caller([shellTool(of: model)]) : .none
        let latest = try await latestExchange(of: chat, as: principal)
        let said = asked.earlier.last { $0.role == .user }?.text.trimmed
        guard said == latest?.message else {
            request.history = asked.earlier.map(\.item)
            if !asked.results.isEmpty { request.message = withResults(asked) }
            return request
        }
        if !asked.results.isEmpty {
            let calls = latest?.openCalls ?? []
            if let results = asked.results.matched(to: calls, callID: asked.callID) {
                request.results = results
            } else {
                request.message = withResults(asked)
            }
        }
        return request
    }

    private func withResults(_ asked: ChatterRequest) -> [ContentPart] {
        [.text(asked.results.message(callID: asked.callID))] + asked.message
    }

    // MARK: The shell

    private func shellTool(of model: ModelReference) -> OfferedTool {
        let isNative = models.provider(model.provider)?.capabilities(of: model.model).shellTool ?? false
        return isNative ? .shell : .function(Self.shellFunction)
    }

    private static let shellFunction = FunctionTool(
        name: "shell",
        description: """
            Runs a command line with bash on the server that the person administers, and gives what it printed. Each \
            command starts afresh and is ended after a few seconds, so ask for short and specific ones.
            """,
        parameters: .object([
            "type": .string("object"),
            "properties": .object([
                "command": .object([
                    "type": .string("string"), "description": .string("The command line for bash."),
                ])
            ]),
            "required": .array([.string("command")]),
            "additionalProperties": .bool(false),
        ])
    )

    /// The command lines of a call that the client carries out; nil for a call of something else.
    static func commands(of call: ToolCall) -> [String]? {
        switch call.request {
        case .shell(let commands, _, _): return commands
        case .function(let name, let arguments):
            guard name == shellFunction.name,
                let command = (try? JSONValue(parsing: Array(arguments.utf8)))?["command"]?.string
            else { return nil }
            return [command]
        }
    }

    // MARK: What the chat holds

    /// What a person said last, and the calls that the model made since and that nobody answered.
    private struct Exchange {
        let message: String
        let openCalls: [ToolCall]
    }

    private func latestExchange(of chat: Chat, as principal: Principal) async throws -> Exchange? {
        let turns = try await chats.turns(
            of: chat.id,
            before: nil,
            limit: Self.longestExchange,
            as: principal
        )
        .elements.filter { !$0.isSuperseded }
        guard let last = turns.first else { return nil }
        let openCalls = try await openCalls(of: last, in: chat)
        for turn in turns {
            guard let draft = try await draft(of: turn, in: chat) else { continue }
            let text = ChatterMessage(role: .user, parts: draft.message).text.trimmed
            if !draft.message.isEmpty { return Exchange(message: text, openCalls: openCalls) }
        }
        return nil
    }

    /// What a turn began with.
    func draft(of turn: Turn, in chat: Chat) async throws -> TurnDraft? {
        let first = try await chats.facts(of: chat, after: turn.firstEvent - 1, limit: 1).first
        guard case .turnStarted(let draft)? = try first?.body() else { return nil }
        return draft
    }

    private func openCalls(of turn: Turn, in chat: Chat) async throws -> [ToolCall] {
        var calls: [ToolCall] = []
        for event in try await chats.facts(of: chat, after: turn.firstEvent - 1, limit: 512)
        where event.turn == turn.id {
            switch try event.body() {
            case .turnStarted(let draft):
                guard case .caller = draft.options.tools else { return [] }
            case .modelFinished(_, let items, _, _):
                for case .toolCall(let call) in items.map(\.content) where Self.commands(of: call) != nil {
                    calls.append(call)
                }
            default: break
            }
        }
        return calls
    }
}
