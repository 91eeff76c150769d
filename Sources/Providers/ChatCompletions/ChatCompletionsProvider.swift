internal import Core
public import Domain

/// A server that speaks Chat Completions.
struct ChatCompletionsProvider: ModelProvider {
    let settings: ProviderSettings
    let quirks: ChatQuirks
    private let call: ProviderCall

    init(_ settings: ProviderSettings, _ services: ProviderServices, quirks: ChatQuirks) {
        self.settings = settings
        self.quirks = quirks
        call = ProviderCall(settings, services)
    }

    var id: ProviderID { settings.id }
    var defaultModel: String? { settings.defaultModel }

    /// Efforts are sent to models that are known to think, because others refuse them.
    func capabilities(of model: String) -> ModelCapabilities {
        let thinks = OpenAIModelFamily(model) != .other || model.lowercased().contains("gpt-oss")
        return settings.capabilities(of: model, implied: ModelCapabilities(reasoning: thinks))
    }

    func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let request = call.fitted(request)
        let encoder = ChatRequestEncoder(
            provider: id,
            quirks: quirks,
            capabilities: capabilities(of: request.model),
            streams: settings.streams
        )
        try await call.streamPatiently(
            VendorRequest(
                "/chat/completions",
                headers: headers,
                body: encoder.encode(request)
            ),
            model: request.model,
            context: request.context,
            size: CallSize(request),
            decoder: ChatStreamDecoder(call.failures),
            receive
        )
    }

    /// The list of the interface, or Ollama's own where a server has no other.
    func models() async throws -> [ModelDescription] {
        do {
            let answer = try await call.json(VendorRequest("/models", headers: headers))
            if let list = answer["data"]?.array ?? answer.array { return ChatModelList.read(list) }
            throw call.failures.malformed("it is no list of models")
        } catch let error as Failure
            where ["provider_route_missing", "model_not_found", "provider_answer_malformed"].contains(
                error.code
            )
        {
            guard let list = try? await ollamaModels() else { throw error }
            return list
        }
    }

    private func ollamaModels() async throws -> [ModelDescription] {
        var root = settings
        if root.baseURL.hasSuffix("/v1") { root.baseURL.removeLast(3) }
        let answer = try await ProviderCall(root, call.services)
            .json(VendorRequest("/api/tags", headers: headers))
        guard let list = answer["models"]?.array else {
            throw call.failures.malformed("it is no list of models")
        }
        return ChatModelList.readOllama(list)
    }

    private var headers: [(name: String, value: String)] {
        settings.key.map { [("Authorization", "Bearer " + $0.reveal())] } ?? []
    }
}

/// Lists of models.
enum ChatModelList {
    /// `GET /models`, with the bounds that servers add to it.
    static func read(_ list: [JSONValue]) -> [ModelDescription] {
        list.compactMap { model in
            guard let name = model["id"]?.string, !name.isEmpty else { return nil }
            let window =
                model["context_length"] ?? model["max_model_len"] ?? model["context_window"]
                ?? model["max_context_length"] ?? model["meta"]?["n_ctx_train"]
            return ModelDescription(
                name: name,
                contextWindow: window?.integer.map { Int(clamping: $0) },
                created: model["created"]?.integer
            )
        }
    }

    /// Ollama's `GET /api/tags`.
    static func readOllama(_ list: [JSONValue]) -> [ModelDescription] {
        list.compactMap { model in
            guard let name = (model["model"] ?? model["name"])?.string, !name.isEmpty else { return nil }
            return ModelDescription(
                name: name,
                contextWindow: model["details"]?["context_length"]?.integer.map { Int(clamping: $0) }
            )
        }
    }
}

/// Makes a provider for any server that speaks Chat Completions; nothing is connected yet.
///
/// The base URL is what `/chat/completions` is put behind, such as `https://api.openai.com/v1`. Without `quirks` they are
/// guessed from it.
public func makeChatCompletionsProvider(
    _ settings: ProviderSettings,
    _ services: ProviderServices,
    quirks: ChatQuirks? = nil
) -> any ModelProvider {
    ChatCompletionsProvider(settings, services, quirks: quirks ?? ChatQuirks(baseURL: settings.baseURL))
}
