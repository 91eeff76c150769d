import CLinux

/// Watches over the running command: streams, input, signals, limits, and the end of its whole tree.
final class RunLoop {
    private enum Phase {
        case running
        /// The command has ended; what it left behind gets a moment to end by itself.
        case lingering(until: Int64)
        case terminating(until: Int64)
        case killing(until: Int64)
        case over
    }

    private static let linger: Int64 = 250_000
    private static let killing: Int64 = 2_500_000
    /// Somebody who cancels waits: nothing is left after this and what killing takes, whatever grace was asked for.
    private static let longestCancel: Int64 = 2_000_000
    private static let killRound: Int64 = 20_000
    private static let startedDelay: Int64 = 10_000
    /// A command that runs so long has a file to look at, also while it prints nothing.
    private static let fileDelay: Int64 = 50_000

    var onStarted: () -> Void = {}

    private let spec: RunSpec
    private let folder: Int32
    private let signals: Int32
    private let journal: Journal
    private let output: OutputFile
    private let forms: MaskForms
    private let command: CommandProcess
    private let channel: InputChannel?
    private let groups: ControlGroup
    private let start: Int64
    private var stdout: Int32
    private var stderr: Int32
    private var phase = Phase.running
    private var reason: JournalReason?
    private var status: Int32?
    private var isCancelled = false
    private var treeIsGone = false
    private var saidStarted = false
    private var madeFile = false
    private var leftBehind = 0
    private var used = rusage()
    private var areStreamsOver = false

    init(
        spec: RunSpec,
        folder: Int32,
        signals: Int32,
        journal: Journal,
        output: OutputFile,
        forms: MaskForms,
        command: CommandProcess,
        channel: InputChannel?,
        groups: ControlGroup,
        start: Int64
    ) {
        self.spec = spec
        self.folder = folder
        self.signals = signals
        self.journal = journal
        self.output = output
        self.forms = forms
        self.command = command
        self.channel = channel
        self.groups = groups
        self.start = start
        stdout = command.stdout
        stderr = command.stderr
    }

    /// Runs until the tree is gone and its output is in the file.
    func run() -> JournalExit {
        channel?.passOn()
        while true {
            advance()
            if case .over = phase { break }
            wait()
        }
        drain()
        channel?.shut()
        if output.reachedLimit, reason == nil { reason = .output }
        var exit = JournalExit()
        exit.finished = microseconds(CLOCK_REALTIME)
        exit.wall = monotonicNow() - start
        fillStatus(&exit)
        fillUsage(&exit)
        keepState(exit)
        groups.remove()
        output.finish(&exit)
        return exit
    }

    /// Moves from phase to phase as time passes and processes end.
    private func advance() {
        let now = monotonicNow()
        if treeIsGone, status != nil {
            phase = .over
            return
        }
        switch phase {
        case .running:
            if status != nil {
                phase = .lingering(until: now + Self.linger)
            } else if spec.timeMilliseconds > 0, now >= deadline {
                end(.time)
            }
        case .lingering(let until):
            if now >= until {
                leftBehind = ProcessTree.descendants().count
                terminate()
            }
        case .terminating(let until):
            guard now >= until else { return }
            phase = .killing(until: now + Self.killing)
            destroy()
        case .killing(let until):
            destroy()
            guard now >= until else { return }
            journal.note(
                text("Some processes could not be ended: ") + decimal(ProcessTree.descendants().count)
                    + text(".")
            )
            phase = .over
        case .over: break
        }
    }

    private var deadline: Int64 { start + spec.timeMilliseconds * 1_000 }

    /// Begins the end for a reason; the first reason counts.
    private func end(_ reason: JournalReason) {
        if self.reason == nil, status == nil { self.reason = reason }
        switch phase {
        case .running, .lingering: terminate()
        default: break
        }
    }

    private func terminate() {
        ProcessTree.terminate()
        phase = .terminating(until: monotonicNow() + grace)
    }

    private var grace: Int64 {
        let asked = spec.graceMilliseconds * 1_000
        return isCancelled ? min(asked, Self.longestCancel) : asked
    }

    /// Somebody asked for the end; what ends already for another reason ends sooner.
    private func cancel() {
        if !isCancelled { journal.write(.cancel(at: microseconds(CLOCK_REALTIME))) }
        isCancelled = true
        switch phase {
        case .running: end(.cancel)
        case .lingering:
            leftBehind = ProcessTree.descendants().count
            terminate()
        case .terminating(let until): phase = .terminating(until: min(until, monotonicNow() + grace))
        case .killing, .over: break
        }
    }

    private func destroy() {
        groups.destroy()
        ProcessTree.destroy()
        reap()
    }

    /// Microseconds until something has to happen by itself; -1 for never.
    private var patience: Int64 {
        let now = monotonicNow()
        var next = Int64.max
        if !saidStarted {
            next = start + Self.startedDelay
        } else if !madeFile {
            next = start + Self.fileDelay
        }
        switch phase {
        case .running: if spec.timeMilliseconds > 0 { next = min(next, deadline) }
        case .lingering(let until), .terminating(let until): next = min(next, until)
        case .killing: next = min(next, now + Self.killRound)
        case .over: return 0
        }
        return next == .max ? -1 : max(next - now, 0)
    }

    private func wait() {
        var wanted: [pollfd] = [
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stdout, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stderr, events: Int16(POLLIN), revents: 0),
        ]
        if let channel {
            if channel.wantsFrames {
                wanted.append(pollfd(fd: channel.source, events: Int16(POLLIN), revents: 0))
            }
            if channel.wantsToWrite {
                wanted.append(pollfd(fd: channel.target, events: Int16(POLLOUT), revents: 0))
            }
        }
        let patience = patience
        // Rounded up: waking too early would spin until the time has come.
        let milliseconds =
            patience < 0 ? -1 : Int32(truncatingIfNeeded: min((patience + 999) / 1_000, 3_600_000))
        let count = unsafe poll(&wanted, nfds_t(wanted.count), milliseconds)
        if !saidStarted, monotonicNow() - start >= Self.startedDelay {
            saidStarted = true
            onStarted()
        }
        if !madeFile, monotonicNow() - start >= Self.fileDelay {
            madeFile = true
            // If it cannot be made, that is said when there is something to lose.
            output.open()
        }
        guard count > 0 else { return }
        if wanted[1].revents != 0 { pump(&stdout, isError: false) }
        if wanted[2].revents != 0 { pump(&stderr, isError: true) }
        if output.reachedLimit { end(.output) }
        if wanted[0].revents != 0 { takeSignals() }
        for entry in wanted.dropFirst(3) where entry.revents != 0 {
            if entry.events == Int16(POLLIN) { channel?.takeFrames() } else { channel?.passOn() }
        }
    }

    @discardableResult
    private func pump(_ source: inout Int32, isError: Bool) -> OutputFile.Pumped {
        let pumped = output.pump(from: source, isError: isError)
        // A negative descriptor is skipped by poll(2).
        if pumped == .end {
            if source != command.terminal { _ = close(source) }
            source = -1
        }
        return pumped
    }

    private func takeSignals() {
        // One of each number waits at most (signal(7)), and four are listened to.
        var waiting = [signalfd_siginfo](repeating: signalfd_siginfo(), count: 4)
        let size = MemoryLayout<signalfd_siginfo>.size
        let count = unsafe read(signals, &waiting, waiting.count * size)
        for info in waiting.prefix(max(count, 0) / size) where Int32(info.ssi_signo) == SIGTERM { cancel() }
        reap()
    }

    private func reap() {
        while true {
            var ended: Int32 = 0
            var usage = rusage()
            let pid = unsafe wait4(-1, &ended, WNOHANG, &usage)
            if pid < 0, dh_errno() == EINTR { continue }
            if pid < 0 { treeIsGone = true }
            if pid <= 0 { return }
            if pid == command.pid { status = ended }
            used.ru_utime.tv_sec += usage.ru_utime.tv_sec
            used.ru_utime.tv_usec += usage.ru_utime.tv_usec
            used.ru_stime.tv_sec += usage.ru_stime.tv_sec
            used.ru_stime.tv_usec += usage.ru_stime.tv_usec
            used.ru_maxrss = max(used.ru_maxrss, usage.ru_maxrss)
        }
    }

    /// The command ended by itself, in time, with all that it had started, and nobody holds its streams any more.
    var endedByItself: Bool { reason == nil && leftBehind == 0 && treeIsGone && areStreamsOver }

    /// Takes what the pipes still hold.
    ///
    /// Nobody of the tree writes any more; a stranger who does is not waited for.
    private func drain() {
        drain(&stdout, isError: false)
        drain(&stderr, isError: true)
        areStreamsOver = stdout < 0 && stderr < 0
    }

    private func drain(_ source: inout Int32, isError: Bool) {
        var rest = 1 << 21
        while rest > 0, source >= 0 {
            guard pump(&source, isError: isError) == .progress else { return }
            rest -= 65_536
        }
    }

    private func fillStatus(_ exit: inout JournalExit) {
        let status = status ?? 0
        if dh_wifsignaled(status) != 0 {
            exit.reason = .signal
            exit.signal = Int64(dh_wtermsig(status))
        } else {
            exit.code = Int64(dh_wexitstatus(status))
        }
        // A shell reports the signal of its last child as 128 and the number.
        let signal = exit.signal > 0 ? exit.signal : exit.code - 128
        if let reason {
            exit.reason = reason
        } else if spec.cpuSeconds >= 0, signal == Int64(SIGXCPU) {
            exit.reason = .cpu
        } else if groups.ranOutOfMemory {
            if signal == Int64(SIGKILL) {
                exit.reason = .memory
            } else {
                journal.note(text("A process was ended because the memory limit was reached."))
            }
        }
        if leftBehind > 0 {
            journal.note(
                text("Processes that the command had left running were ended: ") + decimal(leftBehind)
                    + text(".")
            )
        }
    }

    private func fillUsage(_ exit: inout JournalExit) {
        exit.user = Int64(used.ru_utime.tv_sec) * 1_000_000 + Int64(used.ru_utime.tv_usec)
        exit.system = Int64(used.ru_stime.tv_sec) * 1_000_000 + Int64(used.ru_stime.tv_usec)
        exit.peakMemory = Int64(used.ru_maxrss) * 1_024
    }

    private func keepState(_ exit: JournalExit) {
        guard spec.isStateful != 0 else { return }
        if exit.reason == .exit,
            let unkept = ShellState.store(
                command.stateFile,
                spec: spec,
                folder: folder,
                given: command.environment,
                without: forms
            )
        {
            if !unkept.isEmpty { journal.note(Self.unkeptNote(unkept)) }
            return
        }
        journal.note(
            text(
                "The directory and environment stay as they were before: the command replaced its shell, or was ended."
            )
        )
    }

    private static func unkeptNote(_ names: [[UInt8]]) -> [UInt8] {
        var list: [UInt8] = []
        for name in names.prefix(8) { list += (list.isEmpty ? [] : text(", ")) + name.prefix(64) }
        return text("Not carried over to later commands: ") + list
            + text(". Set this in each command that needs it.")
    }
}
