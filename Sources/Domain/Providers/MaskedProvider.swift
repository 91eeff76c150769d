/// A provider whose models say no secrets: what they say is masked before anybody sees or stores it.
///
/// Every door, title and summary asks its models through this, so that what a vendor says of a key reaches none.
public struct MaskedProvider: ModelProvider {
    private let base: any ModelProvider
    private let mask: @Sendable () -> MaskList?

    /// Makes it; `mask` is asked at the beginning of each call, and says nil for nothing.
    public init(_ base: any ModelProvider, mask: @escaping @Sendable () -> MaskList?) {
        self.base = base
        self.mask = mask
    }

    /// The configured name.
    public var id: ProviderID { base.id }
    /// The model that is used when nobody chooses.
    public var defaultModel: String? { base.defaultModel }
    /// What a model can do.
    public func capabilities(of model: String) -> ModelCapabilities { base.capabilities(of: model) }
    /// The models that can be chosen.
    public func models() async throws -> [ModelDescription] { try await base.models() }
    /// Says whether calls use an account or key of the principal's own.
    public func usesOwnAccount(of principal: PrincipalID) async throws -> Bool {
        try await base.usesOwnAccount(of: principal)
    }
    /// A turn is over.
    public func turnEnded(_ turn: TurnID) async { await base.turnEnded(turn) }
    /// Makes pictures.
    public func images(for request: ImageRequest) async throws -> [ImageContent] {
        try await base.images(for: request)
    }

    /// Calls a model; see ``ModelEventMasker``.
    ///
    /// What is held back when the call is cut is handed over before the error is thrown: nothing that arrived is lost.
    public func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        guard let list = mask() else { return try await base.respond(to: request, receive) }
        let call = MaskedCall(list)
        do {
            try await base.respond(to: request) { events in
                let shown = call.mask(events)
                guard !shown.isEmpty else { return }
                do { try await receive(shown) } catch {
                    call.refuse()
                    throw error
                }
            }
        } catch {
            let rest = call.flush()
            if !rest.isEmpty { try? await receive(rest) }
            throw error
        }
    }
}
