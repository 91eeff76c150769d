internal import CLinux

/// One run of the parser's program; on a thread that may block.
struct ShfmtProcess {
    /// How a run ended.
    enum Outcome: Equatable {
        /// What it printed.
        case printed([UInt8])
        /// It exited with an error; with its first line.
        case refused(String)
        /// It printed more than it may.
        case endless
        /// It could not be started, or ran for too long.
        case broken(String)
    }

    private static let environment = ["PATH=/usr/bin:/bin", "LC_ALL=C", "GOMAXPROCS=1", "GOGC=off"]
    private static let longestError = 4 << 10

    let path: String
    /// How long it may take.
    let timeLimit: Duration
    /// How many bytes it may print.
    let outputLimit: Int

    /// Runs it with these arguments and this text as its input.
    func run(_ arguments: [String], input: [UInt8]) -> Outcome {
        guard let text = try? Descriptor.memory(input), let output = Pipe(), let errors = Pipe() else {
            return .broken("The server is out of descriptors or memory.")
        }
        guard let process = start(arguments, text, output.writer, errors.writer) else {
            return .broken("\(path) cannot be started.")
        }
        output.writer.close()
        errors.writer.close()
        var result = Collected()
        let problem = collect(output.reader.raw, errors.reader.raw, into: &result)
        if problem != nil { _ = kill(process, SIGKILL) }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, dh_errno() == EINTR {}
        if result.output.count > outputLimit { return .endless }
        if let problem { return .broken(problem) }
        guard dh_wifexited(status) != 0 else { return .broken("\(path) was killed.") }
        if dh_wexitstatus(status) == 0 { return .printed(result.output) }
        guard dh_wexitstatus(status) == 1 else {
            return .broken("\(path) exited with \(dh_wexitstatus(status)).")
        }
        let line = String(decoding: result.errors.prefix { $0 != 10 }, as: UTF8.self)
        return .refused(line.isEmpty ? "\(path) exited with \(dh_wexitstatus(status))." : line)
    }

    private struct Collected {
        var output: [UInt8] = []
        var errors: [UInt8] = []
    }

    private func start(_ arguments: [String], _ input: Descriptor, _ output: PipeEnd, _ errors: PipeEnd)
        -> pid_t?
    {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input.raw, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.raw, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.raw, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, dh_spawn_flags())
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var environment = unsafe Self.environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe (words + environment).forEach { unsafe free($0) }
        }
        var process = pid_t()
        let code = unsafe posix_spawn(&process, path, &actions, &attributes, &words, &environment)
        return code == 0 ? process : nil
    }

    /// Reads both streams to their ends; a sentence when that did not come to pass.
    private func collect(_ output: Int32, _ errors: Int32, into result: inout Collected) -> String? {
        let deadline = ContinuousClock.now + timeLimit
        var waits = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while waits.contains(where: { $0.fd >= 0 }) {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return "\(path) took too long." }
            let milliseconds =
                left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000
            guard unsafe poll(&waits, nfds_t(waits.count), Int32(min(milliseconds + 1, 60_000))) > 0 else {
                continue
            }
            for place in waits.indices where waits[place].fd >= 0 && waits[place].revents != 0 {
                let count = unsafe read(waits[place].fd, &buffer, buffer.count)
                if count < 0, dh_errno() == EINTR { continue }
                guard count > 0 else {
                    waits[place].fd = -1
                    continue
                }
                if place == 0 {
                    result.output += buffer[..<count]
                    if result.output.count > outputLimit { return "\(path) printed too much." }
                } else if result.errors.count < Self.longestError {
                    result.errors += buffer[..<count]
                }
            }
        }
        return nil
    }
}

/// An end of a pipe that can be closed before its last reference is gone.
private final class PipeEnd {
    private(set) var raw: Int32

    init(_ raw: Int32) { self.raw = raw }
    deinit { close() }

    func close() {
        if raw >= 0 { _ = CLinux.close(raw) }
        raw = -1
    }
}

private struct Pipe {
    let reader: PipeEnd
    let writer: PipeEnd

    init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe dh_pipe(&ends, O_CLOEXEC) == 0 else { return nil }
        reader = PipeEnd(ends[0])
        writer = PipeEnd(ends[1])
    }
}
