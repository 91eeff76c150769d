import CLinux
import Core
import Domain

/// The settings that an installation gives the server: a file of ``SettingsFolder``.
struct PanelSettingsFile: Sendable, Equatable {
    let path: String

    init(_ kind: PanelKind, dataDirectory: String) {
        path = SettingsFolder.path(in: dataDirectory) + "/" + Self.name(kind)
    }

    static func name(_ kind: PanelKind) -> String { "panel-\(kind.rawValue).json5" }

    var isThere: Bool { unsafe access(path, F_OK) == 0 }

    /// What it says now, in the order of the option table; empty when it is not there or cannot be understood.
    func settings() -> [PanelReach.Setting] {
        let owner = geteuid()
        guard let bytes = try? PrivateFile.read(path, owner: owner),
            let members = (try? JSONValue(parsing: bytes, allowsJSON5: true))?["settings"]?.object
        else { return [] }
        return ConfigurationOption.all.compactMap { option in
            option.fileKey.flatMap { members[$0]?.string }.map {
                PanelReach.Setting(key: option.key, value: $0)
            }
        }
    }

    static func bytes(_ settings: [PanelReach.Setting]) -> [UInt8] {
        let lines = settings.map { line($0) }
        let text = """
            // Written by deckhand panel install, and taken out by deckhand panel uninstall. The environment, .env and deckhand.json5
            // beat what stands here.
            {
                settings: {
            \(lines.map { "        " + $0 }.joined(separator: "\n"))
                },
            }

            """
        return Array(text.utf8)
    }

    static func line(_ setting: PanelReach.Setting) -> String {
        "\(setting.fileKey): \(String(decoding: JSONValue.string(setting.value).bytes, as: UTF8.self)),"
    }
}
