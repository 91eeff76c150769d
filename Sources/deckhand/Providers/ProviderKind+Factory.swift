import Domain
import Providers

/// Makes a provider from its settings.
typealias ProviderFactory = @Sendable (ProviderSettings, ProviderServices) -> any ModelProvider

extension ProviderKind {
    /// What makes providers of this kind; nil where it takes more than settings.
    var factory: ProviderFactory? {
        switch self {
        case .openAIResponses: { makeOpenAIResponsesProvider($0, $1) }
        case .openAIChat: { makeChatCompletionsProvider($0, $1) }
        case .anthropic: { makeAnthropicProvider($0, $1) }
        case .gemini: { makeGeminiProvider($0, $1) }
        case .codex: nil
        case .scripted: { makeScriptedProvider($0, $1) }
        }
    }

    /// The vendor whose own interface it is; nil for an interface of many.
    var vendor: ProviderVendor? {
        switch self {
        case .openAIResponses:
            ProviderVendor(
                id: "openai",
                name: "OpenAI",
                baseURL: "https://api.openai.com/v1",
                keyName: "OPENAI_API_KEY",
                modelName: "OPENAI_MODEL",
                defaultModel: "gpt-5.1"
            )
        case .openAIChat, .codex, .scripted: nil
        case .anthropic:
            ProviderVendor(
                id: "anthropic",
                name: "Anthropic",
                baseURL: "https://api.anthropic.com",
                keyName: "ANTHROPIC_API_KEY",
                modelName: "ANTHROPIC_MODEL",
                defaultModel: "claude-opus-5-5"
            )
        case .gemini:
            ProviderVendor(
                id: "gemini",
                name: "Gemini",
                baseURL: "https://generativelanguage.googleapis.com",
                keyName: "GEMINI_API_KEY",
                modelName: "GEMINI_MODEL",
                defaultModel: "gemini-3-pro"
            )
        }
    }
}

/// A vendor that is configured by nothing but a key.
struct ProviderVendor: Sendable {
    /// The provider's id when only the key is given.
    let id: String
    /// For people.
    let name: String
    /// Where its interface is.
    let baseURL: String
    /// The option that holds the key.
    let keyName: String
    /// The option that names the model which is used when nobody chooses.
    let modelName: String
    /// That model where nothing else is said.
    let defaultModel: String
}
