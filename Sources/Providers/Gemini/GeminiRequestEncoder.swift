internal import Core
internal import Domain

/// Writes a call as the body of `models/…:streamGenerateContent`.
struct GeminiRequestEncoder {
    /// What thinking leaves of the bound of an answer.
    private static let answerTokens = 1_024

    let provider: ProviderID
    let capabilities: ModelCapabilities

    /// The JSON text; throws `tool_unsupported` for tools that the interface does not have.
    func encode(_ request: ModelRequest) throws(Failure) -> [UInt8] {
        let functions = try request.tools.functions(of: provider)
        var contents = GeminiContentEncoder(takesImages: capabilities.images)
        contents.encode(Transcript(request.items))
        let system = ([request.instructions ?? ""] + contents.leadingSystem).filter { !$0.isEmpty }
        var json = JSONWriter(capacity: contents.size + 4_096)
        json.object { json in
            json.key("contents")
            json.raw(contents.bytes)
            if !system.isEmpty {
                json.key("systemInstruction")
                JSONValue.object(["parts": .array(system.map { .object(["text": .string($0)]) })])
                    .write(to: &json)
            }
            writeTools(functions, choice: request.toolChoice, to: &json)
            let generation = generation(of: request)
            if !generation.isEmpty {
                json.key("generationConfig")
                JSONValue.object(generation).write(to: &json)
            }
        }
        return json.bytes
    }

    private func writeTools(_ functions: [FunctionTool], choice: ToolChoice, to json: inout JSONWriter) {
        guard !functions.isEmpty else { return }
        let declarations = functions.map { function in
            JSONValue.object([
                "name": .string(function.name),
                "description": .string(function.description),
                "parametersJsonSchema": GeminiSchema.cleaned(function.parameters),
            ])
        }
        json.key("tools")
        JSONValue.array([.object(["functionDeclarations": .array(declarations)])]).write(to: &json)
        var calling: [String: JSONValue] = [:]
        switch choice {
        case .automatic: return
        case .none: calling["mode"] = .string("NONE")
        case .required: calling["mode"] = .string("ANY")
        case .function(let name):
            calling["mode"] = .string("ANY")
            calling["allowedFunctionNames"] = .array([.string(name)])
        }
        json.key("toolConfig")
        JSONValue.object(["functionCallingConfig": .object(calling)]).write(to: &json)
    }

    private func generation(of request: ModelRequest) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        if let limit = request.maximumOutputTokens { result["maxOutputTokens"] = .integer(Int64(limit)) }
        if let temperature = request.temperature { result["temperature"] = .number(temperature) }
        if let topP = request.topP { result["topP"] = .number(topP) }
        if !request.stop.isEmpty {
            result["stopSequences"] = .array(request.stop.prefix(5).map(JSONValue.string))
        }
        switch request.format {
        case .text: break
        case .jsonObject: result["responseMimeType"] = .string("application/json")
        case .jsonSchema(_, let schema, _):
            result["responseMimeType"] = .string("application/json")
            result["responseJsonSchema"] = GeminiSchema.cleaned(schema)
        }
        if capabilities.reasoning, let thinking = thinking(request) {
            result["thinkingConfig"] = .object(thinking)
        }
        return result
    }

    private func thinking(_ request: ModelRequest) -> [String: JSONValue]? {
        let style = GeminiModel(request.model).thinking
        if style == .none { return nil }
        var result: [String: JSONValue] = [:]
        result["includeThoughts"] = .bool(request.reasoning != ReasoningEffort.none)
        guard let effort = request.reasoning else { return result }
        switch style {
        case .none: return nil
        case .level: result["thinkingLevel"] = .string(Self.level(of: effort))
        case .budget(let minimum):
            // Thoughts count towards the bound of the answer, which needs some of it for itself.
            let most = request.maximumOutputTokens.map { $0 - Self.answerTokens } ?? .max
            result["thinkingBudget"] = .integer(Int64(max(minimum, min(Self.budget(of: effort), most))))
        }
        return result
    }

    private static func level(of effort: ReasoningEffort) -> String {
        switch effort {
        case .none, .minimal: "MINIMAL"
        case .low: "LOW"
        case .medium: "MEDIUM"
        case .high: "HIGH"
        case .xhigh: "XHIGH"
        }
    }

    private static func budget(of effort: ReasoningEffort) -> Int {
        switch effort {
        case .none: 0
        case .minimal: 512
        case .low: 1_024
        case .medium: 8_192
        case .high, .xhigh: 24_576
        }
    }
}
