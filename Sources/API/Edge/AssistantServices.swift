public import Application
public import Domain

/// The use cases of the assistant that the edge speaks for.
public struct AssistantServices: Sendable {
    /// Chats and turns.
    public let chats: ChatService
    /// Calls of models that belong to no chat.
    public let completions: CompletionService
    /// Which models there are.
    public let models: ModelCatalog
    /// What waits for a person's decision.
    public let approvals: ApprovalService
    /// Seals what callers keep for us.
    public let sealer: any Sealer

    /// Puts them together.
    public init(
        chats: ChatService,
        completions: CompletionService,
        models: ModelCatalog,
        approvals: ApprovalService,
        sealer: any Sealer
    ) {
        self.chats = chats
        self.completions = completions
        self.models = models
        self.approvals = approvals
        self.sealer = sealer
    }
}
