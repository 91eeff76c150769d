import Application
import Core
import Domain

/// Reads the section `artifacts` of `deckhand.json5`.
struct ArtifactSectionReader {
    private static let longest = Duration.seconds(3_650 * 86_400)

    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(file: String) { source = .file(path: file) }

    /// The settings; the defaults for what is left out.
    mutating func read(_ value: JSONValue?) -> ArtifactSettings {
        var settings = ArtifactSettings()
        guard let value else { return settings }
        var reader = MemberReader(value, path: ConfigurationSection.artifacts.rawValue, source: source)
        settings.maximumBytes = reader.bytes("maximumBytes", 1_024...(256 << 20)) ?? settings.maximumBytes
        let most = 1_024...(1 << 50)
        if let bytes = reader.bytes("bytesOfUser", most) { settings.quota.bytesOfOwner = Int64(bytes) }
        if let bytes = reader.bytes("bytesOfClient", most) { settings.quota.bytesOfClient = Int64(bytes) }
        settings.quota.countOfOwner =
            reader.count("filesOfUser", 1...1_000_000) ?? settings.quota.countOfOwner
        settings.lifetime =
            reader.duration("keep", unit: "d", .seconds(3_600)...Self.longest) ?? settings.lifetime
        mistakes += reader.finish()
        return settings
    }
}
