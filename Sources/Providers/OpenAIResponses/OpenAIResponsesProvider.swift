internal import Core
public import Domain

/// Makes a provider that speaks OpenAI's Responses API.
///
/// The base URL includes the version, as OpenAI's own clients take it: `https://api.openai.com/v1`.
public func makeOpenAIResponsesProvider(
    _ settings: ProviderSettings,
    _ services: ProviderServices
) -> any ModelProvider {
    OpenAIResponsesProvider(settings, services)
}

/// OpenAI's Responses API.
struct OpenAIResponsesProvider: ModelProvider {
    private let call: ProviderCall

    init(_ settings: ProviderSettings, _ services: ProviderServices) {
        call = ProviderCall(settings, services)
    }

    var id: ProviderID { call.settings.id }
    var defaultModel: String? { call.settings.defaultModel }

    func capabilities(of model: String) -> ModelCapabilities {
        let settings = call.settings
        return settings.capabilities(
            of: model,
            implied: ResponsesDialect.implied(model, settings: settings)
        )
    }

    func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let request = call.fitted(request)
        let encoder = ResponsesRequestEncoder(
            capabilities: capabilities(of: request.model),
            streams: call.settings.streams
        )
        try await call.stream(
            VendorRequest("/responses", headers: call.bearer, body: encoder.body(of: request)),
            model: request.model,
            context: request.context,
            size: CallSize(request),
            decoder: ResponsesStreamDecoder(),
            receive
        )
    }

    func models() async throws -> [ModelDescription] {
        try await OpenAIModelList(call: call, headers: call.bearer).fetch()
    }

    func images(for request: ImageRequest) async throws -> [ImageContent] {
        try await OpenAIImages(call: call, headers: call.bearer).images(for: request)
    }
}

extension ProviderCall {
    /// The key as `Authorization: Bearer` (RFC 6750); nothing without a key.
    var bearer: [(name: String, value: String)] {
        settings.key.map { [("Authorization", "Bearer \($0.reveal())")] } ?? []
    }
}
