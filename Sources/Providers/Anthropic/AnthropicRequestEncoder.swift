internal import Core
internal import Domain

/// Writes a call as the body of `POST /v1/messages`.
struct AnthropicRequestEncoder {
    let provider: ProviderID
    let contract: AnthropicContract
    let capabilities: ModelCapabilities
    let streams: Bool
    /// The bound of answers when the request has none.
    let maximumOutputTokens: Int

    /// The JSON text, and the bound of the answer that stands in it: the interface wants one, with room to think.
    ///
    /// `continuing` are the blocks of a paused answer, which go back unchanged.
    func encode(_ request: ModelRequest, continuing: [[UInt8]] = []) throws(Failure) -> (
        bytes: [UInt8], maximumOutputTokens: Int
    ) {
        let functions = try request.tools.functions(of: provider)
        var messages = AnthropicMessageEncoder(
            contract: contract,
            takesImages: capabilities.images,
            caches: request.cacheKey != nil
        )
        messages.encode(Transcript(request.items))
        if !continuing.isEmpty { messages.append(role: .assistant, blocks: continuing) }
        let limit = request.maximumOutputTokens ?? maximumOutputTokens
        let thinking = AnthropicThinking(request, capabilities, limit: limit, messages.loopLacksThoughts)
        let system = systemTexts(request, leading: messages.leadingSystem)
        var json = JSONWriter(capacity: messages.size + 4_096)
        json.object { json in
            json.key("model")
            json.string(request.model)
            json.key("max_tokens")
            json.integer(thinking.limit)
            json.key("stream")
            json.bool(streams)
            if !system.isEmpty {
                json.key("system")
                write(system, caches: request.cacheKey != nil, to: &json)
            }
            json.key("messages")
            json.raw(messages.bytes)
            writeTools(functions, of: request, named: messages.calledFunctions, to: &json)
            thinking.write(to: &json)
            writeOutput(request, effort: thinking.effort, to: &json)
            writeSampling(request, isThinking: thinking.isOn, to: &json)
        }
        return (json.bytes, thinking.limit)
    }

    private func systemTexts(_ request: ModelRequest, leading: [String]) -> [String] {
        var texts = [request.instructions ?? ""] + leading
        if request.format == .jsonObject {
            texts.append("Answer with one JSON object and nothing else.")
        }
        return texts.filter { !$0.trimmed.isEmpty }
    }

    private func write(_ system: [String], caches: Bool, to json: inout JSONWriter) {
        json.array { json in
            for (position, text) in system.enumerated() {
                json.object { json in
                    json.key("type")
                    json.string("text")
                    json.key("text")
                    json.string(text)
                    if caches, position == system.count - 1 {
                        json.key("cache_control")
                        json.raw(Array(#"{"type":"ephemeral"}"#.utf8))
                    }
                }
            }
        }
    }

    private func writeTools(
        _ functions: [FunctionTool],
        of request: ModelRequest,
        named called: [String],
        to json: inout JSONWriter
    ) {
        // A history with calls needs tools, also when none may be called any more.
        guard !functions.isEmpty || !called.isEmpty else { return }
        json.key("tools")
        json.array { json in
            for function in functions { write(function, to: &json) }
            if functions.isEmpty {
                for name in called {
                    write(FunctionTool(name: name, description: "", parameters: .null), to: &json)
                }
            }
        }
        var choice: [String: JSONValue]? =
            switch request.toolChoice {
            case _ where functions.isEmpty: ["type": .string("none")]
            case .automatic: request.parallelToolCalls == nil ? nil : ["type": .string("auto")]
            case .none: ["type": .string("none")]
            case .required: ["type": .string("any")]
            case .function(let name): ["type": .string("tool"), "name": .string(name)]
            }
        if let parallel = request.parallelToolCalls, choice?["type"] != .string("none") {
            choice?["disable_parallel_tool_use"] = .bool(!parallel)
        }
        if let choice {
            json.key("tool_choice")
            JSONValue.object(choice).write(to: &json)
        }
    }

    private func write(_ function: FunctionTool, to json: inout JSONWriter) {
        var schema = function.parameters.object ?? [:]
        schema["type"] = .string("object")
        json.object { json in
            json.key("name")
            json.string(function.name)
            if !function.description.isEmpty {
                json.key("description")
                json.string(function.description)
            }
            json.key("input_schema")
            JSONValue.object(schema).write(to: &json)
            if function.isStrict {
                json.key("strict")
                json.bool(true)
            }
        }
    }

    private func writeOutput(_ request: ModelRequest, effort: String?, to json: inout JSONWriter) {
        var output: [String: JSONValue] = [:]
        if let effort { output["effort"] = .string(effort) }
        if case .jsonSchema(_, let schema, _) = request.format {
            output["format"] = .object(["type": .string("json_schema"), "schema": schema])
        }
        guard !output.isEmpty else { return }
        json.key("output_config")
        JSONValue.object(output).write(to: &json)
    }

    private func writeSampling(_ request: ModelRequest, isThinking: Bool, to json: inout JSONWriter) {
        let stops = request.stop.filter { !$0.trimmed.isEmpty }
        if !stops.isEmpty {
            json.key("stop_sequences")
            JSONValue.array(stops.map(JSONValue.string)).write(to: &json)
        }
        guard contract == .classic, !isThinking else { return }
        // Its models refuse both at a time.
        if let temperature = request.temperature {
            json.key("temperature")
            json.number(min(max(temperature, 0), 1))
        } else if let topP = request.topP {
            json.key("top_p")
            json.number(topP)
        }
    }
}
