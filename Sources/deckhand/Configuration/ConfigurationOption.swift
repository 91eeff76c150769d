/// One option: a row of the table that yields parsing, help, the reference page and the output of `check`.
struct ConfigurationOption: Sendable {
    /// The sections of help and reference.
    enum Group: String, Sendable, CaseIterable {
        case general = "General"
        case network = "Network"
        case signIn = "Sign-in"
        case panel = "Hosting panels"
        case commands = "Commands"
        case limits = "Limits of one command"
        case scheduling = "Queue and retention"
        case providers = "Providers of models"
    }

    /// The name in the environment and in `.env`.
    let key: String
    let group: Group
    /// What stands for the value in help.
    let placeholder: String
    /// One sentence.
    let summary: String
    /// The default in words.
    let defaultText: String
    /// Never shown and never taken from a flag, where other users of the machine could read it.
    var isSecret = false
    /// Says whether it may stand in `deckhand.json5`; what says where that file is may not.
    var isAllowedInFile = true
    /// Puts a text into the draft.
    let apply: @Sendable (String, inout ConfigurationDraft) throws(UnacceptableValue) -> Void
    /// The resolved value as text that could be given again.
    let show: @Sendable (Configuration) -> String

    private var shortName: String {
        key.hasPrefix("DECKHAND_") ? String(key.dropFirst("DECKHAND_".count)) : key
    }

    /// The flag of `serve` and `check`, such as `--max-running`; nil for secrets.
    var flag: String? {
        isSecret ? nil : "--" + String(shortName.lowercased().map { $0 == "_" ? "-" : $0 })
    }

    /// The name in `deckhand.json5`, such as `max_running`; nil where it may not stand there.
    var fileKey: String? { isAllowedInFile ? shortName.lowercased() : nil }

    /// All options in the order of the reference.
    static let all =
        general + network + signIn + panel + commands + limits + scheduling + providers + codex + proxy

    /// Names beginning with `DECKHAND_` that mean something else, so that they are not taken for misspelled options.
    static let otherNames: Set<String> = ["DECKHAND_URL", "DECKHAND_TOKEN", "DECKHAND_KILL_AT"]
}

/// A configuration in the making: what was given, before defaults that depend on other values are filled in.
struct ConfigurationDraft: Sendable {
    var configuration = Configuration()
    let surroundings: Surroundings
    /// Where `deckhand.json5` is said to be; nil for the data directory.
    var configurationFile: String?
    var baseURL: BaseURL?
    var basePath: String?
    var allowedHosts: [String]?
    var tlsPort: UInt16?
    var tlsHost: String?
    var tlsCertificate: String?
    var tlsKey: String?

    /// A path as given, made absolute from the working directory.
    func absolute(_ text: String) throws(UnacceptableValue) -> String {
        guard !text.isEmpty, !text.utf8.contains(0) else {
            throw UnacceptableValue(
                "this is not a path",
                hint: "Give an absolute path, or one from the working directory."
            )
        }
        return surroundings.absolute(text)
    }
}

/// What the program finds around itself; a value, so that tests can make one up.
struct Surroundings: Sendable {
    var environment: [String: String]
    var workingDirectory: String
    var homeDirectory: String?
    var userID: UInt32
    /// The running program's own file.
    var executablePath: String
    /// The folder in which packages start the server, whose `.env` it reads.
    var serviceDirectory = "/etc/deckhand"

    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : (workingDirectory == "/" ? "" : workingDirectory) + "/" + path
    }

    /// Where the data directory is unless something else was said: of the machine for root, else of the user
    /// (XDG Base Directory Specification).
    var defaultDataDirectory: String {
        if userID == 0 { return "/var/lib/deckhand" }
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base + "/deckhand" }
        return (homeDirectory ?? workingDirectory) + "/.local/share/deckhand"
    }

    /// A program that lies beside this one.
    func sibling(_ name: String) -> String {
        let folder = executablePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/" + name
    }
}
