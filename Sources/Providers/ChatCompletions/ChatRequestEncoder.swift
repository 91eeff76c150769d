internal import Core
internal import Domain

/// Writes a call as the body of `POST …/chat/completions`.
struct ChatRequestEncoder {
    let provider: ProviderID
    let quirks: ChatQuirks
    let capabilities: ModelCapabilities
    let streams: Bool

    /// The JSON text; throws `tool_unsupported` for tools that the interface does not have.
    func encode(_ request: ModelRequest) throws(Failure) -> [UInt8] {
        let functions = try request.tools.functions(of: provider)
        let family = OpenAIModelFamily(request.model)
        var messages = ChatMessageEncoder(
            systemRole: family == .oSeries ? .user : quirks.systemRole,
            takesImages: capabilities.images,
            names: quirks.hasNineCharacterCallNames ? .nineCharacters() : .wordLike()
        )
        messages.encode(instructions: request.instructions, Transcript(request.items))
        var json = JSONWriter(capacity: messages.size + 4_096)
        json.object { json in
            json.key("model")
            json.string(request.model)
            json.key("messages")
            json.raw(messages.bytes)
            json.key("stream")
            json.bool(streams)
            if streams, quirks.asksForUsage {
                json.key("stream_options")
                json.raw(Array(#"{"include_usage":true}"#.utf8))
            }
            if let limit = request.maximumOutputTokens {
                json.key(dynamic: quirks.limitField.rawValue)
                json.integer(limit)
            }
            writeTools(functions, of: request, to: &json)
            writeStyle(of: request, family, to: &json)
            writeFormat(request.format, to: &json)
        }
        return json.bytes
    }

    private func writeTools(_ functions: [FunctionTool], of request: ModelRequest, to json: inout JSONWriter)
    {
        guard !functions.isEmpty else { return }
        json.key("tools")
        json.array { json in
            for function in functions {
                json.object { json in
                    json.key("type")
                    json.string("function")
                    json.key("function")
                    json.object { json in
                        json.key("name")
                        json.string(function.name)
                        json.key("description")
                        json.string(function.description)
                        json.key("parameters")
                        function.parameters.write(to: &json)
                        if function.isStrict {
                            json.key("strict")
                            json.bool(true)
                        }
                    }
                }
            }
        }
        switch request.toolChoice {
        case .automatic: break
        case .none: write("none", to: &json)
        case .required: write("required", to: &json)
        case .function(let name):
            json.key("tool_choice")
            JSONValue.object(["type": .string("function"), "function": .object(["name": .string(name)])])
                .write(to: &json)
        }
        if let parallel = request.parallelToolCalls {
            json.key("parallel_tool_calls")
            json.bool(parallel)
        }
    }

    private func write(_ choice: String, to json: inout JSONWriter) {
        json.key("tool_choice")
        json.string(choice)
    }

    private func writeStyle(of request: ModelRequest, _ family: OpenAIModelFamily, to json: inout JSONWriter)
    {
        if capabilities.reasoning, let effort = request.reasoning {
            let name = quirks.efforts[effort] ?? effort.rawValue
            if !name.isEmpty {
                json.key("reasoning_effort")
                json.string(name)
            }
        }
        if quirks.takesOpenAIFields {
            if let verbosity = request.verbosity, family == .thinking {
                json.key("verbosity")
                json.string(verbosity.rawValue)
            }
            if let cacheKey = request.cacheKey {
                json.key("prompt_cache_key")
                json.string(cacheKey)
            }
        }
        writeSampling(of: request, family, to: &json)
    }

    private func writeSampling(
        of request: ModelRequest,
        _ family: OpenAIModelFamily,
        to json: inout JSONWriter
    ) {
        switch family {
        case .oSeries:
            json.key("temperature")
            json.integer(1)
            json.key("top_p")
            json.integer(1)
        case .thinking where request.reasoning != ReasoningEffort.none:
            break
        case .thinking, .other:
            if let temperature = request.temperature {
                json.key("temperature")
                json.number(temperature)
            }
            if let topP = request.topP {
                json.key("top_p")
                json.number(topP)
            }
            if !request.stop.isEmpty {
                json.key("stop")
                JSONValue.array(request.stop.map(JSONValue.string)).write(to: &json)
            }
        }
    }

    private func writeFormat(_ format: ResponseFormat, to json: inout JSONWriter) {
        switch format {
        case .text: break
        case .jsonObject:
            json.key("response_format")
            json.raw(Array(#"{"type":"json_object"}"#.utf8))
        case .jsonSchema(let name, let schema, let isStrict):
            json.key("response_format")
            JSONValue.object([
                "type": .string("json_schema"),
                "json_schema": .object([
                    "name": .string(name), "schema": schema, "strict": .bool(isStrict),
                ]),
            ]).write(to: &json)
        }
    }
}
