internal import Core
internal import Domain
internal import HTTPServer

/// Writes answers of `/v1/chat/completions`.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/streaming; what stream helpers of clients add to that: the
/// role, and each call's id and name, come once, and usage in the last chunk only.
struct ChatCompletionWriter: AnswerWriter {
    let id: String
    let created: Int64
    let model: String
    let includesUsage: Bool
    private var hasRole = false

    init(id: String, created: Int64, model: String, includesUsage: Bool) {
        self.id = id
        self.created = created
        self.model = model
        self.includesUsage = includesUsage
    }

    // MARK: Chunks

    mutating func begin() -> [SSEEvent] { [] }

    mutating func events(for step: AnswerAssembler.Step, of answer: AnswerAssembler) -> [SSEEvent] {
        switch step {
        case .opened(let position): opened(position, answer.outputs[position])
        case .text(let position, let text): [more(text, answer.outputs[position])]
        case .refusal(_, let text): [delta { $0.member("refusal", text) }]
        case .closed(let position): closed(answer.outputs[position])
        // The interface has no shell tool.
        case .command: []
        }
    }

    mutating func end(_ answer: AnswerAssembler) -> [SSEEvent] {
        var events =
            hasRole
            ? []
            : [
                delta {
                    $0.key("content"); $0.string("")
                }
            ]
        events.append(
            chunk { json in
                json.array { json in
                    choice(finish: Self.finish(answer), to: &json) { $0.object { _ in } }
                }
            }
        )
        if includesUsage { events.append(chunk(usage: answer.usage) { $0.array { _ in } }) }
        return events + [SSEEvent(data: "[DONE]")]
    }

    func failed(_ error: PresentedError, _ answer: AnswerAssembler) -> [SSEEvent] {
        var json = JSONWriter()
        json.object { json in
            json.key("error")
            OpenAIErrors.write(error, to: &json)
        }
        return [SSEEvent(json: json)]
    }

    private mutating func opened(_ position: Int, _ output: AnswerAssembler.Output) -> [SSEEvent] {
        switch output.kind {
        case .message: return hasRole ? [] : [delta { $0.member("content", "") }]
        case .reasoning, .shell: return []
        case .image:
            return [
                delta { json in
                    json.key("images")
                    Self.write([output], to: &json)
                }
            ]
        case .function:
            let hadRole = hasRole
            let id = callID(output)
            return [
                delta { json in
                    if !hadRole {
                        json.key("content")
                        json.null()
                    }
                    Self.calls(output, to: &json) { json in
                        json.member("id", id)
                        json.member("type", "function")
                        json.key("function")
                        json.object { json in
                            json.member("name", output.name)
                            json.member("arguments", "")
                        }
                    }
                }
            ]
        }
    }

    private mutating func more(_ text: String, _ output: AnswerAssembler.Output) -> SSEEvent {
        switch output.kind {
        case .function:
            delta { json in
                Self.calls(output, to: &json) { json in
                    json.key("function")
                    json.object { $0.member("arguments", text) }
                }
            }
        case .reasoning: delta { $0.member("reasoning_content", text) }
        case .message, .shell, .image: delta { $0.member("content", text) }
        }
    }

    /// What has to go back with a call is known once the provider has given it whole.
    private mutating func closed(_ output: AnswerAssembler.Output) -> [SSEEvent] {
        guard output.kind == .function, output.isWhole, CallExtra.value(of: output.native) != nil else {
            return []
        }
        return [delta { json in Self.calls(output, to: &json) { CallExtra.write(output.native, to: &$0) } }]
    }

    private static func calls(
        _ output: AnswerAssembler.Output,
        to json: inout JSONWriter,
        _ members: (inout JSONWriter) -> Void
    ) {
        json.key("tool_calls")
        json.array { json in
            json.object { json in
                json.key("index")
                json.integer(output.call ?? 0)
                members(&json)
            }
        }
    }

    /// A chunk with a delta; the first one has the role.
    private mutating func delta(_ members: (inout JSONWriter) -> Void) -> SSEEvent {
        let isFirst = !hasRole
        hasRole = true
        return chunk { json in
            json.array { json in
                choice(finish: nil, to: &json) { json in
                    json.object { json in
                        if isFirst { json.member("role", "assistant") }
                        members(&json)
                    }
                }
            }
        }
    }

    private func choice(
        finish: String?,
        to json: inout JSONWriter,
        _ delta: (inout JSONWriter) -> Void
    ) {
        json.object { json in
            json.key("index")
            json.integer(0)
            json.key("delta")
            delta(&json)
            json.key("logprobs")
            json.null()
            json.key("finish_reason")
            json.optional(finish)
        }
    }

    private func chunk(usage: TokenUsage? = nil, _ choices: (inout JSONWriter) -> Void) -> SSEEvent {
        var json = JSONWriter()
        json.object { json in
            head("chat.completion.chunk", to: &json)
            json.key("choices")
            choices(&json)
            if let usage {
                Self.write(usage, to: &json)
            } else if includesUsage {
                json.key("usage")
                json.null()
            }
        }
        return SSEEvent(json: json)
    }

    // MARK: The whole

    func whole(_ answer: AnswerAssembler) -> [UInt8] {
        var json = JSONWriter(capacity: 1_024)
        json.object { json in
            head("chat.completion", to: &json)
            json.key("choices")
            json.array { json in
                json.object { json in
                    json.key("index")
                    json.integer(0)
                    json.key("message")
                    message(answer, to: &json)
                    json.key("logprobs")
                    json.null()
                    json.key("finish_reason")
                    json.string(Self.finish(answer))
                }
            }
            Self.write(answer.usage, to: &json)
        }
        return json.line()
    }

    private func message(_ answer: AnswerAssembler, to json: inout JSONWriter) {
        let messages = answer.outputs.filter { $0.kind == .message }
        let text = messages.map(\.text).joined()
        let refusal = messages.map(\.refusal).joined()
        let thought = answer.outputs.filter { $0.kind == .reasoning }.map(\.text).joined()
        let calls = answer.outputs.filter { $0.kind == .function && $0.isWhole }
        let images = answer.outputs.filter { $0.kind == .image }
        json.object { json in
            json.member("role", "assistant")
            json.key("content")
            if text.isEmpty, !calls.isEmpty || !refusal.isEmpty { json.null() } else { json.string(text) }
            json.key("refusal")
            if refusal.isEmpty { json.null() } else { json.string(refusal) }
            if !thought.isEmpty { json.member("reasoning_content", thought) }
            if !images.isEmpty {
                json.key("images")
                Self.write(images, to: &json)
            }
            guard !calls.isEmpty else { return }
            json.key("tool_calls")
            json.array { json in
                for call in calls {
                    json.object { json in
                        json.member("id", callID(call))
                        json.member("type", "function")
                        json.key("function")
                        json.object { json in
                            json.member("name", call.name)
                            json.member("arguments", call.text)
                        }
                        CallExtra.write(call.native, to: &json)
                    }
                }
            }
        }
    }

    // MARK: Parts

    private func callID(_ output: AnswerAssembler.Output) -> String {
        OpenAIIDs.call(output.call ?? 0, of: id)
    }

    private func head(_ object: String, to json: inout JSONWriter) {
        json.member("id", id)
        json.member("object", object)
        json.key("created")
        json.integer(created)
        json.member("model", model)
    }

    static func finish(_ answer: AnswerAssembler) -> String {
        switch answer.reason {
        case .length: "length"
        case .contentFilter: "content_filter"
        case .stop, .toolCalls, .refusal, .other: answer.hasCalls ? "tool_calls" : "stop"
        }
    }

    private static func write(_ usage: TokenUsage, to json: inout JSONWriter) {
        json.key("usage")
        json.object { json in
            json.key("prompt_tokens")
            json.integer(usage.input)
            json.key("completion_tokens")
            json.integer(usage.output)
            json.key("total_tokens")
            json.integer(usage.total)
            json.key("prompt_tokens_details")
            json.object { json in
                json.key("cached_tokens")
                json.integer(usage.cachedInput)
            }
            json.key("completion_tokens_details")
            json.object { json in
                json.key("reasoning_tokens")
                json.integer(usage.reasoning)
            }
        }
    }

    /// Pictures that the model made, in the form that other servers of this interface use.
    private static func write(_ outputs: [AnswerAssembler.Output], to json: inout JSONWriter) {
        json.array { json in
            for case .some(let image) in outputs.map(\.image) {
                json.object { json in
                    json.member("type", "image_url")
                    json.key("image_url")
                    json.object { json in
                        json.member("url", "data:\(image.mediaType);base64,\(Base64.encode(image.bytes))")
                    }
                }
            }
        }
    }
}

/// Names of what an answer consists of.
enum OpenAIIDs {
    /// The name of a call, which clients send back with its result.
    static func call(_ number: Int, of answer: String) -> String { "call_\(tail(answer))_\(number)" }

    /// What is an answer's own in its name.
    static func tail(_ answer: String) -> Substring {
        answer.drop { $0 != "-" && $0 != "_" }.dropFirst()
    }
}
