import CLinux
import Core

/// A configuration with the source of each value.
struct ResolvedConfiguration: Sendable {
    let configuration: Configuration
    /// By the option's key; options that were not given are absent.
    let sources: [String: ConfigurationSource]
    /// What is odd, but prevents nothing.
    let warnings: [String]

    /// Where an option's value comes from.
    func source(of option: ConfigurationOption) -> ConfigurationSource { sources[option.key] ?? .standard }
}

/// Reads all sources and puts one configuration together: flags > environment > `.env` > file > defaults.
struct ConfigurationResolver {
    private let surroundings: Surroundings
    private let readsEnvironmentFile: Bool
    private let readsSections: Bool
    private let leftOut: String?

    /// Makes a resolver.
    ///
    /// `.env` of the working directory is read for `serve` and `check` only, since the client commands run wherever a person happens to be.
    /// Sections that name keys are read with it, unless `readsSections` says otherwise. `leavingOut` is the name of a file of
    /// ``SettingsFolder`` that is passed over.
    init(
        _ surroundings: Surroundings,
        readsEnvironmentFile: Bool,
        readsSections: Bool? = nil,
        leavingOut leftOut: String? = nil
    ) {
        self.surroundings = surroundings
        self.readsEnvironmentFile = readsEnvironmentFile
        self.readsSections = readsSections ?? readsEnvironmentFile
        self.leftOut = leftOut
    }

    /// Where the data directory is, whatever else is wrong with the configuration.
    func dataDirectory(flags: [String: String] = [:]) -> String {
        var given = given(flags)
        var mistakes: [ConfigurationMistake] = []
        let draft = draft(&given, &mistakes)
        return draft.configuration.dataDirectory
    }

    private func given(_ flags: [String: String]) -> GivenValues {
        var given = GivenValues()
        given.add(flags: flags)
        given.add(environment: surroundings.environment)
        if readsEnvironmentFile { readEnvironmentFile(into: &given) }
        return given
    }

    private func draft(
        _ given: inout GivenValues,
        _ mistakes: inout [ConfigurationMistake]
    ) -> ConfigurationDraft {
        var draft = ConfigurationDraft(surroundings: surroundings)
        draft.configuration.dataDirectory = surroundings.defaultDataDirectory
        // The data directory first: the next sources lie in it.
        apply(given, to: &draft, &mistakes) { !$0.isAllowedInFile }
        return draft
    }

    /// Throws ``ConfigurationError`` with every mistake that was found.
    func resolve(flags: [String: String] = [:]) throws(ConfigurationError) -> ResolvedConfiguration {
        var given = given(flags)
        var mistakes: [ConfigurationMistake] = []
        var draft = draft(&given, &mistakes)
        let named = draft.configurationFile
        draft.configuration.file = named ?? draft.configuration.dataDirectory + "/deckhand.json5"
        readFile(draft.configuration.file, isNamed: named != nil, into: &given)
        readSettings(of: draft.configuration.dataDirectory, into: &given)
        draft.configuration.sections = given.sections
        apply(given, to: &draft, &mistakes) { $0.isAllowedInFile }
        ConfigurationCompletion(given).complete(&draft, &mistakes)
        var prices = PriceSectionReader(file: draft.configuration.file)
        draft.configuration.prices = prices.read(
            draft.configuration.sections[ConfigurationSection.prices.rawValue]
        )
        mistakes += prices.mistakes
        var artifacts = ArtifactSectionReader(file: draft.configuration.file)
        draft.configuration.artifacts = artifacts.read(
            draft.configuration.sections[ConfigurationSection.artifacts.rawValue]
        )
        mistakes += artifacts.mistakes
        if readsSections {
            // Not for clients: they call no providers, and may not be allowed to read their keys.
            var reader = ProviderSectionReader(given, surroundings, file: draft.configuration.file)
            draft.configuration.providers = reader.providers(of: draft.configuration)
            mistakes += reader.mistakes
            var assistant = AssistantSectionReader(
                surroundings,
                file: draft.configuration.file,
                providers: draft.configuration.providers
            )
            let section = draft.configuration.sections[ConfigurationSection.assistant.rawValue]
            draft.configuration.assistant = assistant.read(section)
            mistakes += assistant.mistakes
            var approvals = ApprovalSectionReader(given, surroundings, file: draft.configuration.file)
            draft.configuration.approvals = approvals.read(
                draft.configuration.sections[ConfigurationSection.approvals.rawValue]
            )
            mistakes += approvals.mistakes
            readHosts(given, &draft.configuration, &mistakes)
        }

        mistakes = given.mistakes + mistakes
        guard mistakes.isEmpty else { throw ConfigurationError(mistakes: mistakes, warnings: given.warnings) }
        return ResolvedConfiguration(
            configuration: draft.configuration,
            sources: given.values.mapValues(\.source),
            warnings: given.warnings
        )
    }

    /// Users of a business application must not be a step away from a shell, unless somebody says so.
    private func readHosts(
        _ given: GivenValues,
        _ configuration: inout Configuration,
        _ mistakes: inout [ConfigurationMistake]
    ) {
        var hosts = HostSectionReader(given, surroundings, file: configuration.file)
        configuration.hosts = hosts.read(configuration.sections[ConfigurationSection.hosts.rawValue])
        var roles = RoleSectionReader(file: configuration.file)
        configuration.roles = roles.read(configuration.sections[ConfigurationSection.roles.rawValue])
        mistakes += hosts.mistakes + roles.mistakes
        var actions = ActionSectionReader(configuration.hosts, file: configuration.file)
        configuration.actions = actions.actions(configuration.sections[ConfigurationSection.actions.rawValue])
        configuration.context = actions.sources(configuration.sections[ConfigurationSection.context.rawValue])
        mistakes += actions.mistakes
        if !configuration.hosts.isEmpty, given.values["DECKHAND_SHELL"] == nil {
            configuration.execution.shell = false
        }
    }

    private func apply(
        _ given: GivenValues,
        to draft: inout ConfigurationDraft,
        _ mistakes: inout [ConfigurationMistake],
        where isWanted: (ConfigurationOption) -> Bool
    ) {
        for option in ConfigurationOption.all where isWanted(option) {
            guard let value = given.values[option.key] else { continue }
            do throws(UnacceptableValue) {
                try option.apply(value.text, &draft)
            } catch {
                mistakes.append(
                    .init(key: option.key, source: value.source, reason: error.reason, hint: error.hint)
                )
            }
        }
    }

    private func readEnvironmentFile(into given: inout GivenValues) {
        let path = surroundings.absolute(".env")
        guard let text = read(path, into: &given) else { return }
        given.add(EnvironmentFile(parsing: text), path: path)
    }

    private func readFile(_ path: String, isNamed: Bool, into given: inout GivenValues) {
        if let value = json(path, mustExist: isNamed, into: &given) { given.add(value, path: path) }
    }

    private func readSettings(of dataDirectory: String, into given: inout GivenValues) {
        for path in SettingsFolder.files(in: dataDirectory)
        where leftOut.map({ path.hasSuffix("/" + $0) }) != true {
            if let value = json(path, into: &given) { given.add(part: value, path: path) }
        }
    }

    private func json(_ path: String, mustExist: Bool = false, into given: inout GivenValues) -> JSONValue? {
        guard let text = read(path, mustExist: mustExist, into: &given) else { return nil }
        do {
            return try JSONValue(parsing: Array(text.utf8), allowsJSON5: true)
        } catch {
            given.add(
                mistake: .init(
                    key: path,
                    source: .file(path: path),
                    reason: "it is not JSON5",
                    hint: "Check commas, quotes and braces; see https://spec.json5.org."
                )
            )
            return nil
        }
    }

    /// The text of a file that belongs to the user; nil when there is none or when a mistake was noted.
    private func read(
        _ path: String,
        mustExist: Bool = false,
        into given: inout GivenValues
    ) -> String? {
        do throws(PrivateFile.Trouble) {
            if let text = String(strictUTF8: try PrivateFile.read(path, owner: surroundings.userID)) {
                return text
            }
            given.add(
                mistake: .init(
                    key: path,
                    source: .file(path: path),
                    reason: "it is not UTF-8",
                    hint: "Save it as UTF-8."
                )
            )
        } catch .missing where !mustExist {
            return nil
        } catch {
            let hint =
                switch error {
                case .missing: "Make it, or do not name it."
                case .foreignOwner:
                    "Its owner could change what this server does: chown it to yourself, or start in another directory."
                case .writableByOthers: "Take the right to write away from others: chmod go-w \(path)"
                default: "Make it a readable file of yours, or remove it."
                }
            given.add(mistake: .init(key: path, source: .file(path: path), reason: error.reason, hint: hint))
        }
        return nil
    }
}
