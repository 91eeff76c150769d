internal import Core
internal import Domain

/// Makes events of what the app-server says about one turn.
///
/// A turn of the program goes on over several answers of ours: it ends one each time it asks for tools, and waits.
struct CodexTurnReader: Sendable {
    /// How the program's turn ended.
    enum End: Sendable, Equatable {
        case completed
        case interrupted
        case failed(CodexTrouble)
    }

    /// A tool that the program waits for.
    struct OpenCall: Sendable, Equatable {
        /// Its request.
        let request: JSONValue
        /// The call's id.
        let id: String
    }

    /// How it ended; nil before.
    private(set) var end: End?
    /// What it waits for.
    private(set) var openCalls: [OpenCall] = []
    /// Something came of the present answer.
    private(set) var hasContent = false
    /// The tokens of the present answer; nil while none were counted.
    private(set) var usage: TokenUsage?
    private var total = TokenUsage()
    private var counted = TokenUsage()
    private var finishedItems: Set<String> = []
    private var calls = 0

    /// Begins the next answer: the results were handed over.
    mutating func resume() {
        openCalls = []
        calls = 0
        hasContent = false
        usage = nil
        counted = total
    }

    /// Takes in a request for a tool.
    mutating func take(call request: JSONValue, _ parameters: JSONValue) -> [ModelEvent] {
        guard let id = parameters["callId"]?.string, let name = parameters["tool"]?.string else { return [] }
        let arguments = String(decoding: (parameters["arguments"] ?? .object([:])).bytes, as: UTF8.self)
        openCalls.append(OpenCall(request: request, id: id))
        hasContent = true
        defer { calls += 1 }
        return [
            .toolCallBegan(index: calls, name: name),
            .toolCallDelta(index: calls, command: nil, text: arguments),
            .item(
                ModelItem(.toolCall(ToolCall(id: id, request: .function(name: name, arguments: arguments))))
            ),
        ]
    }

    /// Takes in something that happened.
    mutating func take(_ method: String, _ parameters: JSONValue) -> [ModelEvent] {
        switch method {
        case "item/agentMessage/delta":
            guard let text = parameters["delta"]?.string, !text.isEmpty else { return [] }
            hasContent = true
            return [.textDelta(text)]
        case "item/reasoning/summaryTextDelta":
            guard let text = parameters["delta"]?.string, !text.isEmpty else { return [] }
            return [.reasoningDelta(text)]
        case "item/completed": return completed(parameters["item"] ?? .null)
        case "thread/tokenUsage/updated":
            guard let json = parameters["tokenUsage"]?["total"] else { return [] }
            total = TokenUsage(
                input: json["inputTokens"]?.count ?? 0,
                cachedInput: json["cachedInputTokens"]?.count ?? 0,
                output: json["outputTokens"]?.count ?? 0,
                reasoning: json["reasoningOutputTokens"]?.count ?? 0
            )
            let tokens = TokenUsage(
                input: total.input - counted.input,
                cachedInput: total.cachedInput - counted.cachedInput,
                output: total.output - counted.output,
                reasoning: total.reasoning - counted.reasoning
            )
            usage = tokens
            return [.usage(tokens)]
        case "turn/completed":
            let turn = parameters["turn"] ?? .null
            end =
                switch turn["status"]?.string {
                case "completed": .completed
                case "interrupted": .interrupted
                default: .failed(CodexTrouble(turn["error"] ?? .null))
                }
            return []
        default: return []
        }
    }

    private mutating func completed(_ item: JSONValue) -> [ModelEvent] {
        // A stream that the program asked for again repeats its items.
        guard finishedItems.insert(item["id"]?.string ?? "").inserted else { return [] }
        switch item["type"]?.string {
        case "agentMessage":
            guard let text = item["text"]?.string, !text.isEmpty else { return [] }
            hasContent = true
            return [.item(ModelItem(.assistant(text)))]
        case "reasoning":
            let text = (item["summary"]?.array ?? []).compactMap(\.string).joined(separator: "\n\n")
            return text.isEmpty ? [] : [.item(ModelItem(.reasoning(text)))]
        default: return []
        }
    }
}
