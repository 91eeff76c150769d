import CLinux

/// One ticket from the claim to the last line of its journal.
final class Run {
    private let spec: RunSpec
    private let folder: Int32
    private let input: Int32
    private let forms: MaskForms
    private let mounts: Int32
    private let surroundings: Surroundings
    private let signals: Int32

    init(
        spec: RunSpec,
        folder: Int32,
        input: Int32,
        forms: MaskForms,
        mounts: Int32,
        surroundings: Surroundings,
        signals: Int32
    ) {
        self.spec = spec
        self.folder = folder
        self.input = input
        self.forms = forms
        self.mounts = mounts
        self.surroundings = surroundings
        self.signals = signals
    }

    /// Does all of it; the process ends here unless it is to stay on and the run has left nothing behind.
    ///
    /// Then the journal is returned; it may not have been brought to the disk, because the server was told the end.
    func perform(startTime: Int64, staysOn: Bool) -> Journal? {
        // An earlier run has switched it off, and only root may link an unnamed file without it.
        if geteuid() != 0 { _ = dh_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) }
        guard let journal = Journal.claim(spec, folder: folder, boot: surroundings.boot, start: startTime)
        else { _exit(3) }
        KillPoint.claimed.pass()
        // Only now: it makes our own files under /proc unreadable for us unless we are root.
        _ = dh_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        guard
            let output = OutputFile(spec: spec, folder: folder, journal: journal, forms: forms)
        else {
            fail(
                journal,
                text("The output file could not be created: another file has its name.")
            )
        }
        var groups = ControlGroup(spec: spec)
        let state = spec.isStateful != 0 ? ShellState(spec: spec, folder: folder) : nil
        let place =
            spec.isReadOnly != 0 ? ReadOnlyMounts.make(over: mounts, scratch: spec.scratch) : (mounts, 0)
        guard place.1 == 0 else {
            groups.remove()
            fail(journal, Self.unprotected(place.1))
        }
        var command = CommandProcess(spec: spec, mounts: place.0, state: state)
        let began = monotonicNow()
        KillPoint.beforeSpawn.pass()
        guard command.start(input: input, groups: groups) else {
            groups.remove()
            fail(journal, command.problem)
        }
        KillPoint.afterSpawn.pass()
        groups.closeEntrances()
        let startedAt = microseconds(CLOCK_REALTIME)
        journal.hold(.started(pid: Int64(command.pid), at: startedAt))
        for note in command.notes { journal.note(note) }
        let loop = RunLoop(
            spec: spec,
            folder: folder,
            signals: signals,
            journal: journal,
            output: output,
            forms: forms,
            command: command,
            channel: channel(command),
            groups: groups,
            start: began
        )
        loop.onStarted = { [self] in
            journal.release()
            notify(text("S ") + spec.token + [32] + decimal(startedAt))
        }
        let exit = loop.run()
        output.close()
        let mayStay = staysOn && loop.endedByItself && groups.isEmpty && state == nil && command.terminal < 0
        // What else the journal knows of the output, the server does not store.
        let isToldWhole = mayStay && output.short != nil && !output.hasMarks
        finish(journal, exit, output: output.short, syncs: !isToldWhole)
        // A journal without its end, and a runner that lives, are those of a run which goes on.
        return mayStay && journal.isWhole ? journal : nil
    }

    private static func unprotected(_ error: Int32) -> [UInt8] {
        text("The command may run only where it cannot write, which could not be arranged (error ")
            + decimal(error) + text(").")
    }

    private func channel(_ command: CommandProcess) -> InputChannel? {
        if spec.input == RunSpec.inputOpen {
            return InputChannel(
                spec: spec,
                folder: folder,
                target: command.inputTarget,
                isTerminal: command.terminal >= 0,
                bytes: nil
            )
        }
        guard command.terminal >= 0 else { return nil }
        return InputChannel(
            spec: spec,
            folder: folder,
            target: command.terminal,
            isTerminal: true,
            bytes: spec.input == RunSpec.inputBytes ? readAll(input, limit: 64 << 20) : []
        )
    }

    private func fail(_ journal: Journal, _ sentence: [UInt8]) -> Never {
        var exit = JournalExit()
        exit.reason = .failed
        exit.message = sentence
        exit.finished = microseconds(CLOCK_REALTIME)
        finish(journal, exit, syncs: true)
        _exit(0)
    }

    private func finish(_ journal: Journal, _ exit: JournalExit, output: [UInt8]? = nil, syncs: Bool) {
        KillPoint.afterExitBeforeSync.pass()
        journal.write(.exited(exit))
        if syncs || journal.lines == nil { journal.sync() }
        KillPoint.afterSyncBeforeNotify.pass()
        // What is in the file goes along, so that the server need not read it.
        var message = text("F ") + spec.token + [32]
        if let lines = journal.lines {
            message += lines
            if let output, !output.isEmpty {
                // Another letter: who does not know it must not take the output's lines for the journal's.
                message[0] = 79
                message += [0] + output
            }
        }
        if !notify(message) { journal.sync() }
    }

    /// Tells the server, if one listens; a lost message is repaired by its watching this process.
    @discardableResult
    private func notify(_ message: [UInt8]) -> Bool {
        guard !spec.notify.isEmpty else { return false }
        return unsafe message.withUnsafeBytes { bytes in
            unsafe spec.notify.withUnsafeBytes { name in
                unsafe dh_send_datagram(
                    surroundings.datagrams,
                    name.baseAddress,
                    name.count,
                    bytes.baseAddress,
                    bytes.count
                ) == 0
            }
        }
    }

    private static var handledSignals: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGCHLD, SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
        return set
    }

    /// Keeps signals for later.
    static func blockSignals() {
        var set = handledSignals
        _ = unsafe sigprocmask(SIG_BLOCK, &set, nil)
    }

    /// A descriptor that the kept signals are read from.
    static func listenToSignals() -> Int32 {
        var set = handledSignals
        return unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    }
}
