public import Core
public import Domain

/// The interfaces that are spoken.
public enum ProviderKind: String, Sendable, CaseIterable {
    /// OpenAI's Responses API.
    case openAIResponses = "openai-responses"
    /// Chat Completions, as OpenAI defined it and many servers speak it.
    case openAIChat = "openai-chat"
    /// Anthropic's Messages API.
    case anthropic
    /// Google's Gemini API.
    case gemini
    /// The Codex CLI, each user with an account of their own.
    case codex
    /// A script in place of a vendor, for trying a server out.
    case scripted
}

/// What is configured for one provider.
///
/// Not `Loggable`; key and header values are secrets.
public struct ProviderSettings: Sendable {
    /// The configured name.
    public var id: ProviderID
    /// The interface.
    public var kind: ProviderKind
    /// What paths are put behind, without a slash at the end; as the vendor's own clients take it.
    public var baseURL: String
    /// The key; nil for servers that want none.
    public var key: Secret<String>?
    /// Where the key comes from or is to be put, for people: an environment name or a file.
    public var keySource: String
    /// Fields that are sent with every request.
    public var headers: [ProviderHeader] = []
    /// What is known of models; others can be asked for as well.
    public var models: [ModelSettings] = []
    /// The model that is used when nobody chooses.
    public var defaultModel: String?
    /// What a scripted provider plays; nil for all others.
    public var script: ProviderScript?
    /// How it may be used; a user's own key goes before the deployment's.
    public var sources: Set<CredentialSource> = [.deployment]
    /// What is said of the Codex CLI; nil for all others.
    public var codex: CodexSettings?
    /// Limits of calls.
    public var limits = ProviderLimits()
    /// Answers are streamed; false for servers that cannot.
    public var streams = true

    /// Makes settings; slashes at the end of the URL are taken off.
    public init(id: ProviderID, kind: ProviderKind, baseURL: String, key: Secret<String>?, keySource: String)
    {
        self.id = id
        self.kind = kind
        var url = baseURL
        while url.hasSuffix("/") { url.removeLast() }
        self.baseURL = url
        self.key = key
        self.keySource = keySource
    }

    /// What is known of a model.
    public func model(_ name: String) -> ModelSettings? { models.first { $0.name == name } }

    /// What a model can do: as configured, else as the interface implies.
    public func capabilities(of model: String, implied: ModelCapabilities) -> ModelCapabilities {
        guard let known = self.model(model) else { return implied }
        return ModelCapabilities(
            shellTool: known.shellTool ?? implied.shellTool,
            images: known.images ?? implied.images,
            reasoning: known.reasoning ?? implied.reasoning,
            contextWindow: known.contextWindow ?? implied.contextWindow
        )
    }

    /// The effort to ask a model for: the wanted one if the model knows it, else the nearest above, else the most.
    public func effort(_ wanted: ReasoningEffort?, of model: String) -> ReasoningEffort? {
        guard let wanted, let known = self.model(model)?.efforts, !known.isEmpty else { return wanted }
        let order = ReasoningEffort.allCases
        let rank = { (effort: ReasoningEffort) in order.firstIndex(of: effort) ?? 0 }
        let sorted = known.sorted { rank($0) < rank($1) }
        return sorted.first { rank($0) >= rank(wanted) } ?? sorted.last
    }
}

/// A header field that is sent with every request.
public struct ProviderHeader: Sendable {
    /// The name.
    public var name: String
    /// The value, which may be a credential.
    public var value: Secret<String>

    /// Makes a field.
    public init(name: String, value: Secret<String>) {
        self.name = name
        self.value = value
    }
}

/// What is configured for a model; nil is what the interface implies.
public struct ModelSettings: Sendable, Equatable {
    /// As the provider calls it.
    public var name: String
    /// A name for people.
    public var title: String?
    /// Tokens that fit into one call.
    public var contextWindow: Int?
    /// The most tokens it may produce, when a request does not say.
    public var maximumOutputTokens: Int?
    /// It takes images.
    public var images: Bool?
    /// It has the interface's own shell tool.
    public var shellTool: Bool?
    /// It thinks as much as it is asked to.
    public var reasoning: Bool?
    /// The efforts that it knows; nil for all.
    public var efforts: [ReasoningEffort]?
    /// What it costs.
    public var price: ModelPrice?

    /// Makes settings that say nothing but the name.
    public init(name: String) { self.name = name }
}

/// Limits of a provider's calls.
public struct ProviderLimits: Sendable, Equatable {
    /// Until the head of an answer: models that are loaded first, or think first, take minutes.
    public var firstByte: Duration = .seconds(600)
    /// Without any byte while an answer arrives.
    public var silence: Duration = .seconds(300)
    /// Without anything but signs of life while an answer arrives.
    public var withoutContent: Duration = .seconds(900)
    /// How often a call is made again when the provider was busy or not there.
    public var retries = 2
    /// Bytes of one event of an answer; pictures come in one.
    public var eventBytes = 64 << 20
    /// Bytes of a whole answer.
    public var answerBytes = 512 << 20

    /// The defaults.
    public init() {}
}
