import CLinux
import Core
import Domain

/// How the assistant stands in a panel: its files, the server's settings, and whether the server answers as it should.
struct PanelReport: Sendable {
    let kind: PanelKind
    let isInstalled: Bool
    let address: String?
    /// What is wrong with each, in sentences.
    let files: [String]
    let settings: [String]
    let server: [String]

    var isWell: Bool { (files + settings + server).isEmpty }

    /// Looks at all of it; `base` is the configuration without what the installation adds.
    init(_ installer: PanelInstaller, base: ResolvedConfiguration) async throws {
        kind = installer.kind
        let (standing, record, needs) = try await PanelArguments.working {
            let record = try installer.tree.record()
            let needs = PanelServerNeeds(
                installer.kind,
                wishes: .init(),
                base: base,
                record: record,
                root: installer.tree.root
            )
            return (try installer.standing(), record, needs)
        }
        isInstalled = standing.isInstalled
        address = standing.server
        guard isInstalled, let record else {
            (files, settings, server) = ([], [], [])
            return
        }
        files = standing.troubles
        var settings = needs.troubles
        if record.server != needs.reach.server {
            settings.append(
                "The panel's pages take the server to be at \(record.server), but it is at \(needs.reach.server)."
            )
        }
        if record.socket != needs.reach.socket {
            settings.append(
                "The panel's pages ask at \(record.socket), but the server is to listen at \(needs.reach.socket)."
            )
        }
        self.settings = settings
        server = await Self.asking(record.socket, needs.reach.origins)
    }

    /// What a running server says to what the panel's pages ask; as root, whom they run as or who may ask for others.
    private static func asking(_ socket: String, _ origins: [String]) async -> [String] {
        if let obstacle = PanelDoorProbe.obstacle(socket) {
            return ["The panel's pages cannot ask the server: \(obstacle) It is made when the server starts."]
        }
        guard geteuid() == 0 else { return [] }
        var troubles: [String] = []
        for origin in origins {
            switch await PanelDoorProbe.ask(socket, origin: origin) {
            case .vouched: break
            case .refused(let words, let hint):
                troubles.append("\(origin): \(words)\(hint.map { " " + $0 } ?? "")")
            case .silent:
                return ["Nobody answers at \(socket): start the server."]
            }
        }
        return troubles
    }

    var json: JSONValue {
        .object([
            "panel": .string(kind.rawValue), "installed": .bool(isInstalled),
            "well": .bool(isInstalled && isWell),
            "troubles": .array((files + settings + server).map(JSONValue.string)),
            "files": .array(files.map(JSONValue.string)),
            "settings": .array(settings.map(JSONValue.string)),
            "running": .array(server.map(JSONValue.string)),
            "server": address.map(JSONValue.string) ?? .null,
        ])
    }
}
