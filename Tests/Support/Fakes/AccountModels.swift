public import Domain

/// Models that everybody uses with an account of their own; another provider answers for them.
public struct AccountModels: ModelProvider {
    /// The configured name.
    public let id: ProviderID
    private let provider: any ModelProvider

    /// Makes one.
    public init(id: ProviderID, answering provider: any ModelProvider) {
        self.id = id
        self.provider = provider
    }

    /// Always the same.
    public var defaultModel: String? { "gpt-6.1-sol" }
    /// The usual ones.
    public func capabilities(of model: String) -> ModelCapabilities { ModelCapabilities() }
    /// None beside those that accounts have.
    public func models() async throws -> [ModelDescription] { [] }
    /// Everybody does.
    public func usesOwnAccount(of principal: PrincipalID) async throws -> Bool { true }

    /// As the other provider answers.
    public func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        var request = request
        request.context.isOwnAccount = true
        try await provider.respond(to: request, receive)
    }
}
