public import Domain
internal import Processes
internal import Synchronization

/// What the Codex CLI says of its version, without an account and without a profile.
public enum CodexVersion: Sendable {
    private static let patience = Duration.seconds(5)

    /// The program's answer to `--version`, such as `codex-cli 0.163.0`; nil when it gives none within some seconds.
    public static func words(of program: String) async -> String? {
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
                try? await Task.sleep(for: patience)
                if !Task.isCancelled { process.beginEnd() }
            }
            await group.next()
            group.cancelAll()
        }
        return lines.first.flatMap { $0.hasPrefix("codex") ? $0 : nil }
    }

    /// Why a program that says this of itself is too old for this server; nil when it is not, or says no version.
    public static func problem(_ words: String, _ id: ProviderID) -> Failure? {
        let name = words.split(separator: " ").last.map(String.init) ?? ""
        guard let version = CodexCommand.version(in: "/" + name),
            version.lexicographicallyPrecedes(CodexCommand.oldestVersion)
        else { return nil }
        return CodexFailures(id: id).tooOld(version)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var first: String? { lines.withLock { $0.first } }
        func add(_ line: [UInt8]) {
            lines.withLock { lines in
                if lines.isEmpty { lines.append(String(decoding: line.prefix(200), as: UTF8.self)) }
            }
        }
    }
}
