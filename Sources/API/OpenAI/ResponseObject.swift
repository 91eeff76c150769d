internal import Core
internal import Domain

/// A response as an object, with every member that strict readers ask for.
///
/// Source: https://platform.openai.com/docs/api-reference/responses/object and the schema of https://www.openresponses.org.
struct ResponseObject: Sendable {
    enum Status: String, Sendable {
        case inProgress = "in_progress"
        case completed, incomplete, failed

        init(_ answer: AnswerAssembler) {
            switch answer.reason {
            case .length, .contentFilter: self = .incomplete
            case .stop, .toolCalls, .refusal, .other: self = .completed
            }
        }
    }

    let id: String
    let created: Int64
    /// When it ended, in seconds of the epoch.
    let ended: Int64?
    let model: String
    let echo: ResponseEcho
    let seal: ThoughtSeal?
    let status: Status
    let error: PresentedError?

    func write(_ answer: AnswerAssembler, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("object", "response")
            json.key("created_at")
            json.integer(created)
            json.key("completed_at")
            json.optional(ended)
            json.member("status", status.rawValue)
            json.key("incomplete_details")
            if status == .incomplete {
                json.object { json in
                    json.member(
                        "reason",
                        answer.reason == .contentFilter ? "content_filter" : "max_output_tokens"
                    )
                }
            } else {
                json.null()
            }
            json.member("model", model)
            json.key("output")
            outputs(of: answer, to: &json)
            json.key("error")
            if let error { Self.write(error, to: &json) } else { json.null() }
            echo.write(to: &json)
            json.key("usage")
            if status == .inProgress || status == .failed {
                json.null()
            } else {
                Self.write(answer.usage, to: &json)
            }
        }
    }

    private func outputs(of answer: AnswerAssembler, to json: inout JSONWriter) {
        json.array { json in
            guard status != .failed else { return }
            for (position, output) in answer.outputs.enumerated() {
                ResponsesItem(
                    output: output,
                    position: position,
                    response: id,
                    seal: seal
                ).write(to: &json)
            }
        }
    }

    /// The interface has few codes of its own; ours stands in the text.
    private static func write(_ error: PresentedError, to json: inout JSONWriter) {
        json.object { json in
            let code =
                switch error.status {
                case 429: "rate_limit_exceeded"
                case 400..<500: "invalid_prompt"
                default: "server_error"
                }
            json.member("code", code)
            json.member("message", OpenAIErrors.message(of: error) + " (\(error.code))")
        }
    }

    private static func write(_ usage: TokenUsage, to json: inout JSONWriter) {
        json.object { json in
            json.key("input_tokens")
            json.integer(usage.input)
            json.key("input_tokens_details")
            json.object { json in
                json.key("cached_tokens")
                json.integer(usage.cachedInput)
                json.key("cache_write_tokens")
                json.integer(0)
            }
            json.key("output_tokens")
            json.integer(usage.output)
            json.key("output_tokens_details")
            json.object { json in
                json.key("reasoning_tokens")
                json.integer(usage.reasoning)
            }
            json.key("total_tokens")
            json.integer(usage.total)
        }
    }
}
