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
            configuration
        )
        var vendors: [ProviderSettings] = []
        for kind in ProviderKind.allCases {
            guard let vendor = kind.vendor, !entries.contains(where: { $0.id.rawValue == vendor.id }) else {
                continue
            }
            if let settings = self.vendor(vendor, kind, configuration) { vendors.append(settings) }
        }
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

    private mutating func vendor(
        _ vendor: ProviderVendor,
        _ kind: ProviderKind,
        _ configuration: Configuration
    ) -> ProviderSettings? {
        guard let id = try? ProviderID(vendor.id) else { return nil }
        var key = configuration.vendorKeys[vendor.keyName]
        var source = vendor.keyName
        if key == nil {
            let file = keyFile(of: id, configuration)
            mistakes += [file.mistake].compactMap(\.self)
            (key, source) = (file.key, file.path)
        }
        guard let key else { return nil }
        var settings = ProviderSettings(
            id: id,
            kind: kind,
            baseURL: Self.address(of: vendor, kind, configuration),
            key: key,
            keySource: source
        )
        settings.defaultModel = Self.model(of: vendor, configuration)
        return settings
    }

    private static func address(
        of vendor: ProviderVendor,
        _ kind: ProviderKind,
        _ configuration: Configuration
    ) -> String {
        kind == .openAIResponses ? configuration.openAI.baseURL : vendor.baseURL
    }

    private static func model(of vendor: ProviderVendor, _ configuration: Configuration) -> String {
        configuration.vendorModels[vendor.modelName] ?? vendor.defaultModel
    }

    /// The key in the file `keys/<provider>` of the data directory; no mistake when there is no such file.
    private func keyFile(of id: ProviderID, _ configuration: Configuration) -> (
        key: Secret<String>?, path: String, mistake: ConfigurationMistake?
    ) {
        let name = id.rawValue
        let path = configuration.dataDirectory + "/keys/" + name
        // The folder holds the keys of the installation itself, too.
        guard !name.hasPrefix("."), !["master", "audit"].contains(name) else { return (nil, path, nil) }
        func mistake(_ reason: String, _ hint: String) -> ConfigurationMistake {
            ConfigurationMistake(key: "keys/\(name)", source: source, reason: reason, hint: hint)
        }
        do throws(PrivateFile.Trouble) {
            let bytes = try PrivateFile.read(path, owner: surroundings.userID, isSecret: true, limit: 8_192)
            do throws(UnacceptableValue) {
                return (try ProviderText.key(String(decoding: bytes, as: UTF8.self)), path, nil)
            } catch { return (nil, path, mistake(error.reason, error.hint)) }
        } catch {
            if error == .missing { return (nil, path, nil) }
            return (nil, path, mistake(error.reason, "Make it a file of yours alone: chmod 600 \(path)"))
        }
    }

    private mutating func section(_ value: JSONValue?, _ configuration: Configuration)
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
            if let settings = entry(id, configuration, &reader) { result.append(settings) }
            mistakes += reader.finish()
        }
        return result
    }

    private mutating func entry(
        _ id: ProviderID,
        _ configuration: Configuration,
        _ reader: inout MemberReader
    ) -> ProviderSettings? {
        let kind: ProviderKind? = reader.text("kind", orElse: "it is missing") {
            text throws(UnacceptableValue) in
            guard let kind = ProviderKind.allCases.first(where: { $0.rawValue == text }) else {
                let kinds = ProviderKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw UnacceptableValue("“\(text)” is not known", hint: "Give one of: \(kinds).")
            }
            return kind
        }
        let url = reader.text("baseURL") { text throws(UnacceptableValue) in try ProviderURL.checked(text) }
        let hasKey = reader.value(of: "key") != nil
        var (key, keySource) = self.key(id, &reader)
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
                var settings = try CodexSection.settings(id, program, configuration.codex)
                settings.models = models
                settings.defaultModel = preferred ?? settings.defaultModel
                return settings
            } catch {
                reader.note(nil, error.reason, error.hint)
                return nil
            }
        }
        if kind == .scripted { return scripted(id, script, &reader) }
        // The vendor's own provider keeps what the environment says of it, as far as the entry says nothing else.
        let vendor = kind.vendor.flatMap { $0.id == id.rawValue && url == nil ? $0 : nil }
        let isHeader = headers.contains { ProviderHeaderReader.credentials.contains($0.name.lowercased()) }
        let needsKey = !hasKey && !isHeader
        if needsKey, let vendor, let known = configuration.vendorKeys[vendor.keyName] {
            (key, keySource) = (known, vendor.keyName)
        } else if needsKey {
            let file = keyFile(of: id, configuration)
            mistakes += [file.mistake].compactMap(\.self)
            if file.key != nil { (key, keySource) = (file.key, file.path) }
        }
        let standard = vendor.map { Self.address(of: $0, kind, configuration) } ?? kind.vendor?.baseURL
        guard let address = url ?? standard else {
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
        if let vendor, settings.defaultModel == nil {
            let model = Self.model(of: vendor, configuration)
            let isKnown = models.isEmpty || models.contains { $0.name == model }
            if isKnown { settings.defaultModel = model }
        }
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
