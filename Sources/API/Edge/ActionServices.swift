public import Application

/// The use cases of actions and context that the edge speaks for.
public struct ActionServices: Sendable {
    /// What models propose.
    public let actions: ActionService
    /// What they were shown.
    public let context: ContextService

    /// Puts them together.
    public init(actions: ActionService, context: ContextService) {
        self.actions = actions
        self.context = context
    }
}
