internal import Core
internal import Domain

/// What is particular to OpenAI's Responses API.
enum ResponsesDialect {
    /// The name of its items' native form.
    static let name = ProviderKind.openAIResponses.rawValue

    /// What a model's name says of it, for models that are not configured.
    static func implied(_ model: String, settings: ProviderSettings) -> ModelCapabilities {
        let isOpenAI = settings.baseURL.hasPrefix("https://api.openai.com/")
        let version = version(of: model)
        let isOld = ["gpt-3", "gpt-4", "chatgpt-"].contains { model.hasPrefix($0) }
        return ModelCapabilities(
            // The shell tool came after the first models of the fifth generation.
            shellTool: isOpenAI && (version.map { $0 > 5 } ?? false),
            images: true,
            reasoning: !isOld,
            contextWindow: version.map { $0 >= 5 } ?? false ? 400_000 : 128_000
        )
    }

    /// The number in a name such as `gpt-5.6-sol`.
    private static func version(of model: String) -> Double? {
        guard model.hasPrefix("gpt-") else { return nil }
        return Double(model.dropFirst(4).prefix { $0.isASCII && $0.isNumber || $0 == "." })
    }

    /// What a response consumed.
    static func usage(_ json: JSONValue?) -> TokenUsage? {
        guard let json, json.object != nil else { return nil }
        return TokenUsage(
            input: json["input_tokens"]?.count ?? 0,
            cachedInput: json["input_tokens_details"]?["cached_tokens"]?.count ?? 0,
            output: json["output_tokens"]?.count ?? 0,
            reasoning: json["output_tokens_details"]?["reasoning_tokens"]?.count ?? 0
        )
    }
}
