import Core
import Domain
import FoundationEssentials
import Providers

/// Whether the Codex CLI is there, and of which version.
enum CodexProbe {
    static func finding(_ settings: ProviderSettings, _ codex: CodexSettings) async -> Finding {
        let name = "provider.\(settings.id)"
        let hint =
            "Install the Codex CLI with its helpers beside it, and set CODEX_CLI_BIN to it; see docs/codex.md."
        guard let words = await CodexVersion.words(of: codex.program) else {
            return Finding(name, .weak, "codex: \(codex.program) cannot be run", hint: hint)
        }
        if let problem = CodexVersion.problem(words, settings.id) {
            return Finding(name, .weak, problem.message, hint: problem.hint ?? hint)
        }
        let folder = codex.program.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        guard FileManager.default.isExecutableFile(atPath: folder + "/codex-code-mode-host") else {
            return Finding(
                name,
                .weak,
                "\(words): codex-code-mode-host is not beside it, without which newer models call no tools",
                hint: hint
            )
        }
        return Finding(name, .fine, "\(words), default model \(settings.defaultModel ?? "none")")
    }
}
