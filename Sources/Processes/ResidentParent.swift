internal import CLinux
internal import Core

/// The small process that forks runners, and our end of the socket to it.
///
/// Nothing depends on it: when it dies, another one is started and what was not answered is asked again.
struct ResidentParent: Sendable {
    let socket: Descriptor
    let pid: Int32

    /// Starts one.
    ///
    /// It inherits nothing but its end of the socket, and no variable of ours.
    static func start(_ configuration: ProcessesConfiguration) throws -> ResidentParent {
        var ends: [Int32] = [-1, -1]
        guard unsafe dh_message_pair(&ends) == 0, let ours = Descriptor(ends[0]),
            let theirs = Descriptor(ends[1])
        else {
            throw SystemFailure.current("socketpair")
        }
        var room: Int32 = 1 << 20
        _ = unsafe setsockopt(ours.raw, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var words = [configuration.runnerPath, "--resident", "3"]
        if let point = configuration.killPoint { words += ["--kill-at", point] }
        for path in configuration.hiddenPaths { words += ["--hide", path] }
        let pid = try spawn(words, socket: theirs.raw)
        return ResidentParent(socket: ours, pid: pid)
    }

    private static func spawn(_ words: [String], socket: Int32) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // 3 may be the socket itself; a copy to the same number clears its close-on-exec flag (posix_spawn(3)).
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 3)
        for number in 0...2 {
            unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
        }
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 4)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, dh_spawn_flags())
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw SystemFailure(call: "posix_spawn", code: code) }
        return pid
    }

    /// Sends a request; blocks while the socket is full.
    ///
    /// False when the process is gone.
    func send(_ message: [UInt8], _ descriptors: [Descriptor]) -> Bool {
        socket.send(message, descriptors)
    }

    /// One answer if there is one now.
    enum Received {
        case reply(RunReply, Descriptor?)
        case nothing
        case closed
    }

    /// Takes one answer without waiting.
    func receive() -> Received {
        var bytes = [UInt8](repeating: 0, count: 64)
        var numbers = [Int32](repeating: -1, count: Int(DH_MAX_DESCRIPTORS))
        var count: Int32 = 0
        var sender: pid_t = 0
        let room = bytes.count
        let received = unsafe dh_receive_message(
            socket.raw,
            &bytes,
            room,
            &numbers,
            &count,
            &sender,
            Int32(MSG_DONTWAIT)
        )
        if received < 0, dh_errno() == EAGAIN || dh_errno() == EINTR { return .nothing }
        guard received > 0 else { return .closed }
        let passed = numbers.prefix(Int(count)).compactMap { Descriptor($0) }
        guard let reply = RunReply(bytes: Array(bytes.prefix(received))) else { return .closed }
        return .reply(reply, passed.first)
    }

    /// Takes leave of a process that closed its end.
    func reap() {
        _ = kill(pid, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, dh_errno() == EINTR {}
    }
}
