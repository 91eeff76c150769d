import CLinux
import Core
import Domain
import Processes

/// What the machine can do; every probe may block.
enum MachineProbes {
    static func all(_ configuration: Configuration) -> [Finding] {
        [shell(), policyParser(), runner(configuration.execution.runnerPath)] + controlGroups(configuration)
            + namespaces() + [readOnly(configuration.execution), openFiles(configuration)] + clock()
    }

    /// What a server that runs can lack.
    static func running(_ configuration: Configuration) -> [Finding] {
        let files = [openFiles(configuration)]
        guard configuration.execution.shell else { return files }
        return [policyParser()] + controlGroups(configuration) + namespaces()
            + [readOnly(configuration.execution)] + files
    }

    static func shell() -> Finding {
        guard let outcome = ProbeProcess.run(["/bin/bash", "--version"]), outcome.exitCode == 0 else {
            return Finding(
                "shell",
                .broken,
                "/bin/bash cannot be started",
                hint: "Install it: apt-get install bash"
            )
        }
        return Finding("shell", .fine, firstLine(outcome.output))
    }

    static func policyParser() -> Finding {
        guard let outcome = ProbeProcess.run([ShfmtParser.usualPath, "--version"]), outcome.exitCode == 0
        else {
            return Finding(
                "shfmt",
                .weak,
                "not found; rules over parsed commands need it",
                hint: "Install it: apt-get install shfmt"
            )
        }
        return Finding("shfmt", .fine, firstLine(outcome.output))
    }

    /// The runner answers to its server only, so it is judged as a file, and by being started without a socket.
    static func runner(_ path: String) -> Finding {
        let hint = "Build it: swift build --product deckhand-runner — or name it with DECKHAND_RUNNER."
        guard unsafe access(path, X_OK) == 0 else {
            return Finding("runner", .broken, "\(path) is missing or not executable", hint: hint)
        }
        guard let outcome = ProbeProcess.run([path]), outcome.exitCode == 2 else {
            return Finding("runner", .broken, "\(path) does not start as a deckhand-runner does", hint: hint)
        }
        return Finding("runner", .fine, path)
    }

    static func controlGroups(_ configuration: Configuration) -> [Finding] {
        guard configuration.execution.cgroup == .auto else {
            return [
                Finding(
                    "cgroups",
                    .weak,
                    "switched off; limits hold for each process, not for a whole command"
                )
            ]
        }
        let root = "/sys/fs/cgroup"
        var findings: [Finding] = []
        let isVersion2 = fileSystem(root) == CGROUP2_SUPER_MAGIC
        let second = isVersion2 ? root : root + "/unified"
        if fileSystem(second) == CGROUP2_SUPER_MAGIC {
            let controllers = text(of: second + "/cgroup.controllers").trimmed
            let isWritable = unsafe access(second, W_OK) == 0
            let state = controllers.isEmpty ? "without controllers" : "with \(controllers)"
            findings.append(
                Finding(
                    "cgroups.v2",
                    controllers.isEmpty || !isWritable ? .weak : .fine,
                    "\(second) \(state)\(isWritable ? "" : ", not writable here")"
                )
            )
        } else {
            findings.append(Finding("cgroups.v2", .weak, "not mounted"))
        }
        let first = ["memory", "pids", "cpu"].filter { fileSystem(root + "/" + $0) == CGROUP_SUPER_MAGIC }
        let writable = first.filter { unsafe access(root + "/" + $0, W_OK) == 0 }
        findings.append(
            first.isEmpty
                ? Finding("cgroups.v1", isVersion2 ? .fine : .weak, "not mounted")
                : Finding(
                    "cgroups.v1",
                    writable.isEmpty ? .weak : .fine,
                    "\(first.joined(separator: ", "))\(writable.count == first.count ? "" : ", not all writable here")"
                )
        )
        return findings
    }

    static func namespaces() -> [Finding] {
        let probes = [
            ("namespaces.user", ["unshare", "--user", "true"]),
            (
                "namespaces.mount",
                geteuid() == 0
                    ? ["unshare", "--mount", "true"] : ["unshare", "--map-root-user", "--mount", "true"]
            ),
        ]
        return probes.map { name, arguments in
            guard let outcome = ProbeProcess.run(arguments) else {
                return Finding(
                    name,
                    .weak,
                    "cannot be tried: unshare does not start",
                    hint: "Install it: apt-get install util-linux"
                )
            }
            return outcome.exitCode == 0
                ? Finding(name, .fine, "can be made")
                : Finding(
                    name,
                    .weak,
                    "cannot be made: \(firstLine(outcome.output))",
                    hint:
                        "Commands of the server's own user then see its data directory; set DECKHAND_RUN_AS."
                )
        }
    }

    /// Whether what a rule allows as reading is kept from writing.
    static func readOnly(_ execution: ExecutionConfiguration) -> Finding {
        let name = "namespaces.read-only"
        guard execution.readOnly == .auto else {
            return Finding(name, .weak, "switched off: a hole in a rule that allows a command could write")
        }
        guard let problem = ReadOnlyProbe.problem(runnerPath: execution.runnerPath) else {
            return Finding(name, .fine, "commands that a rule allows as reading cannot write")
        }
        return Finding(name, .weak, "\(problem) A hole in a rule that allows a command could write.")
    }

    static func openFiles(_ configuration: Configuration) -> Finding {
        var limit = rlimit()
        _ = unsafe getrlimit(RLIMIT_NOFILE, &limit)
        // Connections on each port, and a few descriptors for each running command.
        let wanted = UInt64(
            configuration.network.maximumConnections + configuration.scheduling.running.total * 8 + 256
        )
        let isEnough = limit.rlim_max >= wanted
        return Finding(
            "files.open",
            isEnough ? .fine : .weak,
            "\(limit.rlim_cur), up to \(limit.rlim_max)",
            hint: isEnough
                ? nil : "\(wanted) are wanted for this many connections and commands: raise LimitNOFILE."
        )
    }

    static func clock() -> [Finding] {
        let clock = SystemWallClock()
        let now = clock.now()
        // 2025-01-01 and 2100-01-01: outside them certificates and expiries make no sense.
        let isPlausible = (1_735_689_600...4_102_444_800).contains(now.seconds)
        let first = ContinuousClock.now
        let second = ContinuousClock.now
        return [
            Finding(
                "clock.time",
                isPlausible ? .fine : .broken,
                now.rfc3339,
                hint: isPlausible ? nil : "Set the clock; links and tokens expire by it."
            ),
            Finding(
                "clock.monotonic",
                second >= first ? .fine : .broken,
                second >= first ? "goes forward" : "went back"
            ),
            synchronization(),
        ]
    }

    private static func synchronization() -> Finding {
        // Made by systemd-timesyncd at its first synchronisation (systemd-timesyncd.service(8)).
        if unsafe access("/run/systemd/timesync/synchronized", F_OK) == 0 {
            return Finding("clock.synchronized", .fine, "by systemd-timesyncd")
        }
        return Finding("clock.synchronized", .fine, "not known")
    }

    static func firstLine(_ text: String) -> String {
        TextTable.printable(String(text.prefix { $0 != "\n" }.prefix(200)))
    }

    private static func fileSystem(_ path: String) -> Int {
        var status = statfs()
        return unsafe statfs(path, &status) == 0 ? Int(status.f_type) : 0
    }

    static func text(of path: String) -> String {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return "" }
        defer { _ = close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }
}
