internal import Core
public import Domain

/// Anthropic's Messages API, or a server that speaks it.
struct AnthropicProvider: ModelProvider {
    /// Pages of a list of models that are asked for.
    private static let maximumPages = 10

    let settings: ProviderSettings
    let contract: AnthropicContract
    private let call: ProviderCall

    init(_ settings: ProviderSettings, _ services: ProviderServices, contract: AnthropicContract) {
        var settings = settings
        if settings.baseURL.hasSuffix("/v1") { settings.baseURL.removeLast(3) }
        self.settings = settings
        self.contract = contract
        call = ProviderCall(settings, services)
    }

    var id: ProviderID { settings.id }
    var defaultModel: String? { settings.defaultModel }

    func capabilities(of model: String) -> ModelCapabilities {
        let implied = ModelCapabilities(
            reasoning: AnthropicModel(model).thinking != .none,
            contextWindow: 200_000
        )
        return settings.capabilities(of: model, implied: implied)
    }

    /// An answer that pauses is continued here, and looks like one.
    func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let request = call.fitted(request)
        let encoder = AnthropicRequestEncoder(
            provider: id,
            contract: contract,
            capabilities: capabilities(of: request.model),
            streams: settings.streams,
            maximumOutputTokens: Anthropic.maximumOutputTokens
        )
        let pause = AnthropicPause()
        repeat {
            let paused = pause.blocks.map(\.bytes)
            let body = try encoder.encode(request, continuing: paused)
            var size = CallSize(request)
            size.inputTokens += CallSize.tokens(bytes: paused.reduce(0) { $0 + $1.count })
            size.maximumOutputTokens = body.maximumOutputTokens
            try await call.streamPatiently(
                VendorRequest("/v1/messages", headers: headers, body: body.bytes),
                model: request.model,
                context: request.context,
                size: size,
                decoder: AnthropicStreamDecoder(call.failures, pause: pause),
                receive
            )
        } while pause.wasPaused()
    }

    func models() async throws -> [ModelDescription] {
        var models: [ModelDescription] = []
        var path = "/v1/models?limit=1000"
        for _ in 0..<Self.maximumPages {
            let answer = try await call.json(VendorRequest(path, headers: headers))
            guard let list = answer["data"]?.array else {
                throw call.failures.malformed("it is no list of models")
            }
            models += list.compactMap { model in
                guard let name = model["id"]?.string, !name.isEmpty else { return nil }
                return ModelDescription(
                    name: name,
                    title: model["display_name"]?.string,
                    contextWindow: model["max_input_tokens"]?.integer.map { Int(clamping: $0) }
                )
            }
            guard answer["has_more"]?.bool == true, let last = answer["last_id"]?.string else { break }
            path = "/v1/models?limit=1000&after_id=" + URLText.escaped(last)
        }
        return models
    }

    private var headers: [(name: String, value: String)] {
        var headers = [(name: "anthropic-version", value: contract.rawValue)]
        if let key = settings.key {
            switch contract {
            case .current: headers.append(("Authorization", "Bearer " + key.reveal()))
            case .classic: headers.append(("x-api-key", key.reveal()))
            }
        }
        return headers
    }
}

extension URLText {
    /// A word as a part of a path or the value of a query (RFC 3986 section 2.1).
    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result += TextCoding.hex([byte]).uppercased().utf8
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Makes a provider for Anthropic's Messages API; nothing is connected yet.
///
/// The base URL is the address before `/v1/messages`.
public func makeAnthropicProvider(
    _ settings: ProviderSettings,
    _ services: ProviderServices,
    contract: AnthropicContract = .current
) -> any ModelProvider {
    AnthropicProvider(settings, services, contract: contract)
}
