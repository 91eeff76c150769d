import CLinux

/// A runner's process: it owns one ticket at a time, and is given another one over its line when the last has ended by
/// itself and left nothing behind.
///
/// A fork, its page faults and its end cost more than all else that a runner does.
@safe struct Worker {
    /// So long the server may take to store an end before its journal is brought to the disk here.
    private static let storing: Int64 = 100_000
    private static let idle: Int64 = 5_000_000
    private static let room = 1 << 17

    private let surroundings: Surroundings
    private let mounts: Int32
    private let signals: Int32
    private let startTime: Int64
    /// Where the next request comes from; -1 for none.
    private var line: Int32 = -1
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: Worker.room, alignment: 16)

    /// Makes this process a runner.
    init(surroundings: Surroundings, mounts: Int32) {
        self.surroundings = surroundings
        self.mounts = mounts
        _ = setsid()
        _ = dh_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        dh_default_signal(SIGCHLD)
        signals = Run.listenToSignals()
        startTime = Surroundings.startTime(forkedAfter: surroundings.beforeFork)
    }

    /// Runs the first ticket and those that follow; the process ends here.
    mutating func work(_ first: RunMessage, _ bytes: UnsafeRawBufferPointer, _ descriptors: [Int32]) -> Never
    {
        line = first.hasLine ? descriptors.last ?? -1 : -1
        var given = first.hasLine ? descriptors.dropLast() : descriptors[...]
        var end = unsafe perform(first, bytes, &given)
        while line >= 0, let ended = end, let next = wait(for: ended) {
            KillPoint.givenAnother.pass()
            var given = next.descriptors[...]
            end = unsafe perform(
                next.message,
                UnsafeRawBufferPointer(start: buffer + RunMessage.headSize, count: next.count),
                &given
            )
        }
        _exit(0)
    }

    /// Runs one ticket; nil when this process must not take another one.
    private func perform(
        _ message: RunMessage,
        _ bytes: UnsafeRawBufferPointer,
        _ given: inout ArraySlice<Int32>
    ) -> Journal? {
        let folder = given.popFirst() ?? -1
        let input = message.hasInput ? given.popFirst() ?? -1 : surroundings.noInput
        let secrets = message.hasSecrets ? given.popFirst() ?? -1 : -1
        let file = message.isInFile ? given.popFirst() ?? -1 : -1
        let encoded = message.isInFile ? readAll(file, limit: 16 << 20) : unsafe Array(bytes)
        if file >= 0 { _ = close(file) }
        guard let spec = RunSpec(bytes: encoded[...]) else { _exit(2) }
        let run = Run(
            spec: spec,
            folder: folder,
            input: input,
            forms: MaskForms(list: secrets >= 0 ? readAll(secrets, limit: 4 << 20) : []),
            mounts: spec.uid < 0 ? mounts : -1,
            surroundings: surroundings,
            signals: signals
        )
        if secrets >= 0 { _ = close(secrets) }
        let journal = run.perform(startTime: startTime, staysOn: line >= 0 && secrets < 0)
        _ = close(folder)
        if message.hasInput { _ = close(input) }
        return journal
    }

    // MARK: Between two tickets

    private struct Next {
        let message: RunMessage
        let descriptors: [Int32]
        let count: Int
    }

    /// Waits for the next request; nil when there will be none.
    ///
    /// The server asks for the next run only after it has stored how the last one ended, so the request says
    /// that too, and the journal need not be brought to the disk. If it takes too long or is gone, that is done here.
    private func wait(for journal: Journal) -> Next? {
        defer { journal.close() }
        while true {
            let awaited = poll(for: journal.isSynced ? Self.idle : Self.storing)
            switch awaited {
            case .request: return receive { journal.sync() }
            case .time where !journal.isSynced: journal.sync()
            case .time, .signal:
                journal.sync()
                // From here on the server cannot send any more; what it sent before is still there (unix(7)).
                _ = shutdown(line, Int32(SHUT_RD))
                let next = receive {}
                // It may have been meant for the run that came in the same moment.
                if awaited == .signal, next != nil { _ = kill(getpid(), SIGTERM) }
                return next
            case .nothing: continue
            }
        }
    }

    private enum Awaited { case request, signal, time, nothing }

    private func poll(for time: Int64) -> Awaited {
        var wanted = [
            pollfd(fd: line, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe CLinux.poll(&wanted, 2, Int32(time / 1_000))
        if count == 0 { return .time }
        // A signal that came with a request is meant for that run.
        if wanted[0].revents != 0 { return .request }
        guard count > 0, wanted[1].revents != 0 else { return .nothing }
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(signals, &info, size) == size else { return .nothing }
        return Int32(info.ssi_signo) == SIGCHLD ? .nothing : .signal
    }

    private func receive(atEnd: () -> Void) -> Next? {
        var descriptors = [Int32](repeating: -1, count: Int(DH_MAX_DESCRIPTORS))
        var count: Int32 = 0
        var sender: pid_t = 0
        let flags = Int32(MSG_DONTWAIT)
        let received = unsafe dh_receive_message(
            line,
            buffer,
            Self.room,
            &descriptors,
            &count,
            &sender,
            flags
        )
        descriptors.removeLast(descriptors.count - Int(count))
        let bytes = unsafe UnsafeRawBufferPointer(start: buffer, count: max(received, 0))
        guard let message = unsafe RunMessage(head: Array(bytes.prefix(RunMessage.headSize))[...]), count > 0
        else {
            atEnd()
            return nil
        }
        return Next(message: message, descriptors: descriptors, count: received - RunMessage.headSize)
    }
}
