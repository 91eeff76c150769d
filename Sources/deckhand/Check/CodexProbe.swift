import Core
import Domain
import FoundationEssentials
import Processes
import Providers
import Synchronization

/// Whether the Codex CLI is there, and of which version.
enum CodexProbe {
    static func finding(_ settings: ProviderSettings, _ codex: CodexSettings) async -> Finding {
        let name = "provider.\(settings.id)"
        let hint =
            "Install the Codex CLI with its helpers beside it, and set CODEX_CLI_BIN to it; see docs/codex.md."
        guard let words = await version(codex.program) else {
            return Finding(name, .weak, "codex: \(codex.program) cannot be run", hint: hint)
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

    /// What the program says of itself; nil when it says nothing within some seconds.
    private static func version(_ program: String) async -> String? {
        let lines = Lines()
        let started = PipedProgram(
            path: program,
            arguments: ["--version"],
            environment: ["PATH=/usr/bin:/bin", "HOME=/nonexistent", "CODEX_HOME=/nonexistent"],
            directory: "/"
        )
        guard
            let process = try? await PipedProcess.start(
                started,
                .init(
                    take: {
                        lines.add($0)
                        return true
                    },
                    end: {}
                )
            )
        else { return nil }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await process.ended() }
            group.addTask {
                try? await Task.sleep(for: .seconds(5))
                if !Task.isCancelled { process.beginEnd() }
            }
            await group.next()
            group.cancelAll()
        }
        return lines.first.flatMap { $0.hasPrefix("codex") ? $0 : nil }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var first: String? { lines.withLock { $0.first } }
        func add(_ line: [UInt8]) {
            lines.withLock { $0.append(String(decoding: line.prefix(200), as: UTF8.self)) }
        }
    }
}
