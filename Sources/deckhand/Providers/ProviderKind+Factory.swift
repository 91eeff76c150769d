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
                keyName: "OPENAI_API_KEY"
            )
        case .openAIChat, .codex, .scripted: nil
        case .anthropic:
            ProviderVendor(
                id: "anthropic",
                name: "Anthropic",
                baseURL: "https://api.anthropic.com",
                keyName: "ANTHROPIC_API_KEY"
            )
        case .gemini:
            ProviderVendor(
                id: "gemini",
                name: "Gemini",
                baseURL: "https://generativelanguage.googleapis.com",
                keyName: "GEMINI_API_KEY"
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
}
