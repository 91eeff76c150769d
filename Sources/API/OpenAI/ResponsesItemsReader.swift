internal import Core
internal import Domain

/// Reads the `input` of a response: a text, or the items of a conversation, output items of earlier responses among them.
struct ResponsesItemsReader {
    /// Opens thoughts that the caller was handed.
    private let seal: ThoughtSeal
    private(set) var items: [ModelItem] = []
    private var names: [String: String] = [:]
    /// The items of the answer that is being read, and where its thoughts belong in it.
    private var answer: [ModelItem] = []
    private var thoughts: [(item: ModelItem, position: Int)] = []

    init(_ seal: ThoughtSeal) { self.seal = seal }

    mutating func read(_ body: OpenAIFields) throws(FieldFailure) {
        guard let input = body["input"] else { throw body.missing("input") }
        if let text = input.string {
            items = [ModelItem(.user([.text(text)]))]
            return
        }
        let list = try body.objects("input", atMost: OpenAIParts.maximumItems) ?? []
        guard !list.isEmpty else { throw body.missing("input") }
        for item in list { try add(item) }
        endAnswer()
    }

    private mutating func add(_ item: OpenAIFields) throws(FieldFailure) {
        switch try item.text("type") {
        case "message", nil: try addMessage(item)
        case "reasoning": addReasoning(item)
        case "function_call":
            let id = try item.requiredText("call_id")
            let name = try item.requiredText("name")
            names[id] = name
            let arguments = try item.text("arguments") ?? "{}"
            let call = ToolCall(id: id, request: .function(name: name, arguments: arguments))
            answer.append(ModelItem(.toolCall(call), native: CallExtra.native(of: item)))
        case "shell_call": try addShellCall(item)
        case "function_call_output":
            let id = try item.requiredText("call_id")
            let parts = try OpenAIParts.content("output", of: item)
            endAnswer()
            addResult(id, .parts(parts, isError: false))
        case "shell_call_output": try addShellOutput(item)
        case "item_reference":
            throw item.unsupported(
                "type",
                "This server stores no items that could be referred to.",
                "Send the item itself."
            )
        // Items of tools that only others have; a conversation that was begun elsewhere goes on without them.
        default: break
        }
    }

    private mutating func addMessage(_ item: OpenAIFields) throws(FieldFailure) {
        switch try item.text("role") {
        case "user":
            endAnswer()
            items.append(ModelItem(.user(try OpenAIParts.content("content", of: item))))
        case "system", "developer":
            endAnswer()
            items.append(ModelItem(.system(try OpenAIParts.text("content", of: item))))
        case "assistant":
            let text = try OpenAIParts.text("content", of: item)
            if !text.isEmpty { answer.append(ModelItem(.assistant(text))) }
        case nil: throw item.missing("role")
        default: throw item.wrong("role", "one of user, assistant, system, developer")
        }
    }

    /// A thought that we handed out goes back as it was; one that we do not know is no error.
    private mutating func addReasoning(_ item: OpenAIFields) {
        let summary = (item["summary"]?.array ?? []).compactMap { $0["text"]?.string }.joined(
            separator: "\n\n"
        )
        if let sealed = item["encrypted_content"]?.string, let thought = seal.thought(sealed) {
            thoughts.append((ModelItem(.reasoning(summary), native: thought.native), thought.position))
        } else if !summary.isEmpty {
            answer.append(ModelItem(.reasoning(summary)))
        }
    }

    private mutating func addShellCall(_ item: OpenAIFields) throws(FieldFailure) {
        let id = try item.requiredText("call_id")
        names[id] = "shell"
        let action = try item.object("action")
        let commands = (action?["commands"]?.array ?? []).compactMap(\.string)
        let timeout = try action?.whole("timeout_ms", 0...Int64(Int32.max)) ?? 0
        let most = try action?.whole("max_output_length", 0...Int64(Int32.max))
        let request = ToolCall.Request.shell(
            commands: commands,
            timeout: timeout > 0 ? .milliseconds(timeout) : nil,
            maximumOutput: most
        )
        answer.append(ModelItem(.toolCall(ToolCall(id: id, request: request))))
    }

    private mutating func addShellOutput(_ item: OpenAIFields) throws(FieldFailure) {
        var results: [ShellCommandResult] = []
        for entry in try item.objects("output", atMost: OpenAIParts.maximumItems) ?? [] {
            let outcome = try entry.object("outcome")
            let code = try outcome?.whole("exit_code", Int64(Int32.min)...Int64(Int32.max)) ?? 0
            results.append(
                ShellCommandResult(
                    stdout: try entry.text("stdout") ?? "",
                    stderr: try entry.text("stderr") ?? "",
                    outcome: try outcome?.text("type") == "timeout" ? .timeout : .exit(code: code)
                )
            )
        }
        let most = try item.whole("max_output_length", 0...Int64(Int32.max))
        endAnswer()
        addResult(try item.requiredText("call_id"), .shell(results, maximumOutput: most))
    }

    private mutating func addResult(_ call: String, _ content: ToolResult.Content) {
        let result = ToolResult(callID: call, name: names[call] ?? "", content: content)
        items.append(ModelItem(.toolResult(result)))
    }

    /// The answer goes into the conversation, its thoughts where the provider had them.
    private mutating func endAnswer() {
        for (item, position) in thoughts.sorted(by: { $0.position < $1.position }) {
            answer.insert(item, at: min(position, answer.count))
        }
        if case .toolResult? = items.last?.content, answer.isEmpty { return }
        items += Self.afterThoughts(answer)
        answer = []
        thoughts = []
    }

    /// Where a provider's own form of a thought is sent again, the form of what it led to has to be there, too.
    private static func afterThoughts(_ answer: [ModelItem]) -> [ModelItem] {
        var dialect: String?
        return answer.map { item in
            guard item.native == nil else {
                dialect = item.native?.dialect
                return item
            }
            guard dialect == ThoughtSeal.responses, let json = plain(item) else { return item }
            return ModelItem(
                item.content,
                native: NativeItem(dialect: ThoughtSeal.responses, json: json)
            )
        }
    }

    /// The item as the interface knows it, without a name of ours.
    private static func plain(_ item: ModelItem) -> [UInt8]? {
        switch item.content {
        case .assistant(let text):
            return JSONValue.object(["role": .string("assistant"), "content": .string(text)]).bytes
        case .toolCall(let call):
            guard case .function(let name, let arguments) = call.request else { return nil }
            return JSONValue.object([
                "type": .string("function_call"), "call_id": .string(call.id), "name": .string(name),
                "arguments": .string(arguments),
            ]).bytes
        default: return nil
        }
    }
}
