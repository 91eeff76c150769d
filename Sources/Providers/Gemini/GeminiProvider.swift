internal import Core
public import Domain

/// Google's Gemini API.
struct GeminiProvider: ModelProvider {
    /// Pages of a list of models that are asked for.
    private static let maximumPages = 10

    let settings: ProviderSettings
    private let call: ProviderCall

    init(_ settings: ProviderSettings, _ services: ProviderServices) {
        var settings = settings
        let last = settings.baseURL.split(separator: "/").last ?? ""
        if last.first != "v" || last.dropFirst().first?.isNumber != true { settings.baseURL += "/v1" }
        self.settings = settings
        call = ProviderCall(settings, services)
    }

    var id: ProviderID { settings.id }
    var defaultModel: String? { settings.defaultModel }

    func capabilities(of model: String) -> ModelCapabilities {
        let implied = ModelCapabilities(
            reasoning: GeminiModel(model).thinking != .none,
            contextWindow: 1_048_576
        )
        return settings.capabilities(of: model, implied: implied)
    }

    func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let request = call.fitted(request)
        let encoder = GeminiRequestEncoder(provider: id, capabilities: capabilities(of: request.model))
        let verb = settings.streams ? ":streamGenerateContent?alt=sse" : ":generateContent"
        try await call.streamPatiently(
            VendorRequest(
                "/models/" + URLText.escaped(Self.bare(request.model)) + verb,
                headers: headers,
                body: encoder.encode(request)
            ),
            model: request.model,
            context: request.context,
            size: CallSize(request),
            decoder: GeminiStreamDecoder(call.failures),
            receive
        )
    }

    /// Those that answer; others embed or draw.
    func models() async throws -> [ModelDescription] {
        var models: [ModelDescription] = []
        var path = "/models?pageSize=1000"
        for _ in 0..<Self.maximumPages {
            let answer = try await call.json(VendorRequest(path, headers: headers))
            guard let list = answer["models"]?.array else {
                throw call.failures.malformed("it is no list of models")
            }
            models += list.compactMap { model in
                let verbs = model["supportedGenerationMethods"]?.array
                guard let name = model["name"]?.string, verbs?.contains(.string("generateContent")) != false
                else { return nil }
                return ModelDescription(
                    name: Self.bare(name),
                    title: model["displayName"]?.string,
                    contextWindow: model["inputTokenLimit"]?.integer.map { Int(clamping: $0) }
                )
            }
            guard let next = answer["nextPageToken"]?.string, !next.isEmpty else { break }
            path = "/models?pageSize=1000&pageToken=" + URLText.escaped(next)
        }
        return models
    }

    /// The key goes into a field, never into the URL.
    private var headers: [(name: String, value: String)] {
        settings.key.map { [("x-goog-api-key", $0.reveal())] } ?? []
    }

    private static func bare(_ model: String) -> String {
        model.hasPrefix("models/") ? String(model.dropFirst(7)) : model
    }
}

/// Makes a provider for Google's Gemini API; nothing is connected yet.
///
/// The base URL is the address before `/v1`, or ends in a version.
public func makeGeminiProvider(_ settings: ProviderSettings, _ services: ProviderServices)
    -> any ModelProvider
{
    GeminiProvider(settings, services)
}
