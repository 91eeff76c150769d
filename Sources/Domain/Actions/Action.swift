/// When a person is asked before an action is carried out.
public enum ConfirmationRule: String, Sendable, CaseIterable {
    case always
    /// For actions that change nothing only.
    case never
    /// When the chat holds text that came from the host application, which may hold somebody else's words.
    case untrusted
}

/// What a chat must lie at for an action or source.
public enum NeededPlace: String, Sendable, CaseIterable {
    case client, brand, location

    /// Says whether a place is as exact as that.
    public func isMet(by place: Place) -> Bool {
        switch self {
        case .client: true
        case .brand: place.brand != nil
        case .location: place.location != nil
        }
    }
}

/// A controlled function of a host application that the assistant may propose, as the operator declared it.
public struct Action: Sendable, Equatable {
    /// The `iss` of the application's tokens.
    public var issuer: String
    /// Its name among those of the application: lower-case letters, digits and underscores.
    public var name: String
    /// For people.
    public var title: String
    /// For the model: what it does, and when to use it.
    public var description: String
    /// Its arguments.
    public var parameters: JSONSchema
    /// What the user must be granted, such as `jobs.create`; nil where ``Permission/aiAction`` is enough.
    public var grant: String?
    /// What the chat must lie at.
    public var needs = NeededPlace.client
    /// Whether it changes anything.
    public var changes = true
    /// When a person is asked.
    public var confirmation = ConfirmationRule.always
    /// What it costs once it succeeded.
    public var price = Credits.zero
    /// Where the application takes it: fixed here, never a model's choice.
    public var endpoint: String
    /// How long one try may take.
    public var timeout = Duration.seconds(30)
    /// The application is asked first what it would do.
    public var hasDryRun = false
    /// The application does what has one key once, however often it is asked; else it is asked again only when it was
    /// certainly not reached.
    public var isIdempotent = true

    /// Makes an action that asks always.
    public init(
        issuer: String,
        name: String,
        title: String,
        description: String,
        parameters: JSONSchema,
        endpoint: String
    ) {
        self.issuer = issuer
        self.name = name
        self.title = title
        self.description = description
        self.parameters = parameters
        self.endpoint = endpoint
    }

    /// What models call it.
    public var toolName: String { "action_\(name)" }

    /// Says whether somebody may use it now at a place: a user of this application with scope, permission and grant.
    public func isOpen(to principal: Principal, at place: Place) -> Bool {
        guard principal.user != nil, let scope = principal.scope, scope.admits(place),
            principal.permissions.contains(.aiAction), principal.standing?.client.issuer == issuer
        else { return false }
        if let grant, !principal.grants.contains(grant) { return false }
        guard (try? principal.requireChange(at: place)) != nil else { return false }
        return needs.isMet(by: place)
    }

    /// Says whether a person must be asked.
    public func asks(hasReadUntrusted: Bool) -> Bool {
        switch confirmation {
        case .always: true
        case .never: changes && hasReadUntrusted
        case .untrusted: hasReadUntrusted
        }
    }
}
