internal import CLinux
internal import Core

/// Starts a program of the system to hear its version: no shell, no input, little time, little output.
///
/// Blocks its thread.
enum ProbeProgram {
    private static let maximumBytes = 16 << 10
    private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/nonexistent"]

    /// Says whether a program may be started: a regular file of root's (or our own user's) that nobody else may write.
    static func isTrusted(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG),
            status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o022 == 0
        else { return false }
        return unsafe access(path, X_OK) == 0
    }

    /// What it printed on both streams; nil when it cannot be started or has not ended by the deadline.
    static func output(_ path: String, _ arguments: [String], deadline: ContinuousClock.Instant) -> String? {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0, let reader = Descriptor(ends[0]) else { return nil }
        guard let process = start(path, arguments, output: ends[1]) else {
            _ = close(ends[1])
            return nil
        }
        _ = close(ends[1])
        let bytes = collect(reader.raw, deadline)
        // It leads a group of its own, so that what it started ends with it.
        _ = kill(-process, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, dh_errno() == EINTR {}
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func start(_ path: String, _ arguments: [String], output: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        unsafe posix_spawn_file_actions_addchdir_np(&actions, "/")
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The server blocks signals on its threads; the program starts with none blocked.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK)
        )
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var environment = unsafe Self.environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (words + environment).forEach { unsafe free($0) } }
        var process = pid_t()
        let code = unsafe posix_spawn(&process, path, &actions, &attributes, &words, &environment)
        return code == 0 ? process : nil
    }

    /// All that was said until the end; nil when the deadline passes before.
    private static func collect(_ descriptor: Int32, _ deadline: ContinuousClock.Instant) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let left = ContinuousClock.now.duration(to: deadline).inMilliseconds
            guard left > 0 else { return nil }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wait, 1, Int32(clamping: left)) == 1 else { continue }
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, dh_errno() == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            if bytes.count < maximumBytes { bytes += buffer[..<count] }
        }
    }
}
