import Core

/// The texts that were given for options, each with its source; later sources do not replace earlier ones.
struct GivenValues: Sendable {
    struct Given: Sendable {
        let text: String
        let source: ConfigurationSource
    }

    private(set) var values: [String: Given] = [:]
    private(set) var mistakes: [ConfigurationMistake] = []
    private(set) var warnings: [String] = []
    /// The sections of `deckhand.json5` beside `settings`, by name.
    private(set) var sections: [String: JSONValue] = [:]
    /// What environment and `.env` hold beside options, for sections that name variables; the environment wins.
    private(set) var variables: [String: Secret<String>] = [:]

    /// Takes flags first: the highest precedence.
    mutating func add(flags: [String: String]) {
        for option in ConfigurationOption.all {
            if let flag = option.flag, let text = flags[flag] { give(option.key, text, .flag(flag)) }
        }
    }

    mutating func add(environment: [String: String]) {
        // The small letters win, as with curl.
        for name in ConfigurationOption.proxyNames {
            if let text = environment[name.lowercased()] { give(name, text, .environment) }
        }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) {
            keep(name, text)
            if ConfigurationOption.all.contains(where: { $0.key == name }) {
                give(name, text, .environment)
            } else if name.hasPrefix("DECKHAND_"), !ConfigurationOption.otherNames.contains(name) {
                warnings.append("\(name) in the environment is not an option\(Self.suggestion(for: name))")
            }
        }
    }

    /// Takes the text of a `.env` file; names of other programs are passed over.
    mutating func add(_ file: EnvironmentFile, path: String) {
        for bad in file.badLines {
            mistakes.append(
                .init(
                    key: path,
                    source: .environmentFile(path: path, line: bad.line),
                    reason: bad.reason,
                    hint: "Write NAME=value, one to a line; put values with spaces into quotes."
                )
            )
        }
        var seen: Set<String> = []
        for entry in file.entries {
            let source = ConfigurationSource.environmentFile(path: path, line: entry.line)
            keep(entry.name, entry.value)
            if ConfigurationOption.all.contains(where: { $0.key == entry.name }) {
                guard seen.insert(entry.name).inserted else {
                    mistakes.append(
                        .init(
                            key: entry.name,
                            source: source,
                            reason: "it stands there twice",
                            hint: "Remove one of the two lines."
                        )
                    )
                    continue
                }
                give(entry.name, entry.value, source)
            } else if entry.name.hasPrefix("DECKHAND_"), !ConfigurationOption.otherNames.contains(entry.name)
            {
                mistakes.append(Self.unknown(entry.name, source))
            }
        }
    }

    /// Takes `deckhand.json5`: the options in `settings`, and the other sections as they are.
    mutating func add(_ file: JSONValue, path: String) {
        let source = ConfigurationSource.file(path: path)
        guard let members = file.object else {
            return mistakes.append(Self.noObject(path, source))
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch ConfigurationSection(rawValue: name) {
            case .settings?:
                guard let settings = value.object else {
                    mistakes.append(Self.noObject(name, source))
                    continue
                }
                add(settings: settings, source)
            case _?: sections[name] = value
            case nil: mistakes.append(Self.unknownSection(name, source))
            }
        }
    }

    /// Takes a file of ``SettingsFolder``: options in `settings`, and nothing else.
    mutating func add(part file: JSONValue, path: String) {
        let source = ConfigurationSource.file(path: path)
        guard let members = file.object else { return mistakes.append(Self.noObject(path, source)) }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard name == ConfigurationSection.settings.rawValue else {
                mistakes.append(
                    .init(
                        key: name,
                        source: source,
                        reason: "files of settings.d hold “settings” and nothing else",
                        hint: "Move it to deckhand.json5."
                    )
                )
                continue
            }
            guard let settings = value.object else {
                mistakes.append(Self.noObject(name, source))
                continue
            }
            add(settings: settings, source)
        }
    }

    private mutating func add(settings: [String: JSONValue], _ source: ConfigurationSource) {
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            guard let option = ConfigurationOption.all.first(where: { $0.fileKey == name }) else {
                // Somebody may have written the name of the environment.
                let fileKey = ConfigurationOption.all.first { $0.key == name }?.fileKey
                mistakes.append(Self.unknown(name, source, meant: fileKey))
                continue
            }
            guard let text = Self.text(of: value) else {
                mistakes.append(
                    .init(
                        key: option.key,
                        source: source,
                        reason: "the value has the wrong type",
                        hint: "Give a text, a whole number, true or false, or a list of texts."
                    )
                )
                continue
            }
            give(option.key, text, source)
        }
    }

    /// Puts a mistake beside those found in the texts.
    mutating func add(mistake: ConfigurationMistake) { mistakes.append(mistake) }

    private mutating func give(_ key: String, _ text: String, _ source: ConfigurationSource) {
        // An empty value means "not given", so that `PORT=` in a file switches nothing to an unreadable value.
        guard !text.isEmpty, values[key] == nil else { return }
        values[key] = Given(text: text, source: source)
    }

    private mutating func keep(_ name: String, _ text: String) {
        guard !text.isEmpty, variables[name] == nil else { return }
        variables[name] = Secret(text)
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): flag ? "on" : "off"
        case .array(let values):
            values.allSatisfy { $0.string != nil } ? values.compactMap(\.string).joined(separator: ",") : nil
        default: nil
        }
    }

    private static func unknown(
        _ name: String,
        _ source: ConfigurationSource,
        meant: String? = nil
    ) -> ConfigurationMistake {
        ConfigurationMistake(
            key: name,
            source: source,
            reason: "there is no such option"
                + (meant.map { "; did you mean \($0)?" } ?? suggestion(for: name)),
            hint: "See the names with: deckhand help configuration"
        )
    }

    private static func noObject(_ name: String, _ source: ConfigurationSource) -> ConfigurationMistake {
        ConfigurationMistake(
            key: name,
            source: source,
            reason: "it does not hold an object",
            hint: "Write { … } around the members."
        )
    }

    private static func unknownSection(
        _ name: String,
        _ source: ConfigurationSource
    ) -> ConfigurationMistake {
        let names = ConfigurationSection.allCases.map(\.rawValue)
        if ConfigurationOption.all.contains(where: { $0.fileKey == name }) {
            return ConfigurationMistake(
                key: name,
                source: source,
                reason: "options stand in the section “settings”",
                hint: "Write settings: { \(name): … }."
            )
        }
        let near = Spelling.nearest(to: name, among: names).map { "; did you mean \($0)?" }
        return ConfigurationMistake(
            key: name,
            source: source,
            reason: "there is no such section\(near ?? suggestion(for: name))",
            hint: "The sections are: \(names.joined(separator: ", "))."
        )
    }

    /// “; did you mean …?” when a name is near.
    static func suggestion(for name: String) -> String {
        let names =
            name == name.lowercased()
            ? ConfigurationOption.all.compactMap(\.fileKey) : ConfigurationOption.all.map(\.key)
        return Spelling.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
    }
}
