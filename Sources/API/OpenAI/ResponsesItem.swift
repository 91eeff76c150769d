internal import Core
internal import Domain

/// An output item of a response.
struct ResponsesItem: Sendable {
    let output: AnswerAssembler.Output
    let position: Int
    /// The response's name.
    let response: String
    /// As it is when it begins, without its contents.
    var isAdded = false
    /// Seals thoughts for the caller who takes them in the provider's own form; nil for one who does not.
    let seal: ThoughtSeal?

    /// The item's name; always the same for the same place.
    static func name(_ position: Int, of response: String) -> String {
        "item_\(OpenAIIDs.tail(response))_\(position)"
    }

    /// Text comes before a refusal.
    static func refusalIndex(_ output: AnswerAssembler.Output) -> Int { output.text.isEmpty ? 0 : 1 }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", Self.name(position, of: response))
            switch output.kind {
            case .message: message(&json)
            case .reasoning: reasoning(&json)
            case .function: function(&json)
            case .shell: shell(&json)
            case .image:
                json.member("type", "image_generation_call")
                json.member("status", status)
                json.key("result")
                if let image = output.image, !isAdded {
                    json.string(Base64.encode(image.bytes))
                } else {
                    json.null()
                }
            }
        }
    }

    private var status: String { isAdded ? "in_progress" : output.isWhole ? "completed" : "incomplete" }

    private func message(_ json: inout JSONWriter) {
        json.member("type", "message")
        json.member("status", status)
        json.member("role", "assistant")
        json.key("content")
        json.array { json in
            guard !isAdded else { return }
            if !output.text.isEmpty { Self.textPart(output.text, to: &json) }
            if !output.refusal.isEmpty { Self.refusalPart(output.refusal, to: &json) }
        }
    }

    private func reasoning(_ json: inout JSONWriter) {
        json.member("type", "reasoning")
        json.key("summary")
        json.array { json in
            if !isAdded, !output.text.isEmpty { Self.summaryPart(output.text, to: &json) }
        }
        guard let seal, !isAdded, let native = output.native else { return }
        json.member(
            "encrypted_content",
            seal.text(of: ThoughtSeal.Thought(native: native, position: output.rank ?? position))
        )
    }

    private func function(_ json: inout JSONWriter) {
        json.member("type", "function_call")
        json.member("status", status)
        json.member("call_id", OpenAIIDs.call(output.call ?? 0, of: response))
        json.member("name", output.name)
        json.member("arguments", isAdded ? "" : output.text)
        if !isAdded { CallExtra.write(output.native, to: &json) }
    }

    private func shell(_ json: inout JSONWriter) {
        json.member("type", "shell_call")
        json.member("status", status)
        json.member("call_id", OpenAIIDs.call(output.call ?? 0, of: response))
        json.key("environment")
        json.null()
        json.key("action")
        json.object { json in
            json.key("commands")
            json.array { json in
                guard !isAdded else { return }
                for command in output.commands { json.string(command) }
            }
            json.key("timeout_ms")
            if let timeout = output.timeout {
                json.integer(Int64(timeout / .milliseconds(1)))
            } else {
                json.null()
            }
            json.key("max_output_length")
            json.optional(output.maximumOutput)
        }
    }

    // MARK: Parts

    static func textPart(_ text: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", "output_text")
            json.member("text", text)
            for name in ["annotations", "logprobs"] as [StaticString] {
                json.key(name)
                json.array { _ in }
            }
        }
    }

    static func refusalPart(_ text: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", "refusal")
            json.member("refusal", text)
        }
    }

    static func summaryPart(_ text: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", "summary_text")
            json.member("text", text)
        }
    }
}
