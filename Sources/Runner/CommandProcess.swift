import CLinux

/// Starts the command: its descriptors, limits, user, directory and environment.
struct CommandProcess {
    private let spec: RunSpec
    private let mounts: Int32
    private let state: ShellState?
    private(set) var pid: pid_t = -1
    /// Ends that the runner keeps; -1 for none.
    private(set) var stdout: Int32 = -1
    private(set) var stderr: Int32 = -1
    private(set) var terminal: Int32 = -1
    private(set) var inputTarget: Int32 = -1
    private(set) var stateFile: Int32 = -1
    private(set) var notes: [[UInt8]] = []
    private(set) var problem: [UInt8] = []

    init(spec: RunSpec, mounts: Int32, state: ShellState?) {
        self.spec = spec
        self.mounts = mounts
        self.state = state
    }

    /// Starts it; false with a sentence in `problem` when that failed.
    mutating func start(input: Int32, groups: ControlGroup) -> Bool {
        var command = unsafe dh_new_command()
        guard unsafe prepare(&command, input: input) else {
            problem = text("The machine is out of open files.")
            return false
        }
        defer {
            for descriptor in unsafe [command.input, command.output, command.error]
            where descriptor != input && descriptor > 2 {
                _ = close(descriptor)
            }
        }
        for entrance in groups.entrances { unsafe dh_add_group(&command, entrance) }
        unsafe addLimits(&command, groups)
        for (index, directory) in directories.enumerated() {
            if isForbidden(directory) {
                problem = text(
                    "The working directory is inside the server's own data, where no command may start."
                )
                return false
            }
            if unsafe launch(&command, directory) {
                if index > 0 { notes.append(fallbackNote(to: directory)) }
                return true
            }
            guard unsafe command.step == Int32(DH_STEP_DIRECTORY), index + 1 < directories.count else {
                problem = unsafe sentence(command, directory)
                return false
            }
        }
        return false
    }

    private mutating func prepare(_ command: inout dh_command, input: Int32) -> Bool {
        if spec.columns > 0 {
            terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
            guard terminal >= 0, unlockpt(terminal) == 0 else { return false }
            let peer = dh_open_peer(terminal)
            guard peer >= 0 else { return false }
            var size = winsize()
            size.ws_col = UInt16(truncatingIfNeeded: spec.columns)
            size.ws_row = UInt16(truncatingIfNeeded: spec.rows)
            _ = unsafe dh_ioctl(terminal, UInt(TIOCSWINSZ), &size)
            if spec.uid >= 0 { _ = fchown(peer, uid_t(truncatingIfNeeded: spec.uid), gid_t.max) }
            unsafe command.terminal = 1
            unsafe command.input = peer
            unsafe command.output = peer
            unsafe command.error = peer
            stdout = terminal
            inputTarget = terminal
        } else {
            var out: [Int32] = [-1, -1]
            var err: [Int32] = [-1, -1]
            guard unsafe dh_pipe(&out, O_CLOEXEC) == 0, unsafe dh_pipe(&err, O_CLOEXEC) == 0 else {
                return false
            }
            unsafe (stdout, stderr, command.output, command.error) = (out[0], err[0], out[1], err[1])
            _ = dh_fcntl(stdout, F_SETFL, Int(O_NONBLOCK))
            _ = dh_fcntl(stderr, F_SETFL, Int(O_NONBLOCK))
            unsafe command.input = input
            if spec.input == RunSpec.inputOpen {
                var pipe: [Int32] = [-1, -1]
                guard unsafe dh_pipe(&pipe, O_CLOEXEC) == 0 else { return false }
                unsafe (command.input, inputTarget) = (pipe[0], pipe[1])
                _ = dh_fcntl(inputTarget, F_SETFL, Int(O_NONBLOCK))
            }
        }
        if spec.isStateful != 0 {
            stateFile = unsafe memfd_create("state", UInt32(MFD_CLOEXEC))
            unsafe command.state = stateFile
        }
        unsafe command.mounts = mounts
        return unsafe command.input >= 0
    }

    private func addLimits(_ command: inout dh_command, _ groups: ControlGroup) {
        unsafe command.mark = UInt64(spec.mark)
        func add(_ resource: Int32, _ value: Int64) {
            unsafe dh_add_limit(&command, resource, UInt64(value))
        }
        if spec.cpuSeconds >= 0 { add(dh_limit_cpu(), max(spec.cpuSeconds, 1)) }
        if spec.memoryBytes >= 0, !groups.limitsMemory { add(dh_limit_memory(), spec.memoryBytes) }
        if spec.processes >= 0, !groups.limitsProcesses(spec) { add(dh_limit_processes(), spec.processes) }
        if spec.openFiles >= 0 { add(dh_limit_files(), spec.openFiles) }
        if spec.fileBytes >= 0 { add(dh_limit_file_size(), spec.fileBytes) }
    }

    /// Where to start, in order of preference.
    ///
    /// What the caller asked for has no substitute.
    private var directories: [[UInt8]] {
        if let state, state.covers(directory: spec.directory) {
            return [state.directory, spec.directory, spec.home, text("/")].filter { !$0.isEmpty }
        }
        return spec.directory.isEmpty ? [spec.home, text("/")] : [spec.directory]
    }

    /// The command's environment; what the session's state does not carry to it is that of a fresh shell.
    var environment: [[UInt8]] {
        var environment = Environment()
        for variable in spec.baseEnvironment where state == nil || !spec.carries(variable[...]) {
            environment.set(variable)
        }
        for variable in state?.environment ?? [] where spec.carries(variable[...]) {
            environment.set(variable)
        }
        for variable in spec.environment {
            if let state, spec.carries(variable[...]), state.covers(variable: variable) { continue }
            environment.set(variable)
        }
        for variable in spec.secretEnvironment { environment.set(variable) }
        environment.set(spec.marker)
        return environment.variables
    }

    private mutating func launch(_ command: inout dh_command, _ directory: [UInt8]) -> Bool {
        var arguments = [text("bash"), text("-c")]
        arguments += spec.isStateful != 0 ? [ShellState.wrapper, text("bash"), spec.command] : [spec.command]
        let supplementary = spec.supplementary.map { gid_t(truncatingIfNeeded: $0) }
        if spec.uid >= 0 {
            unsafe command.switchesUser = 1
            unsafe command.uid = uid_t(truncatingIfNeeded: spec.uid)
            unsafe command.gid = gid_t(truncatingIfNeeded: spec.gid)
            unsafe command.supplementaryCount = Int32(supplementary.count)
        }
        pid = unsafe supplementary.withUnsafeBufferPointer { groups in
            unsafe command.supplementary = groups.baseAddress
            return unsafe withCString(directory) { directory in
                unsafe command.directory = directory
                return unsafe withPointers(arguments) { arguments in
                    unsafe command.arguments = arguments
                    return unsafe withPointers(environment) { environment in
                        unsafe command.environment = environment
                        let path: StaticString = "/bin/bash"
                        unsafe command.path = UnsafeRawPointer(path.utf8Start).assumingMemoryBound(
                            to: CChar.self
                        )
                        return unsafe dh_start_command(&command)
                    }
                }
            }
        }
        return pid > 0
    }

    private func isForbidden(_ directory: [UInt8]) -> Bool {
        if spec.forbidden.isEmpty { return false }
        var resolved = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard unsafe withCString(directory, { unsafe realpath($0, &resolved) != nil }) else { return false }
        let path = resolved.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return spec.forbidden.contains { path == $0 || path.starts(with: $0 + [47]) }
    }

    private func fallbackNote(to directory: [UInt8]) -> [UInt8] {
        let first = directories.first ?? []
        return text("The directory ") + first
            + text(" cannot be entered any more, so the command was started in ") + directory
            + text(".")
    }

    private func sentence(_ command: dh_command, _ directory: [UInt8]) -> [UInt8] {
        let code = unsafe command.code
        switch unsafe Int(command.step) {
        case DH_STEP_DIRECTORY:
            let subject = text("The working directory ") + directory
            switch code {
            case ENOENT: return subject + text(" does not exist.")
            case ENOTDIR: return subject + text(" is not a directory.")
            case EACCES: return subject + text(" may not be entered by the user whom the command runs as.")
            default: return subject + text(" cannot be entered (error ") + decimal(code) + text(").")
            }
        case DH_STEP_EXEC where code == E2BIG:
            return text("The command and its environment are too long for the machine.")
        case DH_STEP_EXEC where code == ENOENT: return text("/bin/bash does not exist on this machine.")
        case DH_STEP_FORK, DH_STEP_EXEC:
            return text("The command's process could not be started (error ") + decimal(code)
                + text("); the machine may be out of processes or memory.")
        case DH_STEP_USER:
            return text("The server may not run commands as that user (error ") + decimal(code)
                + text("); it needs to run as root for that.")
        case DH_STEP_LIMIT:
            return text("A limit of the command could not be set (error ") + decimal(code) + text(").")
        case DH_STEP_GROUP:
            return text("The command's control group could not be entered (error ") + decimal(code)
                + text(").")
        default: return text("The command's process could not be set up (error ") + decimal(code) + text(").")
        }
    }
}

/// Runs `body` with a list of texts as C strings, ended by nil.
private func withPointers(_ texts: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> pid_t)
    -> pid_t
{
    var storage: [UInt8] = []
    var offsets: [Int] = []
    for item in texts {
        offsets.append(storage.count)
        storage += item
        storage.append(0)
    }
    return unsafe storage.withUnsafeMutableBytes { buffer in
        let base = buffer.baseAddress
        var pointers = unsafe offsets.map { offset in
            unsafe base.map { unsafe ($0 + offset).assumingMemoryBound(to: CChar.self) }
        }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress.unsafelyUnwrapped) }
    }
}
