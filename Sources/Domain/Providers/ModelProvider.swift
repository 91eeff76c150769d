/// A service that runs models.
///
/// Errors are `Failure` (kinds unauthenticated, forbidden, notFound, rateLimited, invalid, tooLarge, insufficientCredits,
/// unavailable, timedOut) with a remedy a person can act on, or `CancellationError`; anything else is internal. All verbs
/// may be called concurrently.
public protocol ModelProvider: Sendable {
    /// The configured name.
    var id: ProviderID { get }
    /// The model that is used when nobody chooses; nil when somebody must.
    var defaultModel: String? { get }
    /// What a model can do; known without asking anybody.
    func capabilities(of model: String) -> ModelCapabilities
    /// Calls a model and hands over what happens, in pieces as they arrive and never empty.
    ///
    /// Returns after `finished` was handed over. `receive` holds the provider back while it works, and ends the call by
    /// throwing. Cancellation closes the connection. A stream that ends without an end is an error
    /// (`provider_interrupted`, unavailable): what arrived until then was handed over. Whatever is sent is metered by the
    /// provider's ``CallMeter``, each attempt on its own.
    func respond(to request: ModelRequest, _ receive: @Sendable ([ModelEvent]) async throws -> Void)
        async throws
    /// The models that can be chosen.
    func models() async throws -> [ModelDescription]
    /// Says whether calls for a principal use an account or key of their own, so that nobody else pays for them.
    func usesOwnAccount(of principal: PrincipalID) async throws -> Bool
    /// A turn is over: what was kept for its next call is let go.
    func turnEnded(_ turn: TurnID) async
    /// Makes pictures; `images_unsupported` (unprocessable) where the provider cannot.
    func images(for request: ImageRequest) async throws -> [ImageContent]
}

extension ModelProvider {
    /// Most use the deployment's.
    public func usesOwnAccount(of principal: PrincipalID) async throws -> Bool { false }

    /// Most interfaces keep nothing between calls.
    public func turnEnded(_ turn: TurnID) async {}

    /// Most interfaces make no pictures.
    public func images(for request: ImageRequest) async throws -> [ImageContent] {
        throw Failure(
            .unprocessable,
            code: "images_unsupported",
            message: "The provider \(id) makes no pictures.",
            hint: "Choose a model of an OpenAI account, such as gpt-image-1."
        )
    }
}

/// What a picture is to show.
public struct ImageRequest: Sendable {
    /// The model, as the provider calls it.
    public var model: String
    /// In words.
    public var prompt: String
    /// Pictures to change or to take as a model.
    public var sources: [ImageContent] = []
    /// Such as `1024x1024`; nil for the provider's default.
    public var size: String?
    /// Such as `medium`; nil for the provider's default.
    public var quality: String?
    /// For whom.
    public var context: CallContext

    /// Makes a request.
    public init(model: String, prompt: String, context: CallContext) {
        self.model = model
        self.prompt = prompt
        self.context = context
    }
}

/// The providers that are configured.
public protocol ProviderDirectory: Sendable {
    /// All, in the order of their configuration.
    var providers: [any ModelProvider] { get }
}

extension ProviderDirectory {
    /// The provider with this name, or nil.
    public func provider(_ id: ProviderID) -> (any ModelProvider)? { providers.first { $0.id == id } }
}
