internal import Core
public import Domain

/// A provider that principals use with keys of their own, or with the deployment's where that is allowed as well.
public struct UserKeyProvider: ModelProvider {
    private let base: any ModelProvider
    private let settings: ProviderSettings
    private let keys: any UserKeys
    private let make: @Sendable (ProviderSettings) -> any ModelProvider

    /// Makes it; `make` makes the provider with the key that stands in settings.
    public init(
        _ settings: ProviderSettings,
        keys: any UserKeys,
        make: @escaping @Sendable (ProviderSettings) -> any ModelProvider
    ) {
        self.settings = settings
        self.keys = keys
        self.make = make
        base = make(settings)
    }

    /// The configured name.
    public var id: ProviderID { base.id }
    /// The model that is used when nobody chooses.
    public var defaultModel: String? { base.defaultModel }
    /// What a model can do.
    public func capabilities(of model: String) -> ModelCapabilities { base.capabilities(of: model) }
    /// The models that are configured, or that the deployment's key can see.
    public func models() async throws -> [ModelDescription] {
        if settings.sources.contains(.deployment) { return try await base.models() }
        return settings.models.map { ModelDescription(name: $0.name, title: $0.title) }
    }

    /// Calls a model with the key of whoever it is for; `key_needed` (conflict) without one.
    public func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let (chosen, isOwn) = try await provider(for: request.context.principal)
        var request = request
        request.context.isOwnAccount = isOwn
        try await chosen.respond(to: request, receive)
    }

    /// Makes pictures with the key of whoever they are for.
    public func images(for request: ImageRequest) async throws -> [ImageContent] {
        let (chosen, isOwn) = try await provider(for: request.context.principal)
        var request = request
        request.context.isOwnAccount = isOwn
        return try await chosen.images(for: request)
    }

    /// Whoever gave a key of their own pays with it.
    public func usesOwnAccount(of principal: PrincipalID) async throws -> Bool {
        if !settings.sources.contains(.deployment) { return true }
        return try await keys.key(of: principal, for: settings.id) != nil
    }

    /// The provider with the key that is used for somebody, and whether it is their own.
    private func provider(for owner: PrincipalID) async throws -> (any ModelProvider, isOwn: Bool) {
        if let key = try await keys.key(of: owner, for: settings.id) {
            var settings = settings
            settings.key = key
            settings.keySource = "your own key"
            let list = MaskList(values: [Array(key.reveal().utf8)])
            return (MaskedProvider(make(settings)) { list }, true)
        }
        guard settings.sources.contains(.deployment) else {
            throw Failure(
                .conflict,
                code: "key_needed",
                message: "The provider \(settings.id) answers with a key of your own only.",
                hint:
                    "Give it with POST /v1/ai/account/login {\"provider\": \"\(settings.id)\", \"key\": \"…\"}."
            )
        }
        return (base, false)
    }
}
