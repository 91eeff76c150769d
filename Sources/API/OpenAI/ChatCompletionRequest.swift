internal import Core
internal import Domain

/// What is asked for at `/v1/chat/completions`.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/create.
struct ChatCompletionRequest: Sendable {
    /// The model, as the caller names it; nil for the standard one.
    let model: String?
    let streams: Bool
    /// The last chunk tells what was used.
    let includesUsage: Bool
    /// What is asked of the model, whose own name is filled in later.
    let request: ModelRequest

    init(_ body: OpenAIFields, for principal: PrincipalID) throws(FieldFailure) {
        model = try body.text("model")
        streams = try body.flag("stream") ?? false
        includesUsage = try body.object("stream_options")?.flag("include_usage") ?? false
        if try body.whole("n", 0...Int64.max) ?? 1 > 1 {
            throw body.unsupported(
                "n",
                "This server gives one answer at a time.",
                "Leave 'n' out, and ask again."
            )
        }
        for legacy in ["functions", "function_call"] where body.has(legacy) {
            throw body.unsupported(
                legacy,
                "The field '\(legacy)' is not taken.",
                "Send 'tools' and 'tool_choice' instead."
            )
        }
        var messages = ChatMessages()
        guard let list = try body.objects("messages", atMost: OpenAIParts.maximumItems), !list.isEmpty else {
            throw body.missing("messages")
        }
        for message in list { try messages.add(message) }
        var request = ModelRequest(
            model: "",
            instructions: messages.instructions,
            items: messages.items,
            context: CallContext(principal: principal, door: .openai)
        )
        try OpenAIParts.steer(&request, body)
        let older = try body.whole("max_tokens", 1...Int64(Int32.max))
        request.maximumOutputTokens = try body.whole("max_completion_tokens", 1...Int64(Int32.max)) ?? older
        request.reasoning = try OpenAIParts.effort("reasoning_effort", of: body)
        request.verbosity = try OpenAIParts.verbosity("verbosity", of: body)
        request.stop = try Self.stop(body)
        request.format = try Self.format(body)
        try Self.tools(body, &request)
        self.request = request
    }

    private static func stop(_ body: OpenAIFields) throws(FieldFailure) -> [String] {
        guard let value = body["stop"] else { return [] }
        if let text = value.string { return [text] }
        let texts = (value.array ?? []).compactMap(\.string)
        guard let count = value.array?.count, count == texts.count, count <= 16 else {
            throw body.wrong("stop", "a text or a list of at most 16 texts")
        }
        return texts
    }

    private static func format(_ body: OpenAIFields) throws(FieldFailure) -> ResponseFormat {
        guard let format = try body.object("response_format") else { return .text }
        switch try format.text("type") {
        case "text", nil: return .text
        case "json_object": return .jsonObject
        case "json_schema":
            guard let schema = try format.object("json_schema") else { throw format.missing("json_schema") }
            return try OpenAIParts.schema(schema)
        default: throw format.wrong("type", "one of text, json_object, json_schema")
        }
    }

    private static func tools(_ body: OpenAIFields, _ request: inout ModelRequest) throws(FieldFailure) {
        for tool in try body.objects("tools", atMost: OpenAIParts.maximumTools) ?? [] {
            guard try tool.text("type") ?? "function" == "function" else {
                throw tool.unsupported(
                    "type",
                    "Only tools of the type 'function' are taken here.",
                    "Send functions."
                )
            }
            guard let function = try tool.object("function") else { throw tool.missing("function") }
            request.tools.append(.function(try OpenAIParts.function(function)))
        }
        guard let choice = body["tool_choice"] else { return }
        switch choice.string {
        case "auto": request.toolChoice = .automatic
        case "none": request.toolChoice = .none
        case "required": request.toolChoice = .required
        case nil:
            guard let object = try body.object("tool_choice") else { return }
            if try object.text("type") == "allowed_tools" {
                let allowed = try object.object("allowed_tools") ?? object
                let names = try allowed.objects("tools", atMost: OpenAIParts.maximumTools) ?? []
                let all = names.compactMap { $0["function"]?["name"]?.string ?? $0["name"]?.string }
                return OpenAIParts.allow(try allowed.text("mode"), Set(all), in: &request)
            }
            guard let function = try object.object("function") else { throw object.missing("function") }
            request.toolChoice = .function(try function.requiredText("name"))
        default: throw body.wrong("tool_choice", "auto, none, required or a function")
        }
    }
}

/// Reads the messages of a conversation.
private struct ChatMessages {
    private(set) var instructions: String?
    private(set) var items: [ModelItem] = []
    private var names: [String: String] = [:]

    mutating func add(_ message: OpenAIFields) throws(FieldFailure) {
        switch try message.text("role") {
        case "system", "developer":
            let text = try OpenAIParts.text("content", of: message)
            if items.isEmpty {
                instructions = instructions.map { $0 + "\n\n" + text } ?? text
            } else {
                items.append(ModelItem(.system(text)))
            }
        case "user": items.append(ModelItem(.user(try OpenAIParts.content("content", of: message))))
        case "assistant": try addAnswer(message)
        case "tool":
            let call = try message.requiredText("tool_call_id")
            let parts = try OpenAIParts.content("content", of: message)
            let result = ToolResult(
                callID: call,
                name: names[call] ?? "",
                content: .parts(parts, isError: false)
            )
            items.append(ModelItem(.toolResult(result)))
        case nil: throw message.missing("role")
        default: throw message.wrong("role", "one of system, developer, user, assistant, tool")
        }
    }

    private mutating func addAnswer(_ message: OpenAIFields) throws(FieldFailure) {
        for field in ["reasoning_content", "reasoning"] {
            guard let thought = message[field]?.string, !thought.isEmpty else { continue }
            // Some servers want it back under the name under which it came.
            let native = NativeItem(
                dialect: "chat-completions",
                json: JSONValue.object(["field": .string(field)]).bytes
            )
            items.append(ModelItem(.reasoning(thought), native: native))
            break
        }
        let text = try OpenAIParts.text("content", of: message)
        if !text.isEmpty { items.append(ModelItem(.assistant(text))) }
        if let refusal = try message.text("refusal") { items.append(ModelItem(.refusal(refusal))) }
        for call in try message.objects("tool_calls", atMost: OpenAIParts.maximumItems) ?? [] {
            guard let function = try call.object("function") else {
                throw call.unsupported("type", "Only calls of functions are taken here.", "Send functions.")
            }
            let id = try call.requiredText("id")
            let name = try function.requiredText("name")
            names[id] = name
            let arguments = try function.text("arguments") ?? "{}"
            let request = ToolCall.Request.function(name: name, arguments: arguments)
            items.append(
                ModelItem(.toolCall(ToolCall(id: id, request: request)), native: CallExtra.native(of: call))
            )
        }
    }
}
