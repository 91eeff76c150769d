public import Domain

/// In what servers that speak Chat Completions differ when they are asked.
///
/// What they answer is read leniently whoever they are.
public struct ChatQuirks: Sendable, Equatable {
    /// The name of the bound of the answer.
    public enum LimitField: String, Sendable, CaseIterable {
        /// What most servers know.
        case maxTokens = "max_tokens"
        /// What OpenAI wants.
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// How instructions are handed over.
    public enum SystemRole: String, Sendable, CaseIterable {
        case system, developer
        /// As if the person had said it, for models that take neither of the others.
        case user
    }

    /// The name of the bound of the answer.
    public var limitField = LimitField.maxTokens
    /// How instructions are handed over.
    public var systemRole = SystemRole.system
    /// The server knows `verbosity` and `prompt_cache_key`.
    public var takesOpenAIFields = false
    /// The server knows `stream_options`; without it most do not say what was used.
    public var asksForUsage = true
    /// The names of efforts, where they differ from ours; an empty one leaves the field out.
    public var efforts: [ReasoningEffort: String] = [:]
    /// Calls must have names of nine letters and digits.
    public var hasNineCharacterCallNames = false

    /// What a server that nobody knows is likely to take.
    public init() {}

    /// What the server at a base URL takes, as far as its host or port says.
    public init(baseURL: String) {
        let parts = baseURL.lowercased().split(separator: "/", omittingEmptySubsequences: true)
        let host = parts.count > 1 ? parts[1] : ""
        if host == "api.openai.com" || host.hasSuffix(".openai.azure.com") {
            limitField = .maxCompletionTokens
            takesOpenAIFields = true
        } else if host.hasSuffix(":11434") {
            efforts = [.minimal: "low", .xhigh: "max"]
        } else if host.hasSuffix("mistral.ai") {
            hasNineCharacterCallNames = true
            efforts = [.minimal: "", .low: "", .medium: "", .xhigh: "high"]
        } else if host.hasSuffix("deepseek.com") {
            efforts = [.none: "", .minimal: "low", .xhigh: "max"]
        } else if host.hasSuffix("api.x.ai") {
            efforts = [.none: "", .minimal: "low", .xhigh: "high"]
        }
    }
}

/// What is known of OpenAI's models by their names.
enum OpenAIModelFamily: Equatable {
    /// o1, o3, o4-mini…: temperature and top_p are 1, and there are no system messages.
    case oSeries
    /// gpt-5 and later, which refuse sampling settings while they think.
    case thinking
    case other

    init(_ model: String) {
        let name = model.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if name.first == "o", name.dropFirst().first?.isWholeNumber == true {
            self = .oSeries
        } else if name.hasPrefix("gpt-"), let major = Int(name.dropFirst(4).prefix { $0.isWholeNumber }),
            major >= 5,
            !name.contains("chat")
        {
            self = .thinking
        } else {
            self = .other
        }
    }
}
