internal import API
internal import Application
internal import CLinux
internal import Core
internal import Domain
internal import HTTPServer
internal import Processes
internal import Storage

/// The door for pages of a hosting panel: a server of its own on a socket of its own.
struct PanelParts: Sendable {
    let server: HTTPServer

    /// Nil where no panel is configured.
    init?(_ configuration: PanelConfiguration, services: EdgeServices, logger: Logger) throws {
        guard let path = configuration.socketPath, let door = PanelDoor(services) else { return nil }
        try Self.prepareFolder(of: path)
        var limits = HTTPLimits()
        limits.requestLine = 1_024
        limits.headerBytes = 4_096
        limits.body = 4_096
        limits.bodiesInFlight = 1 << 20
        limits.connections = 256
        limits.connectionsPerAddress = 256
        limits.queue = 64
        limits.concurrentRequests = 64
        limits.idleTimeout = .seconds(5)
        limits.headTimeout = .seconds(5)
        limits.bodyTimeout = .seconds(5)
        // Numbers of its own: those of the main doors are about them.
        server = HTTPServer(
            configuration: HTTPServerConfiguration(
                listeners: [.unix(path: path, mode: 0o666)],
                limits: limits,
                threads: 1
            ),
            responder: door,
            logger: logger,
            metrics: MetricsRegistry()
        )
    }

    /// The main doors, and those of the panel where there is one.
    static func doors(
        _ panel: PanelParts?,
        _ main: any Service
    ) -> [(name: StaticString, service: any Service)] {
        guard let panel else { return [("http", main)] }
        return [("panel", panel.server), ("http", main)]
    }

    /// Signing in by a panel's word; nil where no panel is configured, and then customers of an earlier one get nothing.
    static func signIns(
        _ configuration: PanelConfiguration,
        _ stores: Stores,
        _ signIns: SignInService,
        _ cryptography: any Cryptography
    ) async throws -> PanelSignIns? {
        var settings = configuration.settings
        if configuration.socketPath == nil { settings.customers = .off }
        let panels = PanelSignIns(
            settings: settings,
            operators: stores.operators,
            signIns: signIns,
            users: makeSystemUsers(),
            audit: stores.audit,
            cryptography: cryptography,
            clock: SystemWallClock()
        )
        try await panels.settle()
        return configuration.socketPath == nil ? nil : panels
    }

    /// The folder must be one in which nobody else can put another socket in this one's place; it is made where it is
    /// missing, as folders of /run are after each start of the machine.
    private static func prepareFolder(of path: String) throws(Failure) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/"
        )
        // The umask of the server is narrower.
        if unsafe mkdir(folder, 0o755) == 0 { _ = unsafe chmod(folder, 0o755) }
        var status = stat()
        guard unsafe stat(folder, &status) == 0, status.st_mode & mode_t(S_IFMT) == mode_t(S_IFDIR) else {
            throw failure(folder, "is not there and cannot be made")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o022 == 0 else {
            throw failure(folder, "may be changed by others")
        }
        guard status.st_mode & 0o001 != 0 else {
            throw failure(folder, "cannot be entered by the panel's users")
        }
    }

    private static func failure(_ folder: String, _ what: String) -> Failure {
        Failure(
            .invalid,
            code: "panel_socket_folder",
            message: "The folder of DECKHAND_PANEL_SOCKET, \(folder), \(what).",
            hint: "Name a file in a folder of its own with the mode 0755, such as /run/deckhand/panel.sock."
        )
    }
}
