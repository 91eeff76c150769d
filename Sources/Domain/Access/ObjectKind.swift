/// A kind of object that routes name and repositories keep, with the rule of who may reach one.
///
/// The tests walk all of them: a kind without its rule, or a route without its kind, does not compile.
public enum ObjectKind: String, Sendable, CaseIterable {
    case session
    case ticket
    case `operator`
    case signIn
    case token
    case chat
    case share
    case approval
    case secret
    /// A customer of a host application, with its brands and locations.
    case client
    /// A user of a host application.
    case user
    case wallet
    /// An attempt to connect an account of a provider.
    case login
    /// A row of the audit log.
    case auditEntry
    /// What a model proposed to do in a host application.
    case action
    /// A rule for commands in the database.
    case policyRule
    /// A rule that somebody proposed, and nobody reviewed.
    case proposal
    /// The same as those see it who administer this server.
    case actionRecord
    /// What a turn read from a host application, as those see it who administer this server.
    case receipt
    /// A file that was made.
    case artifact

    /// Who may reach an object beside having the route's permission.
    public enum OwnerRule: Sendable, Equatable {
        /// Everybody with the permission: operators work together.
        case shared
        /// Its operator only; for everybody else it does not exist.
        case owner
        /// Whoever holds a permission, which says that they look after all of them.
        case holder(of: Permission)
        /// Its host application only, and whoever administers this server.
        case host
    }

    /// Whether one can lie at a place of a host application: then a scope limits it beside its owner.
    public var isScoped: Bool {
        switch self {
        case .chat, .action, .artifact: true
        case .session, .ticket, .operator, .signIn, .token, .share, .approval, .secret, .client, .user,
            .wallet,
            .login, .auditEntry, .policyRule, .proposal, .actionRecord, .receipt:
            false
        }
    }

    /// The rule of this kind.
    public var ownerRule: OwnerRule {
        switch self {
        case .session, .ticket: .shared
        case .signIn, .chat, .share, .login, .action, .artifact: .owner
        case .approval: .holder(of: .approve)
        case .operator, .token, .secret, .wallet, .auditEntry, .policyRule, .proposal, .actionRecord, .receipt:
            .holder(of: .admin)
        case .client, .user: .host
        }
    }
}
