import Core
import Providers

/// What was said of the Codex CLI.
struct CodexConfiguration: Sendable {
    /// The program's file, absolute; nil where it was not named.
    var program: String?
    /// Used when nobody chooses.
    var model = "gpt-6.1-sol"
    /// What can be chosen; empty for what the account offers.
    var models: [String] = []
    /// How long one call of a model may take.
    var timeout = Duration.seconds(600)
    /// The folder of the profiles; absolute.
    var profiles = ""
    /// The folder of the empty working directories; absolute.
    var workspaces = ""
}

extension ConfigurationOption {
    static let codex = [
        ConfigurationOption(
            key: "CODEX_CLI_BIN",
            group: .providers,
            placeholder: "PATH",
            summary: "The Codex CLI, as a path or a name on PATH, which makes the provider “codex”.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.codex.program = try draft.program(text)
            },
            show: { $0.codex.program ?? "none" }
        ),
        ConfigurationOption(
            key: "CODEX_DEFAULT_MODEL",
            group: .providers,
            placeholder: "MODEL",
            summary: "The model of the Codex CLI that is used when nobody chooses.",
            defaultText: "gpt-6.1-sol",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.codex.model = try ProviderText.modelName(text)
            },
            show: { $0.codex.model }
        ),
        ConfigurationOption(
            key: "CODEX_MODEL_OPTIONS",
            group: .providers,
            placeholder: "MODELS",
            summary: "The models of the Codex CLI that can be chosen, with commas between them.",
            defaultText: "those that the account offers",
            apply: { text, draft throws(UnacceptableValue) in
                var models: [String] = []
                for part in text.split(separator: ",") {
                    models.append(try ProviderText.modelName(String(part).trimmed))
                }
                draft.configuration.codex.models = models
            },
            show: { $0.codex.models.joined(separator: ",") }
        ),
        ConfigurationOption(
            key: "CODEX_EXEC_TIMEOUT_MS",
            group: .providers,
            placeholder: "MILLISECONDS",
            summary: "How long one answer of the Codex CLI may take; it is ended then.",
            defaultText: "600000",
            apply: { text, draft throws(UnacceptableValue) in
                let count = try ConfigurationValue.count(text, in: 1_000...86_400_000)
                draft.configuration.codex.timeout = .milliseconds(count)
            },
            show: { "\($0.codex.timeout.inMilliseconds)" }
        ),
        ConfigurationOption(
            key: "AI_PROFILE_STORAGE_PATH",
            group: .providers,
            placeholder: "PATH",
            summary:
                "The folder of the users' profiles at providers, with their credentials; not below /tmp.",
            defaultText: "`ai/profiles` in the data directory",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.codex.profiles = try draft.absolute(text)
            },
            show: { $0.codex.profiles }
        ),
        ConfigurationOption(
            key: "AI_WORKSPACE_STORAGE_PATH",
            group: .providers,
            placeholder: "PATH",
            summary: "The folder of the empty working directories of providers' programs.",
            defaultText: "`ai/workspaces` in the data directory",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.codex.workspaces = try draft.absolute(text)
            },
            show: { $0.codex.workspaces }
        ),
    ]
}

extension ConfigurationDraft {
    /// A program's file: a name without a slash is looked for on `PATH`.
    fileprivate func program(_ text: String) throws(UnacceptableValue) -> String {
        guard !text.contains("/") else { return try absolute(text) }
        for folder in (surroundings.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(text)"
            if PrivateFile.isExecutable(path) { return path }
        }
        throw UnacceptableValue("“\(text)” is not on PATH", hint: "Give the program's path.")
    }
}
