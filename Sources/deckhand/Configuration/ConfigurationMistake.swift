/// Where a value comes from, for people.
enum ConfigurationSource: Sendable, Equatable, CustomStringConvertible {
    case flag(String)
    case environment
    case environmentFile(path: String, line: Int)
    case file(path: String)
    case standard

    var description: String {
        switch self {
        case .flag(let name): "flag \(name)"
        case .environment: "environment"
        case .environmentFile(let path, let line): "\(path), line \(line)"
        case .file(let path): path
        case .standard: "default"
        }
    }
}

/// One thing that is wrong with the configuration.
///
/// Never holds the value of a secret.
struct ConfigurationMistake: Sendable, Equatable {
    /// The name as documented, such as `PORT`; a path where a file is the trouble.
    let key: String
    let source: ConfigurationSource
    /// What is wrong.
    let reason: String
    /// What to do.
    let hint: String
}

/// All mistakes of a configuration together.
struct ConfigurationError: Error, CustomStringConvertible {
    let mistakes: [ConfigurationMistake]
    /// What is odd beside them: often the same slip of a finger.
    var warnings: [String] = []

    var description: String {
        let count = mistakes.count == 1 ? "a mistake" : "\(mistakes.count) mistakes"
        let lines = mistakes.map { mistake in
            "  \(mistake.key) (\(mistake.source)): \(mistake.reason)\n    → \(mistake.hint)"
        }
        return (["The configuration has \(count):"] + lines + warnings.map { "  Also: \($0)" }).joined(
            separator: "\n"
        )
    }
}

/// Why a text is not acceptable as the value of an option.
struct UnacceptableValue: Error {
    let reason: String
    let hint: String

    init(_ reason: String, hint: String) {
        self.reason = reason
        self.hint = hint
    }
}
