/// Tokens that a call consumed.
public struct TokenUsage: Sendable, Equatable {
    /// All input tokens.
    public var input: Int
    /// Those of the input that came from a cache.
    public var cachedInput: Int
    /// All output tokens.
    public var output: Int
    /// Those of the output that were thinking.
    public var reasoning: Int

    /// Makes a value.
    public init(input: Int = 0, cachedInput: Int = 0, output: Int = 0, reasoning: Int = 0) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
        self.reasoning = reasoning
    }

    /// Input and output.
    public var total: Int { input + output }

    /// The sum of two.
    public static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: left.input + right.input,
            cachedInput: left.cachedInput + right.cachedInput,
            output: left.output + right.output,
            reasoning: left.reasoning + right.reasoning
        )
    }
}

/// Why a model stopped.
public enum FinishReason: String, Sendable, CaseIterable {
    /// It said all.
    case stop
    /// It waits for results of tools.
    case toolCalls = "tool_calls"
    /// The most tokens were produced; calls at the end may be cut and are not handed out.
    case length
    /// The provider held something back.
    case contentFilter = "content_filter"
    /// It declined.
    case refusal
    /// Something else, which is treated like `stop`.
    case other
}

/// What happens while a model answers.
///
/// Deltas are for showing; ``item(_:)`` is what counts: the complete text, thought or call, also when deltas said
/// otherwise.
public enum ModelEvent: Sendable, Equatable {
    /// The provider accepted the call; with its own id for it.
    case started(responseID: String?)
    /// More text of the answer.
    case textDelta(String)
    /// More of a refusal.
    case refusalDelta(String)
    /// More of what it thinks, as far as the provider shows it.
    case reasoningDelta(String)
    /// A call begins to appear; `index` counts the calls of this answer from 0.
    case toolCallBegan(index: Int, name: String)
    /// More of a call: of its arguments as JSON text (`command` nil), or of one command of the shell tool.
    case toolCallDelta(index: Int, command: Int?, text: String)
    /// A complete item, in the order of the answer.
    case item(ModelItem)
    /// A picture the model made.
    case image(ImageContent)
    /// What the call consumed so far in all; the last one counts.
    case usage(TokenUsage)
    /// The end; nothing comes after it.
    case finished(FinishReason)
}
