import Core
import Domain
import Providers

/// Reads the section `providers` of `deckhand.json5`, and what the vendors' keys alone configure.
struct ProviderSectionReader {
    private let given: GivenValues
    private let surroundings: Surroundings
    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(_ given: GivenValues, _ surroundings: Surroundings, file: String) {
        self.given = given
        self.surroundings = surroundings
        source = .file(path: file)
    }

    /// All providers: first those of the vendors' keys, then those of the section by their names.
    ///
    /// An entry of the section takes the place of a vendor's provider with the same name.
    mutating func providers(of configuration: Configuration) -> [ProviderSettings] {
        let entries = section(
            configuration.sections[ConfigurationSection.providers.rawValue],
            configuration.codex
        )
        var vendors = ProviderKind.allCases.compactMap { vendor(of: $0, configuration) }
        if configuration.codex.program != nil, let id = try? ProviderID("codex"),
            !entries.contains(where: { $0.kind == .codex })
        {
            do throws(UnacceptableValue) {
                vendors.append(try CodexSection.settings(id, CodexSection.Entry(), configuration.codex))
            } catch { mistakes.append(codexMistake(error)) }
        }
        return vendors.filter { vendor in !entries.contains { $0.id == vendor.id } } + entries
    }

    private func codexMistake(_ error: UnacceptableValue) -> ConfigurationMistake {
        ConfigurationMistake(
            key: "CODEX_CLI_BIN",
            source: given.values["CODEX_CLI_BIN"]?.source ?? .standard,
            reason: error.reason,
            hint: error.hint
        )
    }

    private func vendor(of kind: ProviderKind, _ configuration: Configuration) -> ProviderSettings? {
        guard let vendor = kind.vendor, let key = configuration.vendorKeys[vendor.keyName],
            let id = try? ProviderID(vendor.id)
        else { return nil }
        var settings = ProviderSettings(
            id: id,
            kind: kind,
            baseURL: kind == .openAIResponses ? configuration.openAI.baseURL : vendor.baseURL,
            key: key,
            keySource: vendor.keyName
        )
        if kind == .openAIResponses { settings.defaultModel = configuration.openAI.model }
        return settings
    }

    private mutating func section(_ value: JSONValue?, _ codex: CodexConfiguration)
        -> [ProviderSettings]
    {
        guard let value else { return [] }
        guard let members = value.object else {
            note("providers", "it does not hold an object", "Write providers: { NAME: { kind: … } }.")
            return []
        }
        var result: [ProviderSettings] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let id = try? ProviderID(name) else {
                note(
                    "providers.\(name)",
                    "this name is not allowed",
                    "Use 1 to 64 letters, digits, dots, dashes or underscores."
                )
                continue
            }
            var reader = MemberReader(value, path: "providers.\(name)", source: source)
            if let settings = entry(id, codex, &reader) { result.append(settings) }
            mistakes += reader.finish()
        }
        return result
    }

    private func entry(_ id: ProviderID, _ codex: CodexConfiguration, _ reader: inout MemberReader)
        -> ProviderSettings?
    {
        let kind: ProviderKind? = reader.text("kind", orElse: "it is missing") {
            text throws(UnacceptableValue) in
            guard let kind = ProviderKind.allCases.first(where: { $0.rawValue == text }) else {
                let kinds = ProviderKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw UnacceptableValue("“\(text)” is not known", hint: "Give one of: \(kinds).")
            }
            return kind
        }
        let url = reader.text("baseURL") { text throws(UnacceptableValue) in try ProviderURL.checked(text) }
        let (key, keySource) = self.key(id, &reader)
        let models = reader.map("models") { self.model(&$0) }
        let preferred = reader.text("defaultModel") { text throws(UnacceptableValue) in
            try ProviderText.modelName(text)
        }
        let streams = reader.bool("streams")
        let retries = reader.count("retries", 0...10)
        let script = reader.value("script", ProviderScript.init)
        let headers = ProviderHeaderReader.read(&reader, hasKey: keySource != nil) { secret(&$0).0 }
        let sources = reader.words("credentials", CredentialSource.self)
        let program = CodexSection.read(&reader)
        var limits = ProviderLimits()
        timeouts(&reader, &limits)
        guard let kind else { return nil }
        if kind == .codex {
            do throws(UnacceptableValue) {
                var settings = try CodexSection.settings(id, program, codex)
                settings.models = models
                settings.defaultModel = preferred ?? settings.defaultModel
                return settings
            } catch {
                reader.note(nil, error.reason, error.hint)
                return nil
            }
        }
        if kind == .scripted { return scripted(id, script, &reader) }
        guard let address = url ?? kind.vendor?.baseURL else {
            reader.note(
                "baseURL",
                "it is missing",
                "Give the server's address, such as http://127.0.0.1:8080/v1."
            )
            return nil
        }
        var settings = ProviderSettings(
            id: id,
            kind: kind,
            baseURL: address,
            key: key,
            keySource: keySource ?? "key of the provider \(id) in deckhand.json5"
        )
        settings.models = models
        if sources.contains(.account) {
            reader.note(
                "credentials",
                "this kind has no accounts to log in to",
                "Give deployment, user or both."
            )
        }
        if !sources.isEmpty { settings.sources = Set(sources) }
        settings.defaultModel = preferred ?? (settings.models.count == 1 ? settings.models[0].name : nil)
        settings.streams = streams ?? true
        settings.headers = headers
        settings.limits = limits
        if let retries { settings.limits.retries = retries }
        return settings
    }

    private func scripted(_ id: ProviderID, _ script: ProviderScript?, _ reader: inout MemberReader)
        -> ProviderSettings?
    {
        guard let script else {
            reader.note("script", "it is missing", "Write script: { answers: [{ text: [\"Hello.\"] }] }.")
            return nil
        }
        var settings = ProviderSettings(
            id: id,
            kind: .scripted,
            baseURL: "script://\(id)",
            key: nil,
            keySource: "its script"
        )
        settings.script = script
        return settings
    }

    /// The key of an entry, and where it comes from; the text itself may not stand in the file.
    private func key(_ id: ProviderID, _ reader: inout MemberReader) -> (Secret<String>?, source: String?) {
        guard var member = reader.member("key") else { return (nil, nil) }
        defer { reader.take(member) }
        guard member.isObject else {
            // Also where somebody put the key itself: its text is not repeated.
            member.note(
                nil,
                "it does not say where the key is",
                "Write key: { env: \"NAME\" } or key: { file: \"PATH\" }."
            )
            return (nil, nil)
        }
        return secret(&member)
    }

    private func secret(_ reader: inout MemberReader) -> (Secret<String>?, source: String?) {
        SecretMemberReader(given: given, surroundings: surroundings).read(&reader)
    }

    private func timeouts(_ reader: inout MemberReader, _ limits: inout ProviderLimits) {
        guard var member = reader.member("timeouts") else { return }
        defer { reader.take(member) }
        guard member.isObject else {
            return member.note(
                nil,
                "it does not hold an object",
                "Write { firstByte: \"10m\", silence: \"5m\" }."
            )
        }
        let range = Duration.seconds(1)...(.seconds(86_400))
        limits.firstByte = member.duration("firstByte", range) ?? limits.firstByte
        limits.silence = member.duration("silence", range) ?? limits.silence
        limits.withoutContent = member.duration("withoutContent", range) ?? limits.withoutContent
    }

    private func model(_ reader: inout MemberReader) -> ModelSettings? {
        let name = reader.text("name", orElse: "it is missing") { text throws(UnacceptableValue) in
            try ProviderText.modelName(text)
        }
        var model = ModelSettings(name: name ?? "")
        model.title = reader.text("title") { text throws(UnacceptableValue) in text }
        model.contextWindow = reader.count("contextWindow", 1_000...100_000_000)
        model.maximumOutputTokens = reader.count("maximumOutputTokens", 1...10_000_000)
        model.images = reader.bool("images")
        model.shellTool = reader.bool("shellTool")
        model.reasoning = reader.bool("reasoning")
        let efforts = reader.words("efforts", ReasoningEffort.self)
        model.efforts = efforts.isEmpty ? nil : efforts
        model.price = reader.price("price")
        return name == nil ? nil : model
    }

    private mutating func note(_ key: String, _ reason: String, _ hint: String) {
        mistakes.append(ConfigurationMistake(key: key, source: source, reason: reason, hint: hint))
    }
}
