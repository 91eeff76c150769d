/// A top-level member of `deckhand.json5`.
///
/// Beside `settings` each is handed on as it stands; whoever reads it reports its mistakes.
enum ConfigurationSection: String, Sendable, CaseIterable {
    /// The options of the table, under their names for the file.
    case settings
    /// What the assistant may propose to do in business applications.
    case actions
    /// Who is told about approvals.
    case approvals
    /// Files that were made.
    case artifacts
    /// The assistant: its model, its message, its caps.
    case assistant
    /// What is put before the model from business applications.
    case context
    /// The business applications that embed this server.
    case hosts
    /// The rules for commands.
    case policy
    /// What calls of models and other items cost whoever pays for them.
    case prices
    /// Where models are found.
    case providers
    /// What the roles of host applications give.
    case roles

    /// One sentence for the reference.
    var summary: String {
        switch self {
        case .settings: "The options below, under their names for this file."
        case .actions: "What the assistant may propose to do in those applications; see below."
        case .approvals: "Who is told when a command waits for a person; see below."
        case .artifacts:
            "How large and how many files for people may be, and how long they are kept; see below."
        case .assistant: "The assistant: its model, its message and its caps."
        case .context: "What those applications tell the model; see below."
        case .hosts: "The business applications whose users this server serves; see below."
        case .policy: "The rules that decide which commands are allowed, asked for or denied."
        case .prices:
            "What calls of models, and what host applications report, cost; see [credits.md](credits.md)."
        case .providers: "Where models are found, by the provider's id; see below."
        case .roles: "What the roles of those applications give; see below."
        }
    }
}
