public import Domain

/// A provider that is known by its name only.
public struct NamedModels: ModelProvider {
    /// The configured name.
    public let id: ProviderID

    /// Makes one.
    public init(id: ProviderID) { self.id = id }

    /// Always the same.
    public var defaultModel: String? { "gpt-6.1-sol" }
    /// The usual ones.
    public func capabilities(of model: String) -> ModelCapabilities { ModelCapabilities() }
    /// Says nothing.
    public func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {}
    /// None.
    public func models() async throws -> [ModelDescription] { [] }
}
