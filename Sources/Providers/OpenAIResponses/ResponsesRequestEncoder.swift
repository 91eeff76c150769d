internal import Core
internal import Domain

/// Writes the body of `POST /responses`: nothing is stored by the vendor, so reasoning comes back encrypted and is
/// replayed.
struct ResponsesRequestEncoder {
    let capabilities: ModelCapabilities
    let streams: Bool

    func body(of request: ModelRequest) -> [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.object { writer in
            writer.key("model")
            writer.string(request.model)
            if streams {
                writer.key("stream")
                writer.bool(true)
                writer.key("stream_options")
                writer.object { writer in
                    writer.key("include_obfuscation")
                    writer.bool(false)
                }
            }
            writer.key("store")
            writer.bool(false)
            if let instructions = request.instructions {
                writer.key("instructions")
                writer.string(instructions)
            }
            writer.key("input")
            ResponsesInputEncoder(takesImages: capabilities.images).write(request.items, to: &writer)
            tools(of: request, to: &writer)
            thinking(of: request, to: &writer)
            text(of: request, to: &writer)
            if let most = request.maximumOutputTokens {
                writer.key("max_output_tokens")
                writer.integer(most)
            }
            if let key = request.cacheKey {
                writer.key("prompt_cache_key")
                writer.string(key)
            }
        }
        return writer.bytes
    }

    private func tools(of request: ModelRequest, to writer: inout JSONWriter) {
        guard !request.tools.isEmpty else { return }
        writer.key("tools")
        writer.array { writer in
            for tool in request.tools {
                switch tool {
                case .shell:
                    writer.object { writer in
                        writer.key("type")
                        writer.string("shell")
                        writer.key("environment")
                        writer.object { writer in
                            writer.key("type")
                            writer.string("local")
                        }
                    }
                case .function(let tool): Self.function(tool, to: &writer)
                }
            }
        }
        writer.key("tool_choice")
        switch request.toolChoice {
        case .automatic: writer.string("auto")
        case .none: writer.string("none")
        case .required: writer.string("required")
        case .function(let name):
            let isShell = name == "shell" && request.tools.contains(.shell)
            writer.object { writer in
                writer.key("type")
                writer.string(isShell ? "shell" : "function")
                if !isShell {
                    writer.key("name")
                    writer.string(name)
                }
            }
        }
        if let parallel = request.parallelToolCalls {
            writer.key("parallel_tool_calls")
            writer.bool(parallel)
        }
    }

    private static func function(_ tool: FunctionTool, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            writer.string("function")
            writer.key("name")
            writer.string(tool.name)
            writer.key("description")
            writer.string(tool.description)
            writer.key("parameters")
            tool.parameters.write(to: &writer)
            writer.key("strict")
            writer.bool(tool.isStrict)
        }
    }

    private func thinking(of request: ModelRequest, to writer: inout JSONWriter) {
        if capabilities.reasoning {
            writer.key("reasoning")
            writer.object { writer in
                if let effort = request.reasoning {
                    writer.key("effort")
                    writer.string(effort.rawValue)
                }
                writer.key("summary")
                writer.string("auto")
            }
            writer.key("include")
            writer.array { $0.string("reasoning.encrypted_content") }
        }
        // Models that think refuse to be steered so.
        guard !capabilities.reasoning || request.reasoning == ReasoningEffort.none else { return }
        if let temperature = request.temperature {
            writer.key("temperature")
            writer.number(temperature)
        }
        if let topP = request.topP {
            writer.key("top_p")
            writer.number(topP)
        }
    }

    private func text(of request: ModelRequest, to writer: inout JSONWriter) {
        guard request.verbosity != nil || request.format != .text else { return }
        writer.key("text")
        writer.object { writer in
            if let verbosity = request.verbosity {
                writer.key("verbosity")
                writer.string(verbosity.rawValue)
            }
            switch request.format {
            case .text: break
            case .jsonObject:
                writer.key("format")
                writer.object { writer in
                    writer.key("type")
                    writer.string("json_object")
                }
            case .jsonSchema(let name, let schema, let isStrict):
                writer.key("format")
                writer.object { writer in
                    writer.key("type")
                    writer.string("json_schema")
                    writer.key("name")
                    writer.string(name)
                    writer.key("schema")
                    schema.write(to: &writer)
                    writer.key("strict")
                    writer.bool(isStrict)
                }
            }
        }
    }
}
