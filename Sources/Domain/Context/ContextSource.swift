/// Facts of a host application that are put before the model, as the operator declared them.
public struct ContextSource: Sendable, Equatable {
    /// The `iss` of the application's tokens.
    public var issuer: String
    /// Its name among those of the application: lower-case letters, digits and underscores.
    public var name: String
    /// For the model: what it tells.
    public var description: String
    /// Where it is read; fixed here.
    public var endpoint: String
    /// It is read before the model is called at all; the others when the model asks for them.
    public var isRequired = false
    /// How long what was read for somebody may be used again.
    public var cacheFor = Duration.seconds(30)
    /// The most that is put before the model.
    public var maximumBytes = 16_384
    /// What the user must be granted; nil for nothing.
    public var grant: String?
    /// What the chat must lie at.
    public var needs = NeededPlace.client
    /// How long reading may take.
    public var timeout = Duration.seconds(10)

    /// Makes a source that is read when the model asks.
    public init(issuer: String, name: String, description: String, endpoint: String) {
        self.issuer = issuer
        self.name = name
        self.description = description
        self.endpoint = endpoint
    }

    /// What models call it.
    public var toolName: String { "context_\(name)" }

    /// Says whether somebody may read it now at a place.
    public func isOpen(to principal: Principal, at place: Place) -> Bool {
        guard principal.user != nil, let scope = principal.scope, scope.admits(place),
            principal.standing?.client.issuer == issuer, (try? principal.requireChange(at: place)) != nil
        else { return false }
        if let grant, !principal.grants.contains(grant) { return false }
        return needs.isMet(by: place)
    }
}
