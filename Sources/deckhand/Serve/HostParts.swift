internal import API
internal import Application
internal import Core
internal import Crypto
internal import Domain
internal import Storage

/// Host applications and their users, put together.
struct HostParts: Sendable {
    let sessions: HostSessionService
    private let watch: UserSessionWatch
    private let configuration: Configuration
    private let stores: Stores

    /// Puts it together; nil when no host application is configured.
    init?(
        _ configuration: Configuration,
        stores: Stores,
        cryptography: any Cryptography,
        logger: Logger
    ) throws {
        guard !configuration.hosts.isEmpty else { return nil }
        self.configuration = configuration
        self.stores = stores
        let clock = SystemWallClock()
        sessions = HostSessionService(
            hosts: configuration.hosts,
            roles: configuration.roles,
            verifier: try makeHostTokenVerifier(configuration.hosts),
            sessions: stores.userSessions,
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock
        )
        watch = UserSessionWatch(hub: sessions.hub, store: stores.userSessions, clock: clock, logger: logger)
    }

    /// What works beside the server.
    var upkeep: [(name: StaticString, service: any Service)] { [("user-sessions", watch)] }

    /// The use cases, once there is an engine that works on turns.
    func services(_ engine: TurnEngine) -> HostServices {
        HostServices(
            sessions: sessions,
            tenants: TenantService(
                hosts: configuration.hosts,
                tenants: stores.tenants,
                sessions: stores.userSessions,
                users: sessions,
                turns: UserTurns(engine),
                audit: stores.audit,
                clock: SystemWallClock(),
                shares: stores.shares
            ),
            limits: UserLimits(configuration.hosts, clock: SystemWallClock())
        )
    }
}
