internal import Core
internal import Domain

/// One question to a model beside the conversation, metered like every call.
struct SideCall: Sendable {
    let providers: any ProviderDirectory
    let model: ModelReference
    let context: CallContext
    /// The longest that it may take.
    let patience: Duration
    var maximumOutputTokens: Int?

    /// The model's words, and what they took.
    ///
    /// Throws `Failure` when there is no answer in words in time, or `CancellationError`.
    func answer(to text: String, instructions: String) async throws -> (text: String, usage: TokenUsage) {
        guard let provider = providers.provider(model.provider) else {
            throw Failure(
                .unavailable,
                code: "provider_not_configured",
                message: "The provider \(model.provider) is not configured any more."
            )
        }
        var request = ModelRequest(
            model: model.model,
            instructions: instructions,
            items: [ModelItem(.user([.text(text)]))],
            context: context
        )
        request.maximumOutputTokens = maximumOutputTokens
        let collector = AnswerCollector(call: 1)
        try await withThrowingTaskGroup(of: Bool.self) { [request] group in
            group.addTask {
                try await provider.respond(to: request) { _ = collector.take($0) }
                return true
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            guard try await group.next() == true else { throw Self.late }
        }
        FaultPoint.afterSideCall.reach()
        let answer = collector.answer(known: [])
        let words = answer.items.compactMap { item in
            if case .assistant(let text) = item.content { text } else { nil }
        }.joined().trimmed
        guard !words.isEmpty else {
            throw Failure(.unavailable, code: "empty_answer", message: "The model answered nothing.")
        }
        return (words, answer.usage)
    }

    private static let late = Failure(
        .timedOut,
        code: "provider_timed_out",
        message: "The model did not answer in time."
    )
}
