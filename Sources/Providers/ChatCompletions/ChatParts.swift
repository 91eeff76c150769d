internal import Core
internal import Domain

/// Text and thoughts of a delta or message.
struct ChatContent {
    private(set) var text = ""
    private(set) var thoughts = ""
    /// The field that held the thoughts; empty when they were parts of the content.
    private(set) var thoughtField = ""

    init(_ delta: JSONValue) {
        for field in ChatThought.fields {
            guard let more = delta[field]?.string, !more.isEmpty else { continue }
            thoughts = more
            thoughtField = field
            break
        }
        switch delta["content"] {
        case .string(let more): text = more
        case .array(let parts): for part in parts { take(part) }
        default: break
        }
    }

    private mutating func take(_ part: JSONValue) {
        if let more = part["text"]?.string ?? part.string {
            text += more
        } else if let more = part["thinking"]?.string {
            thoughts += more
        } else {
            for inner in part["thinking"]?.array ?? [] { thoughts += inner["text"]?.string ?? "" }
        }
    }
}

/// The usage of a chunk.
enum ChatUsage {
    static func read(_ usage: JSONValue?) -> TokenUsage? {
        guard let usage, usage.object != nil else { return nil }
        let number: (JSONValue?) -> Int = { Int(clamping: $0?.integer ?? 0) }
        let cached =
            usage["prompt_tokens_details"]?["cached_tokens"] ?? usage["prompt_cache_hit_tokens"]
        return TokenUsage(
            input: number(usage["prompt_tokens"]),
            cachedInput: number(cached),
            output: number(usage["completion_tokens"]),
            reasoning: number(usage["completion_tokens_details"]?["reasoning_tokens"])
        )
    }
}

/// What a finish reason means, whoever's word it is.
enum ChatFinish: Equatable {
    case stop, toolCalls, length, contentFilter, other
    /// The server gave up.
    case failed(String)

    /// nil for a stream that only said that it is over.
    init(_ reason: String?) {
        switch reason?.lowercased() {
        case nil, "stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete": self = .stop
        case "tool_calls", "function_call", "tool_use": self = .toolCalls
        case "length", "max_tokens", "model_length", "context_length": self = .length
        case "content_filter", "safety", "recitation", "blocklist", "prohibited_content", "spii":
            self = .contentFilter
        case "insufficient_system_resource":
            self = .failed("It ran out of resources in the middle of an answer.")
        case "error", "abort", "aborted", "cancelled":
            self = .failed("It broke off in the middle of an answer.")
        default: self = .other
        }
    }

    /// Whether it is a turn of tools is decided by calls, because servers say `stop` as well.
    func domain(hasCalls: Bool, isRefusal: Bool) -> FinishReason {
        switch self {
        case .length: .length
        case .contentFilter: .contentFilter
        case .stop, .toolCalls, .other, .failed:
            if hasCalls {
                .toolCalls
            } else if isRefusal {
                .refusal
            } else if self == .other {
                .other
            } else {
                .stop
            }
        }
    }
}
