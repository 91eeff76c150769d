internal import CLinux
internal import Core
internal import Domain

/// A program that was just started: its process, and our ends of its pipes.
struct PipedStart: Sendable {
    let id: pid_t
    let process: Descriptor
    /// To be closed by whoever writes to it.
    let input: Int32
    let output: Descriptor
    let errors: Descriptor

    /// Starts it from the calling thread, which must outlive it.
    init(_ program: PipedProgram) throws {
        let (theirInput, input) = try Self.pipe()
        let (output, theirOutput) = try Self.pipe()
        let (errors, theirErrors) = try Self.pipe()
        defer { withExtendedLifetime((theirInput, theirOutput, theirErrors, input)) {} }
        let ourInput = dh_fcntl(input.raw, F_DUPFD_CLOEXEC, 3)
        guard ourInput >= 0 else { throw SystemFailure.current("fcntl") }
        for descriptor in [ourInput, output.raw, errors.raw] {
            _ = dh_fcntl(descriptor, F_SETFL, Int(O_NONBLOCK))
        }
        var command = unsafe dh_new_command()
        unsafe command.input = theirInput.raw
        unsafe command.output = theirOutput.raw
        unsafe command.error = theirErrors.raw
        unsafe command.mask = 0o077
        unsafe dh_add_limit(&command, dh_limit_files(), program.openFiles)
        unsafe dh_add_limit(&command, dh_limit_file_size(), program.largestFile)
        var words = unsafe ([program.path] + program.arguments).map { unsafe strdup($0) } + [nil]
        var environment = unsafe program.environment.map { unsafe strdup($0) } + [nil]
        let path = unsafe strdup(program.path)
        let directory = unsafe strdup(program.directory)
        defer {
            unsafe (words + environment + [path, directory]).forEach { unsafe free($0) }
        }
        let id = unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe environment.withUnsafeMutableBufferPointer { environment in
                unsafe command.path = UnsafePointer(path)
                unsafe command.directory = UnsafePointer(directory)
                unsafe command.arguments = UnsafePointer(words.baseAddress)
                unsafe command.environment = UnsafePointer(environment.baseAddress)
                return unsafe dh_start_command(&command)
            }
        }
        guard id > 0 else {
            _ = close(ourInput)
            throw unsafe Self.failure(program, command.step, command.code)
        }
        guard let process = Descriptor(dh_pidfd_open(id, 0)) else {
            _ = close(ourInput)
            _ = kill(id, SIGKILL)
            throw SystemFailure.current("pidfd_open")
        }
        self.id = id
        self.process = process
        self.input = ourInput
        self.output = output
        self.errors = errors
    }

    private static func pipe() throws -> (reader: Descriptor, writer: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe dh_pipe(&ends, O_CLOEXEC) == 0, let reader = Descriptor(ends[0]),
            let writer = Descriptor(ends[1])
        else { throw SystemFailure.current("pipe2") }
        return (reader, writer)
    }

    private static func failure(_ program: PipedProgram, _ step: Int32, _ code: Int32) -> Failure {
        let reason = unsafe String(cString: strerror(code))
        return Failure(
            .unavailable,
            code: "program_unavailable",
            message: step == Int32(DH_STEP_DIRECTORY)
                ? "The working directory of \(program.path) cannot be entered: \(reason)."
                : "\(program.path) cannot be started: \(reason).",
            hint: "Check that it is there and that this server's user may run it."
        )
    }
}
