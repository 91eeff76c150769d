internal import Core
internal import Domain

/// One block of an answer while it arrives.
struct AnthropicBlock {
    /// As it began, with what came since where it has a field for it.
    private(set) var json: [String: JSONValue]
    /// The arguments of a call as they came.
    private(set) var arguments = ""
    /// The number of the call; nil for other blocks.
    let callIndex: Int?
    /// It ended.
    var isClosed = false

    init(_ value: JSONValue, callIndex: Int?) {
        json = value.object ?? [:]
        self.callIndex = callIndex
    }

    var type: String { json["type"]?.string ?? "" }

    /// What is shown when it begins.
    var opening: [ModelEvent] {
        switch type {
        case "text": Self.delta(json["text"], ModelEvent.textDelta)
        case "thinking": Self.delta(json["thinking"], ModelEvent.reasoningDelta)
        case "tool_use":
            if let callIndex {
                [.toolCallBegan(index: callIndex, name: json["name"]?.string ?? "")]
            } else {
                []
            }
        default: []
        }
    }

    mutating func take(_ delta: JSONValue) -> [ModelEvent] {
        switch delta["type"]?.string {
        case "text_delta":
            append(delta["text"], to: "text")
            return Self.delta(delta["text"], ModelEvent.textDelta)
        case "thinking_delta":
            append(delta["thinking"], to: "thinking")
            return Self.delta(delta["thinking"], ModelEvent.reasoningDelta)
        case "signature_delta":
            append(delta["signature"], to: "signature")
        case "citations_delta":
            guard let citation = delta["citation"] else { return [] }
            json["citations"] = .array((json["citations"]?.array ?? []) + [citation])
        case "input_json_delta":
            let text = delta["partial_json"]?.string ?? ""
            arguments += text
            if let callIndex, !text.isEmpty {
                return [.toolCallDelta(index: callIndex, command: nil, text: text)]
            }
        default: break
        }
        return []
    }

    /// The arguments as JSON text; nil when they are not whole.
    ///
    /// Some servers give them with the beginning of the block, and none give any for a function without.
    var wholeArguments: String? {
        if arguments.trimmed.isEmpty {
            let given = json["input"] ?? .object([:])
            return given.object == nil ? nil : String(decoding: given.bytes, as: UTF8.self)
        }
        guard let value = try? LenientJSON.parse(arguments), value.object != nil else { return nil }
        return arguments.trimmed
    }

    /// The block as it goes back to Anthropic.
    var native: JSONValue {
        var members = json
        if ["tool_use", "server_tool_use"].contains(type), !arguments.isEmpty,
            let value = try? LenientJSON.parse(arguments)
        {
            members["input"] = value
        }
        return .object(members)
    }

    /// The block as an item; nil for an empty one.
    ///
    /// `isCut`: the answer ended within its last block.
    func item(isCut: Bool) -> ModelItem? {
        let kept = NativeItem(dialect: Anthropic.dialect, json: native.bytes)
        switch type {
        case "text":
            let text = json["text"]?.string ?? ""
            return text.isEmpty ? nil : ModelItem(.assistant(text))
        case "thinking":
            return ModelItem(.reasoning(json["thinking"]?.string ?? ""), native: isCut ? nil : kept)
        case "tool_use":
            guard let arguments = wholeArguments ?? (isCut ? nil : arguments) else { return nil }
            if isCut, self.arguments.isEmpty, json["input"]?.object?.isEmpty != false { return nil }
            let name = json["name"]?.string ?? ""
            let id = json["id"]?.string ?? ""
            let call = ToolCall(
                id: id.isEmpty ? MadeCallID.make() : id,
                request: .function(name: name, arguments: arguments)
            )
            let isPlain = Set(json.keys).isSubset(of: ["type", "id", "name", "input"])
            return ModelItem(.toolCall(call), native: isPlain ? nil : kept)
        default:
            // Such as `redacted_thinking`: nothing to show, and missed when it does not go back.
            return ModelItem(.reasoning(""), native: kept)
        }
    }

    private mutating func append(_ text: JSONValue?, to field: String) {
        json[field] = .string((json[field]?.string ?? "") + (text?.string ?? ""))
    }

    private static func delta(_ text: JSONValue?, _ event: (String) -> ModelEvent) -> [ModelEvent] {
        guard let text = text?.string, !text.isEmpty else { return [] }
        return [event(text)]
    }
}
