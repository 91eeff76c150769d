public import Domain

/// Calls of models that belong to no chat: the caller brings the whole conversation and carries out the tools.
public struct CompletionService: Sendable {
    private let models: ModelCatalog
    private let patience: Duration
    private let accounts: AccountService?
    private let credits: CreditService?

    /// Makes the service; without `accounts` nobody has chosen a model of their own; a provider that does not list its models within `patience` is left out of lists.
    public init(
        models: ModelCatalog,
        patience: Duration = .seconds(8),
        accounts: AccountService? = nil,
        credits: CreditService? = nil
    ) {
        self.models = models
        self.accounts = accounts
        self.patience = patience
        self.credits = credits
    }

    /// The model that a text names, see ``ModelCatalog/reference(_:)``; without one the one that the caller chose for
    /// themselves, else the server's.
    public func model(named text: String?, for principal: Principal) async throws -> ModelReference {
        try await models.resolve(try text.map(models.reference), for: principal, accounts)
    }

    /// Throws at once what a call at a place is sure to throw: a user may do nothing there, or nobody can pay for it.
    public func admit(_ model: ModelReference, at place: Place?, as principal: Principal) async throws {
        try principal.require(.chat)
        guard principal.user != nil else { return }
        guard let place, principal.scope?.admits(place) == true else { throw TenantService.noPlace }
        try principal.requireChange(at: place)
        guard let credits, let provider = models.provider(model.provider),
            try await !provider.usesOwnAccount(of: principal.id)
        else { return }
        try await credits.requireFunds(for: model, inputTokens: 1, at: place)
    }

    /// Calls a model and hands over what happens; see ``ModelProvider/respond(to:_:)``.
    ///
    /// Needs `chat`. The place pays: for a user of a host application one in their scope, for everybody else none.
    /// Cancellation ends the call at the provider.
    public func respond(
        to request: ModelRequest,
        of model: ModelReference,
        at place: Place? = nil,
        as principal: Principal,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        try await admit(model, at: place, as: principal)
        guard let provider = models.provider(model.provider) else { throw try unknown(model) }
        var request = request
        request.model = model.model
        request.context = CallContext(principal: principal.id, door: .openai, place: place)
        try await provider.respond(to: request, receive)
    }

    /// The models of all providers; a provider that does not answer in time is left out, unless none does, but for its
    /// configured model.
    public func list(as principal: Principal) async throws -> [(
        model: ModelReference, facts: ModelDescription
    )] {
        try principal.require(.chat)
        guard !models.providers.isEmpty else { throw try unknown(nil) }
        var failure: (any Error)?
        var all: [(ModelReference, ModelDescription)] = []
        let lists = await withTaskGroup(of: (Int, Result<[ModelDescription], any Error>).self) { group in
            for (index, provider) in models.providers.enumerated() {
                group.addTask {
                    do { return (index, .success(try await list(of: provider))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var lists: [Int: Result<[ModelDescription], any Error>] = [:]
            for await (index, list) in group { lists[index] = list }
            return lists
        }
        for (index, provider) in models.providers.enumerated() {
            switch lists[index] {
            case .success(let list):
                all += list.map { (ModelReference(provider: provider.id, model: $0.name), $0) }
            case .failure(let error):
                failure = error
                // What is configured can be used although the list cannot be had.
                if let model = provider.defaultModel {
                    all.append(
                        (ModelReference(provider: provider.id, model: model), ModelDescription(name: model))
                    )
                }
            case nil: break
            }
        }
        if all.isEmpty, let failure { throw failure }
        return all
    }

    private func list(of provider: any ModelProvider) async throws -> [ModelDescription] {
        try await withThrowingTaskGroup(of: [ModelDescription]?.self) { group in
            group.addTask { try await provider.models() }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            guard let list = try await group.next() ?? nil else {
                throw Failure(
                    .timedOut,
                    code: "provider_timed_out",
                    message: "The provider \(provider.id) did not list its models in time.",
                    hint: "Try again; name a model as \(provider.id)/MODEL meanwhile."
                )
            }
            return list
        }
    }

    private func unknown(_ model: ModelReference?) throws(Failure) -> Failure {
        _ = try models.resolve(model)
        return Failure(.notFound, code: "model_not_found", message: "There is no such model.")
    }
}
