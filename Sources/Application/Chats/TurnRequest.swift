public import Domain

/// What a caller asks for when a turn is begun; what is left out comes from the chat or the configuration.
public struct TurnRequest: Sendable {
    /// What the person says.
    public var message: [ContentPart]
    /// The model.
    public var model: ModelReference?
    /// How much to think.
    public var reasoning: ReasoningEffort?
    /// How long to answer.
    public var verbosity: Verbosity?
    /// Who carries out what the model asks for.
    public var tools = ToolSource.server
    /// In place of the configured instructions.
    public var instructions: String?
    /// Results of tools that the caller carried out.
    public var results: [ToolResult] = []
    /// The caller's key.
    public var key: IdempotencyKey?
    /// This turn and all after it are superseded.
    public var replacing: TurnID?
    /// The message of the turn that is replaced is said once more, with its pictures; `message` is empty.
    public var repeatsMessage = false
    /// What the model is shown before the message, in place of the chat's own earlier turns.
    public var history: [ModelItem]?
    /// The turn before was stopped, failed or cancelled, and is to go on without a new message.
    public var isContinuation = false
    /// The caller alone can read the answer: when it or this server goes, nobody wants it any more.
    ///
    /// The caller says when it goes (``ChatService/abandon(_:)``); for the rest see ``TurnDraft/endsWithCaller``.
    public var endsWithCaller = false
    /// The door.
    public var door = CallDoor.chat

    /// Makes a request.
    public init(message: [ContentPart]) { self.message = message }

    /// The texts that are new with it.
    var said: [String] {
        [instructions, key?.rawValue].compactMap(\.self) + Self.texts(message)
            + results.flatMap { Self.texts($0) }
    }

    /// The texts of what came before, as the caller has it.
    var earlier: [String] {
        (history ?? []).flatMap { item -> [String] in
            switch item.content {
            case .user(let parts): Self.texts(parts)
            case .system(let text), .assistant(let text), .refusal(let text), .reasoning(let text): [text]
            case .toolCall(let call):
                switch call.request {
                case .function(_, let arguments): [arguments]
                case .shell(let commands, _, _): commands
                }
            case .toolResult(let result): Self.texts(result)
            }
        }
    }

    private static func texts(_ parts: [ContentPart]) -> [String] {
        parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
    }

    private static func texts(_ result: ToolResult) -> [String] {
        switch result.content {
        case .parts(let parts, _): texts(parts)
        case .shell(let commands, _): commands.flatMap { [$0.stdout, $0.stderr] }
        }
    }
}
