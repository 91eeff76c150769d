import CLinux

/// Starts a small program and collects what it says; for probes, on a thread that may block.
enum ProbeProcess {
    struct Outcome: Sendable, Equatable {
        let exitCode: Int32
        let output: String
    }

    private static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
    ]

    /// Both streams, 64 KiB at most, or nil when it cannot be started or does not end in time.
    static func run(_ arguments: [String], within seconds: Int = 5) -> Outcome? {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        defer { _ = close(ends[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var environment = unsafe Self.environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe (words + environment).forEach { unsafe free($0) }
        }
        var process = pid_t()
        let code = unsafe posix_spawnp(&process, arguments[0], &actions, nil, &words, &environment)
        _ = close(ends[1])
        guard code == 0 else { return nil }
        let output = collect(ends[0], seconds)
        if output == nil { _ = kill(process, SIGKILL) }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, dh_errno() == EINTR {}
        guard let output, dh_wifexited(status) != 0 else { return nil }
        return Outcome(exitCode: dh_wexitstatus(status), output: String(decoding: output, as: UTF8.self))
    }

    private static func collect(_ descriptor: Int32, _ seconds: Int) -> [UInt8]? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let left = ContinuousClock.now.duration(to: deadline).components
            guard left.seconds >= 0, left.attoseconds >= 0 else { return nil }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wait, 1, Int32(left.seconds + 1) * 1_000) == 1 else { continue }
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            if bytes.count < 64 << 10 { bytes += buffer[..<count] }
        }
    }
}
