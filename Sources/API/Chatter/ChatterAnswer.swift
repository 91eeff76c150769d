internal import Core
internal import Domain

/// What a turn answered, in the shape of a vendor's response, which the panel assistant reads.
struct ChatterAnswer: Sendable {
    /// An element of `output`.
    enum Item: Sendable, Equatable {
        case message(id: String, text: String)
        case shellCall(id: String, ToolCall, commands: [String])
        /// A call of something that was not offered.
        case functionCall(id: String, callID: String, name: String, arguments: String)
    }

    let turn: Turn
    /// The client's name for the chat.
    let chatKey: String
    /// The model as the client named it.
    let model: String
    private(set) var output: [Item] = []
    private(set) var usage = TokenUsage()
    /// How the turn ended; nil while it works.
    private(set) var end: (state: TurnState, failure: Failure?)?

    init(turn: Turn, chatKey: String, model: String) {
        self.turn = turn
        self.chatKey = chatKey
        self.model = model
    }

    /// Takes a fact of the turn in; returns the items that it completed.
    @discardableResult mutating func take(_ body: ChatEventBody) -> [Item] {
        switch body {
        case .modelFinished(_, let items, _, let used):
            usage = usage + used
            let new = self.items(of: items)
            output += new
            return new
        case .turnFinished(let state, let used, let failure):
            usage = used
            end = (state, failure)
            return []
        default: return []
        }
    }

    /// The message that comes next in the output has this id.
    var nextMessageID: String { "msg_\(turn.id.rawValue)_\(output.count)" }

    /// The texts of one answer are one message, and come before its calls: so they are streamed.
    private func items(of items: [ModelItem]) -> [Item] {
        var text = ""
        var calls: [ToolCall] = []
        for item in items {
            switch item.content {
            case .assistant(let more), .refusal(let more): text += more
            case .toolCall(let call): calls.append(call)
            default: break
            }
        }
        var result: [Item] = text.isEmpty ? [] : [.message(id: nextMessageID, text: text)]
        for call in calls {
            let place = "\(turn.id.rawValue)_\(output.count + result.count)"
            if let commands = ChatterConversation.commands(of: call) {
                result.append(.shellCall(id: "sh_\(place)", call, commands: commands))
            } else if case .function(let name, let arguments) = call.request {
                result.append(
                    .functionCall(id: "fc_\(place)", callID: call.id, name: name, arguments: arguments)
                )
            }
        }
        return result
    }

    /// All that was said.
    var text: String {
        output.compactMap { item in if case .message(_, let text) = item { text } else { nil } }
            .joined(separator: "\n\n")
    }

    // MARK: Shape

    /// Writes the response object as it stands.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.string("resp_\(turn.id.rawValue)")
            writer.key("object")
            writer.string("response")
            writer.key("created_at")
            writer.integer(turn.created.seconds)
            writer.key("status")
            writer.string(status)
            writer.key("model")
            writer.string(model)
            writer.key("output")
            writer.array { writer in for item in output { Self.write(item, to: &writer) } }
            writer.key("output_text")
            writer.string(text)
            writer.key("error")
            writer.null()
            writer.key("incomplete_details")
            if status == "incomplete" {
                writer.object { writer in
                    writer.key("reason")
                    writer.string("max_output_tokens")
                }
            } else {
                writer.null()
            }
            writer.key("parallel_tool_calls")
            writer.bool(true)
            writer.key("tool_choice")
            writer.string("auto")
            writer.key("tools")
            writer.array { _ in }
            if end != nil {
                writer.key("usage")
                Self.write(usage, to: &writer)
            }
            writer.key("chat")
            writer.string(chatKey)
        }
    }

    private var status: String {
        guard let end else { return "in_progress" }
        return end.failure == nil ? "completed" : "incomplete"
    }

    static func write(_ item: Item, to writer: inout JSONWriter) {
        writer.object { writer in
            switch item {
            case .message(let id, let text):
                writeHead("message", id, isComplete: true, to: &writer)
                writer.key("role")
                writer.string("assistant")
                writer.key("content")
                writer.array { writer in write(part: text, to: &writer) }
            case .shellCall(let id, let call, let commands):
                writeHead("shell_call", id, isComplete: true, to: &writer)
                writeShell(call, commands, to: &writer)
            case .functionCall(let id, let callID, let name, let arguments):
                writeHead("function_call", id, isComplete: true, to: &writer)
                writer.key("call_id")
                writer.string(callID)
                writer.key("name")
                writer.string(name)
                writer.key("arguments")
                writer.string(arguments)
            }
        }
    }

    /// An item that has only begun.
    static func write(begun item: Item, to writer: inout JSONWriter) {
        writer.object { writer in
            switch item {
            case .message(let id, _):
                writeHead("message", id, isComplete: false, to: &writer)
                writer.key("role")
                writer.string("assistant")
                writer.key("content")
                writer.array { _ in }
            case .shellCall(let id, let call, _):
                writeHead("shell_call", id, isComplete: false, to: &writer)
                writeShell(call, [], to: &writer)
            case .functionCall(let id, let callID, let name, _):
                writeHead("function_call", id, isComplete: false, to: &writer)
                writer.key("call_id")
                writer.string(callID)
                writer.key("name")
                writer.string(name)
                writer.key("arguments")
                writer.string("")
            }
        }
    }

    /// A part of a message.
    static func write(part text: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            writer.string("output_text")
            writer.key("text")
            writer.string(text)
            writer.key("annotations")
            writer.array { _ in }
            writer.key("logprobs")
            writer.array { _ in }
        }
    }

    private static func writeHead(
        _ type: String,
        _ id: String,
        isComplete: Bool,
        to writer: inout JSONWriter
    ) {
        writer.key("id")
        writer.string(id)
        writer.key("type")
        writer.string(type)
        writer.key("status")
        writer.string(isComplete ? "completed" : "in_progress")
    }

    private static func writeShell(_ call: ToolCall, _ commands: [String], to writer: inout JSONWriter) {
        var limits: (Int64?, Int?) = (nil, nil)
        if case .shell(_, let timeout, let maximum) = call.request {
            limits = (timeout?.inMilliseconds, maximum)
        }
        writer.key("call_id")
        writer.string(call.id)
        writer.key("environment")
        writer.null()
        writer.key("action")
        writer.object { writer in
            writer.key("commands")
            writer.array { writer in for command in commands { writer.string(command) } }
            writer.key("timeout_ms")
            writer.optional(limits.0)
            writer.key("max_output_length")
            writer.optional(limits.1)
        }
    }

    private static func write(_ usage: TokenUsage, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("input_tokens")
            writer.integer(usage.input)
            writer.key("input_tokens_details")
            writer.object { writer in
                writer.key("cached_tokens")
                writer.integer(usage.cachedInput)
                writer.key("cache_write_tokens")
                writer.integer(0)
            }
            writer.key("output_tokens")
            writer.integer(usage.output)
            writer.key("output_tokens_details")
            writer.object { writer in
                writer.key("reasoning_tokens")
                writer.integer(usage.reasoning)
            }
            writer.key("total_tokens")
            writer.integer(usage.total)
        }
    }
}
