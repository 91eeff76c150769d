internal import Core
internal import Domain

/// The counts of an answer: each event replaces those that it names.
struct AnthropicUsage {
    private var fresh = 0
    private var written = 0
    private var read = 0
    private var output = 0
    private var thinking = 0

    mutating func take(_ usage: JSONValue?) {
        guard let usage else { return }
        Self.take(usage["input_tokens"], &fresh)
        Self.take(usage["cache_creation_input_tokens"], &written)
        Self.take(usage["cache_read_input_tokens"], &read)
        Self.take(usage["output_tokens"], &output)
        Self.take(usage["output_tokens_details"]?["thinking_tokens"], &thinking)
    }

    var domain: TokenUsage {
        TokenUsage(input: fresh + written + read, cachedInput: read, output: output, reasoning: thinking)
    }

    private static func take(_ value: JSONValue?, _ count: inout Int) {
        if let number = value?.integer { count = Int(clamping: max(0, number)) }
    }
}

/// Errors of Anthropic, which have no status within a stream.
enum AnthropicError {
    static func read(_ value: JSONValue) -> VendorError {
        var error = VendorError(json: value)
        let type = (value["error"] ?? value)["type"]?.string ?? ""
        error.status = error.status ?? status(of: type)
        return error
    }

    /// The status that the same error has as an answer.
    private static func status(of type: String) -> Int {
        switch type {
        case "invalid_request_error": 400
        case "authentication_error": 401
        case "billing_error": 402
        case "permission_error": 403
        case "not_found_error": 404
        case "conflict": 409
        case "request_too_large": 413
        case "rate_limit_error": 429
        case "timeout_error": 504
        case "overloaded_error": 529
        default: 500
        }
    }
}
