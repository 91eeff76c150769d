internal import API
internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

/// How a running server is set up, and how it is: what `deckhand check` shows, without what matters before the start
/// only, and without what would cost much each time.
final class RunningReport: ServerReport {
    /// Probes that start programs find the same for as long as nobody installs something.
    private static let lasting = Duration.seconds(600)

    private struct Found {
        let findings: [ServerFinding]
        let time: ContinuousClock.Instant
    }

    let settings: ServerSettings
    private let configuration: Configuration
    private let thread = DedicatedThread(name: "report")
    private let started = ContinuousClock.now
    private let found = Mutex<Found?>(nil)

    init(_ resolved: ResolvedConfiguration) {
        configuration = resolved.configuration
        settings = ServerSettings(
            options: ConfigurationOption.all.map { option in
                ServerSettings.Option(
                    key: option.key,
                    group: option.group.rawValue,
                    value: option.show(resolved.configuration),
                    source: resolved.source(of: option).description,
                    isDefault: resolved.source(of: option) == .standard,
                    summary: option.summary
                )
            },
            file: resolved.configuration.file,
            sections: resolved.configuration.sections.keys.sorted(),
            warnings: resolved.warnings
        )
    }

    /// Whether others answer is asked where it can be kept; see ``LiveReport``.
    func outside() async -> [ServerFinding] { [] }

    func findings() async -> [ServerFinding] {
        let lasting = await lastingFindings()
        let configuration = configuration
        let now = try? await thread.run {
            DataProbes.running(configuration) + MachineProbes.clock()
        }
        let warnings = settings.warnings.map {
            ServerFinding(name: "configuration", verdict: "warning", text: $0, hint: nil)
        }
        return warnings + lasting + Self.shown(now ?? [])
    }

    private func lastingFindings() async -> [ServerFinding] {
        if let found = found.withLock({ $0 }), ContinuousClock.now - found.time < Self.lasting {
            return found.findings
        }
        let configuration = configuration
        let probes = try? await thread.run { () -> [Finding] in
            var findings = AccessProbes.all(configuration) + MachineProbes.running(configuration)
            findings += AssistantProbes.running(configuration) + PanelProbes.files(configuration)
            findings.append(DataProbes.quickSpeed(configuration))
            return findings
        }
        let findings = Self.shown(probes ?? [])
        found.withLock { $0 = Found(findings: findings, time: .now) }
        return findings
    }

    static func shown(_ findings: [Finding]) -> [ServerFinding] {
        findings.map {
            ServerFinding(name: $0.name, verdict: $0.verdict.rawValue, text: $0.text, hint: $0.hint)
        }
    }

    func load() async -> ServerLoad {
        let path = configuration.dataDirectory
        let uptime = (ContinuousClock.now - started).inSeconds
        let load = try? await thread.run { MachineLoad.now(dataDirectory: path) }
        var result = load ?? ServerLoad()
        result.uptime = uptime
        return result
    }
}

/// The machine at a moment, from proc(5) and statvfs(3).
enum MachineLoad {
    static func now(dataDirectory: String) -> ServerLoad {
        var load = ServerLoad()
        load.averages = averages(MachineProbes.text(of: "/proc/loadavg"))
        load.processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = memory(MachineProbes.text(of: "/proc/meminfo"))
        (load.memory, load.memoryAvailable) = (memory["MemTotal"], memory["MemAvailable"])
        var status = statvfs()
        if unsafe statvfs(dataDirectory, &status) == 0 {
            load.disk = Int64(clamping: UInt64(status.f_blocks) * UInt64(status.f_frsize))
            load.diskFree = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        }
        return load
    }

    /// The first three words of proc_loadavg(5).
    static func averages(_ text: String) -> [Double] {
        let words = text.split(separator: " ").prefix(3).compactMap { Double($0) }
        return words.count == 3 ? words : []
    }

    /// Bytes by the names of proc_meminfo(5), whose unit is KiB.
    static func memory(_ text: String) -> [String: Int64] {
        var result: [String: Int64] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let number = parts[1].split(separator: " ").first.flatMap({ Int64($0) })
            else { continue }
            result[String(parts[0])] = number << 10
        }
        return result
    }
}
