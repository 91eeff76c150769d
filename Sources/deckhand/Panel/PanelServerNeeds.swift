import Application
import CLinux
import Core
import Domain

/// What the server has to be told for a panel, beside what it was told by a person; and what of it is there.
struct PanelServerNeeds: Sendable {
    /// A setting that a person made otherwise, in a place that beats ours.
    struct Hindrance: Sendable, Equatable {
        let setting: PanelReach.Setting
        /// As it is now.
        let value: String
        let source: String

        var text: String {
            "\(setting.key) stands in \(source) as “\(value)”, which beats the panel's settings: make it “\(setting.value)”."
        }
    }

    let reach: PanelReach
    let file: PanelSettingsFile
    /// What the file says now.
    let present: [PanelReach.Setting]
    /// What it has to say.
    let wanted: [PanelReach.Setting]
    let hindrances: [Hindrance]

    /// Compares with a configuration that was resolved without that file.
    ///
    /// What was chosen at an earlier installation holds until somebody says otherwise.
    init(
        _ kind: PanelKind,
        wishes: PanelReach.Wishes,
        base: ResolvedConfiguration,
        record: PanelRecord?,
        root: String? = nil,
        host: String = PanelReach.hostName()
    ) {
        let configuration = base.configuration
        file = PanelSettingsFile(kind, dataDirectory: configuration.dataDirectory)
        let present = file.settings()
        self.present = present
        var wishes = wishes
        let root = root ?? record?.root ?? ""
        func choose(_ wishes: PanelReach.Wishes) -> PanelReach {
            PanelReach(
                kind,
                host: host,
                wishes: wishes,
                configuration: configuration,
                root: root,
                isReadable: { unsafe access(root + $0, R_OK) == 0 }
            )
        }
        func remembered(_ key: String) -> String? { present.first { $0.key == key }?.value }
        if wishes.origins == nil, let text = remembered("DECKHAND_CORS_ORIGINS") {
            wishes.origins = text.split(separator: ",").map(String.init)
        }
        if configuration.panel.settings.rootOperator == nil {
            wishes.rootOperator = wishes.rootOperator ?? remembered("DECKHAND_PANEL_OPERATOR")
        }
        var chosen = choose(wishes)
        if wishes.server == nil, !configuration.network.baseURL.hasPrefix("https://"),
            let earlier = record?.server, !earlier.isEmpty, earlier != chosen.server
        {
            wishes.server = earlier
            chosen = choose(wishes)
        }
        self.reach = chosen
        var wanted: [PanelReach.Setting] = []
        var hindrances: [Hindrance] = []
        for setting in chosen.missing {
            if let option = setting.option, let source = base.sources[setting.key] {
                let hindrance = Hindrance(
                    setting: setting,
                    value: option.show(configuration),
                    source: source.description
                )
                hindrances.append(hindrance)
            } else {
                wanted.append(setting)
            }
        }
        self.wanted = wanted
        self.hindrances = hindrances
    }

    /// What would change in the file, line by line.
    var changes: [String] {
        let gone = present.filter { !wanted.contains($0) }.map { "- " + PanelSettingsFile.line($0) }
        return gone + wanted.filter { !present.contains($0) }.map { "+ " + PanelSettingsFile.line($0) }
    }

    /// What is not as it should be, in sentences.
    var troubles: [String] {
        let missing = wanted.filter { !present.contains($0) }.map { setting in
            let state = present.contains { $0.key == setting.key } ? "has another value" : "is missing"
            return "\(setting.fileKey) \(state) in \(file.path): it should be “\(setting.value)”."
        }
        let needless = present.filter { setting in !wanted.contains { $0.key == setting.key } }.map {
            "\($0.fileKey) in \(file.path) is needed no more."
        }
        return missing + needless + hindrances.map(\.text)
    }

    /// Makes the file say what it has to; blocks.
    func apply(_ tree: PanelTree) throws {
        guard !wanted.isEmpty else {
            if file.isThere { try tree.removeSettings(at: file.path) }
            return
        }
        try tree.putSettings(PanelSettingsFile.bytes(wanted), at: file.path)
    }
}
