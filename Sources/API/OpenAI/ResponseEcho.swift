internal import Core
internal import Domain

/// The members of a request that its response repeats, complete, as strict readers want them.
struct ResponseEcho: Sendable {
    private let request: ModelRequest
    private let truncation: String
    private let metadata: JSONValue
    private let toolChoice: JSONValue
    private let tools: [JSONValue]
    private let format: JSONValue
    private let summary: JSONValue
    private let effort: JSONValue
    private let maximumToolCalls: JSONValue
    private let safetyIdentifier: JSONValue

    init(_ body: OpenAIFields, _ request: ModelRequest) {
        self.request = request
        truncation = body["truncation"]?.string == "auto" ? "auto" : "disabled"
        metadata = body["metadata"].flatMap { $0.object == nil ? nil : $0 } ?? .object([:])
        toolChoice = body["tool_choice"] ?? .string("auto")
        tools = (body["tools"]?.array ?? []).map(Self.complete)
        format = body["text"]?["format"].map(Self.completeFormat) ?? .object(["type": .string("text")])
        summary = body["reasoning"]?["summary"] ?? .null
        effort = body["reasoning"]?["effort"] ?? .null
        maximumToolCalls = body["max_tool_calls"] ?? .null
        safetyIdentifier = body["safety_identifier"] ?? .null
    }

    private static func complete(_ tool: JSONValue) -> JSONValue {
        guard var members = tool.object, tool["type"]?.string == "function" else { return tool }
        for name in ["description", "parameters", "strict"] where members[name] == nil {
            members[name] = .null
        }
        return .object(members)
    }

    private static func completeFormat(_ format: JSONValue) -> JSONValue {
        guard var members = format.object, format["type"]?.string == "json_schema" else { return format }
        if members["description"] == nil { members["description"] = .null }
        if members["strict"] == nil { members["strict"] = .bool(false) }
        return .object(members)
    }

    func write(to json: inout JSONWriter) {
        json.key("previous_response_id")
        json.null()
        json.key("instructions")
        optional(request.instructions.map(JSONValue.string), to: &json)
        json.key("tools")
        JSONValue.array(tools).write(to: &json)
        json.key("tool_choice")
        toolChoice.write(to: &json)
        json.member("truncation", truncation)
        json.key("parallel_tool_calls")
        json.bool(request.parallelToolCalls ?? true)
        json.key("text")
        json.object { json in
            json.key("format")
            format.write(to: &json)
            json.member("verbosity", (request.verbosity ?? .medium).rawValue)
        }
        json.key("top_p")
        json.number(request.topP ?? 1)
        json.key("temperature")
        json.number(request.temperature ?? 1)
        for name in ["presence_penalty", "frequency_penalty"] as [StaticString] {
            json.key(name)
            json.number(0)
        }
        json.key("top_logprobs")
        json.integer(0)
        json.key("reasoning")
        json.object { json in
            json.key("effort")
            effort.write(to: &json)
            json.key("summary")
            summary.write(to: &json)
        }
        json.key("max_output_tokens")
        optional(request.maximumOutputTokens.map { .integer(Int64($0)) }, to: &json)
        json.key("max_tool_calls")
        maximumToolCalls.write(to: &json)
        for name in ["store", "background"] as [StaticString] {
            json.key(name)
            json.bool(false)
        }
        json.member("service_tier", "default")
        json.key("metadata")
        metadata.write(to: &json)
        json.key("safety_identifier")
        safetyIdentifier.write(to: &json)
        json.key("prompt_cache_key")
        optional(request.cacheKey.map(JSONValue.string), to: &json)
    }

    private func optional(_ value: JSONValue?, to json: inout JSONWriter) {
        (value ?? .null).write(to: &json)
    }
}
