public import Application

/// The use cases of host applications and their users that the edge speaks for.
public struct HostServices: Sendable {
    /// Sessions of users.
    public let sessions: HostSessionService
    /// Clients, brands, locations and users.
    public let tenants: TenantService
    /// How often users may ask.
    public let limits: UserLimits

    /// Puts them together.
    public init(sessions: HostSessionService, tenants: TenantService, limits: UserLimits) {
        self.sessions = sessions
        self.tenants = tenants
        self.limits = limits
    }
}
