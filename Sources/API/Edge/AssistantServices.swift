public import Application

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

    /// Puts them together.
    public init(
        chats: ChatService,
        completions: CompletionService,
        models: ModelCatalog,
        approvals: ApprovalService
    ) {
        self.chats = chats
        self.completions = completions
        self.models = models
        self.approvals = approvals
    }
}
