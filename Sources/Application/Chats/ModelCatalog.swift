public import Domain

/// Which models there are, and which one answers.
public struct ModelCatalog: Sendable {
    private let directory: any ProviderDirectory
    private let configured: ModelReference?

    /// Makes a catalog; `configured` is the model that answers when nobody chooses.
    public init(_ directory: any ProviderDirectory, configured: ModelReference?) {
        self.directory = directory
        self.configured = configured
    }

    /// The configured providers.
    public var providers: [any ModelProvider] { directory.providers }

    /// The provider with this name, or nil.
    public func provider(_ id: ProviderID) -> (any ModelProvider)? { directory.provider(id) }

    /// The model that answers when nobody chooses; nil while nothing is configured.
    public var standard: ModelReference? {
        if let configured, directory.provider(configured.provider) != nil { return configured }
        for provider in directory.providers {
            if let model = provider.defaultModel {
                return ModelReference(provider: provider.id, model: model)
            }
        }
        return nil
    }

    /// The model that answers a request for `asked`.
    ///
    /// `provider_not_configured` (unavailable) when there is none at all, `model_not_found` (notFound) when its provider is unknown.
    public func resolve(_ asked: ModelReference?) throws(Failure) -> ModelReference {
        guard let asked else {
            guard let standard else { throw Self.nothingConfigured(isEmpty: directory.providers.isEmpty) }
            return standard
        }
        guard !directory.providers.isEmpty else { throw Self.nothingConfigured(isEmpty: true) }
        guard directory.provider(asked.provider) != nil else {
            let known = directory.providers.map(\.id.rawValue).joined(separator: ", ")
            throw Failure(
                .notFound,
                code: "model_not_found",
                message: "There is no provider named \(asked.provider).",
                hint: "Configured are: \(known). List models with GET /v1/models."
            )
        }
        return asked
    }

    /// The same for somebody who names none: the one that they chose for themselves, else the server's.
    func resolve(
        _ asked: ModelReference?,
        for principal: Principal,
        _ accounts: AccountService?
    ) async throws -> ModelReference {
        if let asked { return try resolve(asked) }
        let own = try await accounts?.standardModel(of: principal.id)
        return try resolve(own.flatMap { provider($0.provider) == nil ? nil : $0 })
    }

    /// Reads what people and standard clients write: `provider/model`, a provider's name alone, or a model's name
    /// alone, which is taken for the model of the standard provider or of the one that is configured with it.
    public func reference(_ text: String) throws(Failure) -> ModelReference {
        if let reference = ModelReference(text: text), directory.provider(reference.provider) != nil {
            return reference
        }
        if let id = try? ProviderID(text), let provider = directory.provider(id),
            let model = provider.defaultModel
        {
            return ModelReference(provider: id, model: model)
        }
        guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Failure(
                .unprocessable,
                code: "invalid_model",
                message: "This is not the name of a model.",
                hint: "Send provider/model as listed by GET /v1/models."
            )
        }
        if let owner = directory.providers.first(where: { $0.defaultModel == text }) {
            return ModelReference(provider: owner.id, model: text)
        }
        guard let standard = standard?.provider ?? directory.providers.first?.id else {
            throw Self.nothingConfigured(isEmpty: true)
        }
        return ModelReference(provider: standard, model: text)
    }

    private static func nothingConfigured(isEmpty: Bool) -> Failure {
        Failure(
            .unavailable,
            code: "provider_not_configured",
            message: isEmpty
                ? "No provider of models is configured on this server."
                : "No model was chosen, and no provider has one by default.",
            hint: isEmpty
                ? "Set OPENAI_API_KEY (or another provider's key) in .env, or add one under providers in deckhand.json5, and start the server again; see docs/assistant.md."
                : "Choose one of GET /v1/models, or set assistant.defaultModel in deckhand.json5."
        )
    }
}
