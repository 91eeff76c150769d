/// Who is calling, as stored with what they did: `hash`, `token:<id>`, `socket:<uid>`, `operator:<id>`, `user:<id>`,
/// `host:<issuer>`, `customer:<id>`.
public struct PrincipalID: Hashable, Sendable, CustomStringConvertible {
    /// The text.
    public let rawValue: String
    /// Wraps a text made by the program.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    /// The text itself, which is safe to show.
    public var description: String { rawValue }

    /// A customer of a hosting panel.
    public init(customer id: OperatorID) { self.init("customer:\(id)") }

    /// Says whether this is a customer of a hosting panel: sessions and tickets of others do not exist for them.
    public var isCustomer: Bool { rawValue.hasPrefix("customer:") }

    /// The token's number, when this is the holder of a token.
    public var token: Int64? { rawValue.hasPrefix("token:") ? Int64(rawValue.dropFirst(6)) : nil }

    /// Whoever knows the installation's hash.
    public static let hash = PrincipalID("hash")
    /// Somebody whom no credential made known; for the audit log.
    public static let nobody = PrincipalID("nobody")
    /// What the server does by itself.
    public static let server = PrincipalID("server")
}

/// What a principal may do.
public enum Permission: String, Sendable, CaseIterable, Comparable {
    case shellRead = "shell.read"
    case shellRun = "shell.run"
    case shellInput = "shell.input"
    case chat
    /// Tools of this server in calls through the OpenAI-compatible routes.
    case chatTools = "chat.tools"
    case approve
    case share
    case admin
    /// Connecting an own account of a provider, and choosing its model.
    case aiAccount = "ai.account"
    /// Actions of the host application: seeing, confirming, their history.
    case aiAction = "ai.action"
    /// Files that were made.
    case aiArtifact = "ai.artifact"
    /// Balance and usage of the own client and brands.
    case aiWallet = "ai.wallet"
    /// Calls through the OpenAI-compatible routes, for users of a host application.
    case aiOpenAI = "ai.openai"

    /// The natural order.
    public static func < (left: Permission, right: Permission) -> Bool { left.rawValue < right.rawValue }

    /// Says whether it is one of the permissions that reach tickets.
    public var isShell: Bool { rawValue.hasPrefix("shell.") }

    /// What a hash, a token or the local socket may carry at most; the rest needs an interactive sign-in.
    public static let withoutSignIn: Set<Permission> = [
        .shellRead, .shellRun, .shellInput, .chat, .chatTools,
    ]

    /// What a customer of a hosting panel can have at most, as their own system user and in their own sessions.
    public static let forCustomers: Set<Permission> = [.chat, .shellRead, .shellRun, .shellInput]

    /// What a role can give to users of a host application at most: no claim, role or grant yields anything else.
    public static let forUsers: Set<Permission> = [
        .chat, .share, .aiAccount, .aiAction, .aiArtifact, .aiWallet, .aiOpenAI,
    ]
}

/// Who is calling, with permissions.
public struct Principal: Sendable, Equatable {
    /// Who.
    public let id: PrincipalID
    /// What they may do.
    public let permissions: Set<Permission>
    /// The person, when one signed in.
    public let `operator`: OperatorID?
    /// The sign-in, when a person signed in interactively.
    public let signIn: SignInID?
    /// The system user that their commands run as; nil for the server's setting.
    public let runAs: String?
    /// The user of a host application, when it is one.
    public let user: UserID?
    /// What a user of a host application may see; nil for everybody else.
    public let scope: Scope?
    /// Permissions that only the host application knows, such as `jobs.create`: what its actions and sources ask for.
    public let grants: Set<String>
    /// The session of a user of a host application.
    public let session: UserSessionID?
    /// How the client and brands of a user of a host application stand; nil for everybody else.
    public let standing: TenantStanding?
    /// The host application by its issuer, when its own backend calls.
    public let host: String?

    /// Says whether this is a customer of a hosting panel.
    public var isCustomer: Bool { id.isCustomer }

    /// Makes a principal that no person signed in for.
    public init(id: PrincipalID, permissions: Set<Permission>, runAs: String? = nil) {
        self.id = id
        self.permissions = permissions
        self.runAs = runAs
        self.operator = nil
        signIn = nil
        user = nil
        scope = nil
        grants = []
        session = nil
        standing = nil
        host = nil
    }

    /// Makes the principal of a user of a host application; permissions that users cannot have are left out.
    public init(
        user: UserID,
        permissions: Set<Permission>,
        grants: Set<String> = [],
        scope: Scope,
        session: UserSessionID? = nil,
        standing: TenantStanding? = nil
    ) {
        id = user.principal
        self.permissions = permissions.intersection(Permission.forUsers)
        self.user = user
        self.scope = scope
        self.grants = grants
        self.session = session
        self.standing = standing
        self.operator = nil
        signIn = nil
        runAs = nil
        host = nil
    }

    /// Makes the principal of a host application's own backend: it has no permission, and is let in by routes for it only.
    public init(host issuer: String) {
        id = PrincipalID("host:\(issuer)")
        permissions = []
        host = issuer
        self.operator = nil
        signIn = nil
        runAs = nil
        user = nil
        scope = nil
        grants = []
        session = nil
        standing = nil
    }

    /// Makes the principal of an operator who signed in.
    public init(_ person: Operator, signIn: SignInID) {
        id = person.principal
        permissions = person.effectivePermissions
        self.operator = person.id
        runAs = person.runAs
        self.signIn = signIn
        user = nil
        scope = nil
        grants = []
        session = nil
        standing = nil
        host = nil
    }

    /// Whose sign-in this is; throws `Failure` of kind forbidden (`sign_in_required`) for hash, tokens and socket.
    @discardableResult public func requireSignIn() throws(Failure) -> OperatorID {
        guard signIn != nil, let person = `operator` else {
            throw Failure(
                .forbidden,
                code: "sign_in_required",
                message: "This needs an operator who signed in.",
                hint: "Sign in with POST /v1/signin; the hash, tokens and the local socket are not enough."
            )
        }
        return person
    }

    /// Throws `Failure` of kind forbidden (`permission_missing`) unless the principal has the permission.
    public func require(_ permission: Permission) throws(Failure) {
        guard permissions.contains(permission) else {
            throw Failure(
                .forbidden,
                code: "permission_missing",
                message: "This needs the permission \(permission.rawValue).",
                hint: `operator` == nil
                    ? "Ask the operator of this server for a token that lists \(permission.rawValue)."
                    : "Ask for it: deckhand user permissions NAME \(permission.rawValue),…"
            )
        }
    }
}
