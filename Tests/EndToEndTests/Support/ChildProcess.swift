import CLinux
import Core
import Synchronization

/// A program that a test started, with its output in files.
final class ChildProcess: Sendable {
    /// How a program ended.
    enum Ending: Equatable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    let pid: pid_t
    private let ending = Mutex<Ending?>(nil)

    /// Starts a program; output is appended to files.
    ///
    /// It gets `handedOver` as descriptor 3, and no other one.
    init(
        _ words: [String],
        environment: [String: String],
        directory: String,
        standardInput: String = "/dev/null",
        standardOutput: String,
        standardError: String,
        handedOver: Int32 = -1
    ) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, standardInput, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions,
            1,
            standardOutput,
            O_WRONLY | O_CREAT | O_APPEND,
            0o600
        )
        unsafe posix_spawn_file_actions_addopen(
            &actions,
            2,
            standardError,
            O_WRONLY | O_CREAT | O_APPEND,
            0o600
        )
        unsafe posix_spawn_file_actions_addchdir_np(&actions, directory)
        if handedOver >= 0 { unsafe posix_spawn_file_actions_adddup2(&actions, handedOver, 3) }
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, handedOver >= 0 ? 4 : 3)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") }
        unsafe variables.append(nil)
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else {
            throw TestTrouble("\(words[0]) cannot be started: error \(code); run swift build")
        }
        self.pid = pid
    }

    /// How it ended; nil while it runs.
    var ended: Ending? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
            ending =
                dh_wifexited(status) != 0 ? .exited(dh_wexitstatus(status)) : .signalled(dh_wtermsig(status))
            return ending
        }
    }

    /// Sends a signal unless it is over.
    func send(_ signal: Int32) {
        guard ended == nil else { return }
        _ = kill(pid, signal)
    }

    /// Waits for its end.
    func wait(within limit: Duration = .seconds(60)) async throws -> Ending {
        try await eventually(within: limit, "the end of process \(pid)") { ended }
    }

    /// Ends it at once and takes leave of it.
    func destroy() async {
        send(SIGKILL)
        _ = try? await wait(within: .seconds(10))
    }
}

/// Processes as /proc shows them.
enum ProcessList {
    /// All process ids.
    static var pids: [pid_t] { Files.names(in: "/proc").compactMap { pid_t($0) } }

    /// Those whose environment holds this text, zombies left out.
    static func withEnvironment(containing text: String) -> [pid_t] {
        let needle = Array(text.utf8)
        return pids.filter {
            $0 != getpid() && Files.special("/proc/\($0)/environ").contains(needle) && !isZombie($0)
        }
    }

    /// Those whose command line holds this text, zombies left out.
    static func withCommandLine(containing text: String) -> [pid_t] {
        let needle = Array(text.utf8)
        return pids.filter {
            $0 != getpid() && Files.special("/proc/\($0)/cmdline").contains(needle) && !isZombie($0)
        }
    }

    /// The direct children of a process.
    static func children(of parent: pid_t) -> [pid_t] {
        pids.filter { self.parent(of: $0) == parent && !isZombie($0) }
    }

    static func isZombie(_ pid: pid_t) -> Bool { fields(pid).first == "Z" }

    static func isAlive(_ pid: pid_t) -> Bool { fields(pid).first.map { $0 != "Z" && $0 != "X" } ?? false }

    static func parent(of pid: pid_t) -> pid_t? { fields(pid).dropFirst().first.flatMap { pid_t($0) } }

    /// Resident memory now, in bytes.
    static func memory(of pid: pid_t) -> Int64 {
        let pages = String(decoding: Files.special("/proc/\(pid)/statm"), as: UTF8.self).split(separator: " ")
        return pages.count > 1 ? (Int64(pages[1]) ?? 0) * 4_096 : 0
    }

    /// The fields of /proc/PID/stat from the state on (proc(5)).
    private static func fields(_ pid: pid_t) -> [Substring] {
        let text = String(decoding: Files.special("/proc/\(pid)/stat"), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
