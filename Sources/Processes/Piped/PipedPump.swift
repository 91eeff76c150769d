internal import CLinux

/// Moves bytes between a program and whoever talks with it; used by one thread.
struct PipedPump {
    private let started: PipedStart
    private let wake: Int32
    private let program: PipedProgram
    private var input: Int32
    private var isOutputOpen = true
    private var areErrorsOpen = true
    private var waiting: ArraySlice<UInt8> = []
    private var closesInput = false
    private var partial: [UInt8] = []
    private var lines: [[UInt8]] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var ending: (step: Int, deadline: ContinuousClock.Instant)?
    private(set) var isRunning = true
    var errors: [UInt8] = []

    init(_ started: PipedStart, wake: Int32, program: PipedProgram) {
        self.started = started
        self.wake = wake
        self.program = program
        input = started.input
        // A program that went away is noticed by what it left, not by a signal.
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    mutating func give(_ bytes: [UInt8], closing: Bool) {
        if !bytes.isEmpty { waiting = (waiting + bytes)[...] }
        if closing { closesInput = true }
        if closesInput, waiting.isEmpty { closeInput() }
    }

    mutating func beginEnd() {
        if ending == nil { ending = (0, .now + program.patience) }
    }

    /// Waits until something happens, and does what it makes possible.
    mutating func turn() {
        escalate()
        var polls = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: started.process.raw, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: isOutputOpen && lines.isEmpty ? started.output.raw : -1,
                events: Int16(POLLIN),
                revents: 0
            ),
            pollfd(fd: areErrorsOpen ? started.errors.raw : -1, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: waiting.isEmpty ? -1 : input,
                events: Int16(POLLOUT),
                revents: 0
            ),
        ]
        guard unsafe poll(&polls, nfds_t(polls.count), patience) > 0 else { return }
        if polls[0].revents != 0 {
            var count: UInt64 = 0
            _ = unsafe withUnsafeMutableBytes(of: &count) { unsafe CLinux.read(wake, $0.baseAddress, 8) }
        }
        if polls[2].revents != 0 { readOutput() }
        if polls[3].revents != 0 { readErrors() }
        if polls[4].revents != 0 { writeInput() }
        if polls[1].revents != 0 { collect() }
    }

    /// Hands over complete lines while they are taken.
    mutating func handOver(_ offer: ([UInt8]) -> Bool) {
        var taken = 0
        while taken < lines.count, offer(lines[taken]) { taken += 1 }
        lines.removeFirst(taken)
    }

    private var patience: Int32 {
        guard lines.isEmpty else { return 20 }
        guard let ending else { return -1 }
        let left = ContinuousClock.now.duration(to: ending.deadline).components
        return Int32(max(1, left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1))
    }

    private mutating func escalate() {
        guard let step = ending, step.deadline <= .now else { return }
        _ = kill(-started.id, step.step == 0 ? SIGTERM : SIGKILL)
        ending = (step.step + 1, .now + program.patience)
    }

    // MARK: Reading and writing

    private mutating func readOutput() {
        let count = unsafe read(started.output.raw, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 || dh_errno() != EAGAIN && dh_errno() != EINTR { isOutputOpen = false }
            return
        }
        var rest = buffer[..<count]
        while let end = rest.firstIndex(of: 10) {
            lines.append(partial + rest[..<end])
            partial = []
            rest = rest[(end + 1)...]
        }
        partial += rest
        if partial.count > program.longestLine {
            partial = []
            _ = kill(-started.id, SIGKILL)
        }
    }

    private mutating func readErrors() {
        let count = unsafe read(started.errors.raw, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 || dh_errno() != EAGAIN && dh_errno() != EINTR { areErrorsOpen = false }
            return
        }
        errors = Array((errors + buffer[..<count]).suffix(program.keptErrors))
    }

    private mutating func writeInput() {
        let count = unsafe waiting.withUnsafeBytes {
            unsafe CLinux.write(input, $0.baseAddress, min($0.count, 64 << 10))
        }
        if count > 0 {
            waiting = waiting.dropFirst(count)
        } else if dh_errno() != EAGAIN, dh_errno() != EINTR {
            waiting = []
            closeInput()
        }
        if closesInput, waiting.isEmpty { closeInput() }
    }

    private mutating func closeInput() {
        if input >= 0 { _ = close(input) }
        input = -1
        waiting = []
    }

    /// The process ended: what it left of its group ends too, and what it said is read to its end.
    private mutating func collect() {
        _ = kill(-started.id, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(started.id, &status, 0) < 0, dh_errno() == EINTR {}
        while isOutputOpen {
            let before = (lines.count, partial.count)
            readOutput()
            if (lines.count, partial.count) == before { break }
        }
        closeInput()
        isRunning = false
    }
}
