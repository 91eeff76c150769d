import Core
import Domain
import Providers

/// Makes the settings of the Codex CLI from its options and its entry of the section `providers`.
enum CodexSection {
    /// What an entry may say beside `kind` and what all entries may say.
    struct Entry: Sendable {
        var endpoints: CodexSettings.Endpoints?
        var idle: Duration?
        var maximumProcesses: Int?
    }

    /// Reads the members of an entry that are about the program.
    static func read(_ reader: inout MemberReader) -> Entry {
        var entry = Entry()
        entry.idle = reader.duration("idle", .seconds(1)...(.seconds(86_400)))
        entry.maximumProcesses = reader.count("maximumProcesses", 1...1_000)
        guard var member = reader.member("endpoints") else { return entry }
        defer { reader.take(member) }
        guard member.isObject else {
            member.note(nil, "it does not hold an object", "Write { models: …, accounts: …, login: … }.")
            return entry
        }
        func address(_ name: String) -> String? {
            member.text(name, orElse: "it is missing") { text throws(UnacceptableValue) in
                let url = try ProviderURL.checked(text)
                guard !url.contains("\"") else {
                    throw UnacceptableValue("it holds a quote", hint: "Encode it as %22.")
                }
                return url
            }
        }
        if let models = address("models"), let accounts = address("accounts"), let login = address("login") {
            entry.endpoints = .init(models: models, accounts: accounts, login: login)
        }
        return entry
    }

    /// The settings of a provider; a mistake where profiles would lie below `/tmp`.
    static func settings(
        _ id: ProviderID,
        _ entry: Entry,
        _ configuration: CodexConfiguration
    ) throws(UnacceptableValue) -> ProviderSettings {
        guard let program = configuration.program else {
            throw UnacceptableValue("CODEX_CLI_BIN is not set", hint: "Set it to the Codex CLI's path.")
        }
        guard !configuration.profiles.hasPrefix("/tmp/") else {
            throw UnacceptableValue(
                "its profiles would lie below /tmp, where the Codex CLI keeps none",
                hint: "Set AI_PROFILE_STORAGE_PATH to another folder."
            )
        }
        var codex = CodexSettings(
            program: program,
            profiles: configuration.profiles,
            workspaces: configuration.workspaces
        )
        codex.models = configuration.models
        codex.timeout = configuration.timeout
        codex.endpoints = entry.endpoints
        codex.idle = entry.idle ?? codex.idle
        codex.maximumProcesses = entry.maximumProcesses ?? codex.maximumProcesses
        var settings = ProviderSettings(
            id: id,
            kind: .codex,
            baseURL: "codex://\(id)",
            key: nil,
            keySource: "the accounts of its users"
        )
        settings.defaultModel = configuration.model
        settings.codex = codex
        settings.sources = [.account]
        return settings
    }
}
