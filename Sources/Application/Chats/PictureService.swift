public import Domain

/// Pictures that models make, outside of chats.
public struct PictureService: Sendable {
    private let models: ModelCatalog

    /// Makes the service.
    public init(models: ModelCatalog) { self.models = models }

    /// Has pictures made, as ``ModelProvider/images(for:)`` says.
    ///
    /// Needs `chat`; throws what the provider throws, and `model_not_found`.
    public func pictures(
        for request: ImageRequest,
        of model: ModelReference,
        through door: CallDoor,
        as principal: Principal
    ) async throws -> [ImageContent] {
        try principal.require(.chat)
        let model = try models.resolve(model)
        guard let provider = models.provider(model.provider) else {
            throw Failure(.notFound, code: "model_not_found", message: "There is no such model.")
        }
        var request = request
        request.model = model.model
        request.context = CallContext(principal: principal.id, door: door, place: principal.ownPlace)
        return try await provider.images(for: request)
    }
}
