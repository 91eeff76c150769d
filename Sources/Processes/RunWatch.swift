internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

/// Watches runners and the resident parent: one thread in epoll_wait(2), without timers but for starts that may have
/// been missed.
final class RunWatch: Sendable {
    private static let lookMilliseconds: Int32 = 50

    let events: AsyncStream<RunEvent>
    let notifyName: [UInt8]
    let bootID = ProcessTable.bootID()
    let survivors: Survivors
    let table = Mutex(WatchTable())

    private let configuration: ProcessesConfiguration
    private let logger: Logger
    private let clock: any WallClock = SystemWallClock()
    private let continuation: AsyncStream<RunEvent>.Continuation
    private let poll: Descriptor
    private let wake: Descriptor
    private let datagrams: Descriptor
    private let thread = DedicatedThread(name: "tickets")
    private let ends = Mutex(EndHandler(call: { _ in }))
    private let rescue = DedicatedThread(name: "ticket-rescue")

    init(_ configuration: ProcessesConfiguration, survivors: Survivors, logger: Logger) throws {
        self.configuration = configuration
        self.survivors = survivors
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        (datagrams, notifyName) = try Self.bind(configuration)
        guard let poll = Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC))),
            let wake = Descriptor(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))
        else { throw SystemFailure.current("epoll_create1") }
        self.poll = poll
        self.wake = wake
        add(datagrams)
        add(wake)
    }

    /// Begins; the first resident parent is started here.
    func begin() throws {
        try startParent()
        thread.perform { [self] in loop() }
    }

    /// Sets what is called, on the watching thread, when a run is over.
    func onEnd(_ body: @escaping @Sendable (OutputReference) -> Void) { ends.withLock { $0.call = body } }

    /// Stops watching; runs go on.
    func close() {
        table.withLock { $0.isClosed = true }
        wakeUp()
    }

    private func wakeUp() { _ = wake.write([1, 0, 0, 0, 0, 0, 0, 0]) }

    /// How hiding went, once the resident parent said so: 0 it works, -1 not asked for, else an errno.
    func greeting() async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            let known = table.withLock { table in
                if table.hiding == nil { table.greetings.append(continuation) }
                return table.hiding
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Watches a runner that was there before us.
    func adopt(_ ticket: TicketID, files: TicketFiles, handle: Descriptor, pid: Int32, hasStarted: Bool) {
        let isNew = table.withLock { table in
            guard table.watched[ticket] == nil else { return false }
            let run = WatchedRun(
                files: files,
                token: SpecBuilder.token(ticket),
                handle: handle,
                pid: pid,
                hasStarted: hasStarted
            )
            table.insert(run, for: ticket)
            return true
        }
        guard isNew else { return }
        add(handle)
        // The thread may sleep without a limit; from now on there is something to look at.
        if !hasStarted { wakeUp() }
    }

    /// Sends a request to the resident parent; its answer resumes the continuation.
    func submit(_ run: PendingRun, id: UInt64) {
        let parent = table.withLock { table in
            table.pending[id] = run
            return table.parent
        }
        // When this fails, the closed socket wakes the watch, and it asks the next parent.
        _ = parent?.send(run.message, run.descriptors)
    }

    // MARK: The thread

    private func loop() {
        var ready = [Int32](repeating: -1, count: 64)
        var lastLook = ContinuousClock.now
        while true {
            let hasStarting = table.withLock { !$0.starting.isEmpty }
            let count = unsafe dh_epoll_wait(poll.raw, &ready, 64, hasStarting ? Self.lookMilliseconds : -1)
            if table.withLock({ $0.isClosed }) { return end() }
            let ready = ready.prefix(Int(max(count, 0)))
            // Answers first: a runner's datagram may already be waiting behind its own birth.
            if let parent = table.withLock({ $0.parent?.socket.raw }), ready.contains(parent) {
                takeReplies()
            }
            for number in ready {
                if number == datagrams.raw {
                    takeDatagrams()
                } else if number == wake.raw {
                    var count: eventfd_t = 0
                    _ = unsafe eventfd_read(wake.raw, &count)
                } else if let ticket = table.withLock({ $0.tickets[number] }), Self.isReadable(number) {
                    runnerEnded(ticket)
                }
            }
            if hasStarting, ContinuousClock.now - lastLook >= .milliseconds(Self.lookMilliseconds) {
                lastLook = .now
                lookForStarted()
            }
        }
    }

    /// Finds starts whose message was lost: a datagram socket takes few messages, and runners do not wait for it.
    ///
    /// Only runs that are starting for longer than a message takes are looked at, so that this costs nothing as a rule.
    private func lookForStarted() {
        for (ticket, files) in table.withLock({ $0.takeOverdue() }) {
            if let time = files.journal()?.started { started(ticket, time) }
        }
    }

    private func end() {
        let (parent, pending, waiting, greetings) = table.withLock { table in
            defer {
                table.parent = nil
                table.pending = [:]
                table.watched = [:]
                table.tickets = [:]
                table.greetings = []
            }
            return (
                table.parent, Array(table.pending.values), table.watched.values.flatMap(\.waiting),
                table.greetings
            )
        }
        for run in pending { run.continuation.resume(throwing: CancellationError()) }
        for caller in waiting { caller.resume() }
        for caller in greetings { caller.resume(throwing: CancellationError()) }
        parent?.reap()
        continuation.finish()
    }

    private func takeReplies() {
        while let parent = table.withLock({ $0.parent }) {
            switch parent.receive() {
            case .nothing: return
            case .closed: replace(parent)
            case .reply(let reply, let handle): take(reply, handle)
            }
        }
    }

    private func take(_ reply: RunReply, _ handle: Descriptor?) {
        if reply.id == 0 {
            let waiting = table.withLock { table in
                table.hiding = reply.error
                defer { table.greetings = [] }
                return table.greetings
            }
            for caller in waiting { caller.resume(returning: reply.error) }
            return
        }
        let run = table.withLock { table -> PendingRun? in
            table.failures = 0
            guard let run = table.pending.removeValue(forKey: reply.id) else { return nil }
            if reply.error == 0, table.watched[run.ticket] == nil {
                let watched = WatchedRun(
                    files: run.files,
                    token: SpecBuilder.token(run.ticket),
                    handle: handle,
                    pid: Int32(truncatingIfNeeded: reply.pid)
                )
                table.insert(watched, for: run.ticket)
            }
            return run
        }
        guard let run else { return }
        guard reply.error == 0 else {
            return run.continuation.resume(throwing: Self.unavailable)
        }
        if let handle {
            if run.isCancelled { _ = dh_pidfd_send_signal(handle.raw, SIGTERM) }
            add(handle)
        }
        run.continuation.resume()
        if handle == nil { runnerEnded(run.ticket) }
    }

    private func takeDatagrams() {
        var buffer = [UInt8](repeating: 0, count: RunNotice.room)
        var none = [Int32](repeating: -1, count: Int(DH_MAX_DESCRIPTORS))
        while true {
            var count: Int32 = 0
            var sender: pid_t = 0
            let room = buffer.count
            let received = unsafe dh_receive_message(
                datagrams.raw,
                &buffer,
                room,
                &none,
                &count,
                &sender,
                Int32(MSG_DONTWAIT)
            )
            for number in none.prefix(Int(count)) { _ = CLinux.close(number) }
            guard received >= 0 else { return }
            guard let notice = RunNotice(bytes: buffer.prefix(received)) else { continue }
            // The kernel says who sends; a command cannot speak for its runner.
            guard runner(of: notice.ticket) == sender else { continue }
            switch notice.kind {
            case .started(let time): started(notice.ticket, time)
            case .finished(let journal, let output): finish(notice.ticket, told: journal, output: output)
            }
        }
    }

    private func runner(of ticket: TicketID) -> Int32? {
        if let known = table.withLock({ $0.watched[ticket]?.pid }) { return known }
        // The answer about its birth may have come since we last looked.
        takeReplies()
        return table.withLock { $0.watched[ticket]?.pid }
    }

    private func started(_ ticket: TicketID, _ time: Timestamp) {
        let waiting = table.withLock { table -> [CheckedContinuation<Void, Never>]? in
            guard table.watched[ticket]?.hasStarted == false else { return nil }
            table.watched[ticket]?.hasStarted = true
            table.starting.remove(ticket)
            defer { table.watched[ticket]?.waiting = [] }
            return table.watched[ticket]?.waiting
        }
        guard let waiting else { return }
        continuation.yield(.started(ticket, at: time))
        for caller in waiting { caller.resume() }
    }

    /// Reports the end if the journal has it; says whether it had.
    ///
    /// A journal that the runner told is its file's text after the file was brought to the disk: it spares the reading.
    @discardableResult
    private func finish(
        _ ticket: TicketID,
        told: ArraySlice<UInt8> = [],
        output: ArraySlice<UInt8> = []
    ) -> Bool {
        guard let run = table.withLock({ $0.watched[ticket] }) else { return false }
        let hint = told.isEmpty ? nil : RunJournal(bytes: Array(told))
        let isWhole = hint?.exit != nil && hint?.runner?.token.elementsEqual(run.token.utf8) == true
        guard let journal = isWhole ? hint : run.files.journal(),
            let outcome = run.files.outcome(journal, told: isWhole ? Array(output) : [])
        else { return false }
        report(ticket, outcome)
        return true
    }

    private func report(_ ticket: TicketID, _ outcome: RunOutcome) {
        guard let run = table.withLock({ $0.remove(ticket) }) else { return }
        if let handle = run.handle { _ = dh_epoll_remove(poll.raw, handle.raw) }
        continuation.yield(.finished(ticket, outcome))
        ends.withLock { $0.call }(OutputReference(folder: run.files.name, number: run.files.number))
        for caller in run.waiting { caller.resume() }
    }

    /// The process that we took for the ticket's runner is gone; the journal says what that means.
    private func runnerEnded(_ ticket: TicketID) {
        if finish(ticket) { return }
        let taken = table.withLock { table -> WatchedRun? in
            guard let run = table.watched[ticket] else { return nil }
            if let handle = run.handle {
                table.tickets[handle.raw] = nil
                _ = dh_epoll_remove(poll.raw, handle.raw)
            }
            table.watched[ticket]?.handle = nil
            return run
        }
        guard let run = taken else { return }
        let journal = run.files.journal()
        guard let journal else {
            let reason = "The runner ended before it could claim the ticket; the disk may be full."
            return report(
                ticket,
                RunOutcome(
                    state: .failed(reason: reason),
                    facts: RunFacts(started: nil, finished: clock.now()),
                    inlineOutput: nil
                )
            )
        }
        // It lost the claim to another runner, which is the one to watch.
        if let runner = journal.runner, runner.boot == bootID,
            let handle = ProcessTable.open(pid: runner.pid, start: runner.start)
        {
            table.withLock { table in
                table.watched[ticket]?.handle = handle
                table.watched[ticket]?.pid = runner.pid
                table.tickets[handle.raw] = ticket
            }
            return add(handle)
        }
        // Between the two looks it may have written its last line.
        if finish(ticket) { return }
        rescue.perform { [self] in
            let outcome = lost(run.files, token: run.token)
            report(ticket, outcome)
        }
    }

    /// Ends what the dead runner left, and says what is known of the run.
    ///
    /// Blocks.
    func lost(_ files: TicketFiles, token: String) -> RunOutcome {
        let journal = files.journal()
        if let journal, let outcome = files.outcome(journal) { return outcome }
        SessionFolders.remove([files.inputName, files.sizeName], in: files.folder)
        guard let runner = journal?.runner, runner.boot == bootID else {
            let reason =
                journal?.runner == nil
                ? "The journal of the run cannot be read."
                : "The machine was restarted while the command ran."
            return files.lost(journal, reason: reason, notes: [], now: clock.now())
        }
        let notes = survivors.end(token: token)
        let reason = "The runner ended without recording how the command ended."
        return files.lost(journal, reason: reason, notes: notes, now: clock.now())
    }

    // MARK: The parent

    private static var unavailable: Failure {
        Failure(
            .unavailable,
            code: "runner_unavailable",
            message: "No runner process could be started.",
            hint: "The machine may be out of processes or memory; try again.",
            retryAfter: .seconds(5)
        )
    }

    private func startParent() throws {
        let parent = try ResidentParent.start(configuration)
        let pending = table.withLock { table in
            table.parent = parent
            return table.pending.sorted { $0.key < $1.key }.map(\.value)
        }
        add(parent.socket)
        for run in pending { _ = parent.send(run.message, run.descriptors) }
    }

    private func replace(_ parent: ResidentParent) {
        logger.warning("the parent of the runners ended; starting another one")
        parent.reap()
        let failures = table.withLock { table in
            table.parent = nil
            table.failures += 1
            return table.failures
        }
        if failures <= 3, (try? startParent()) != nil { return }
        logger.error(
            "no parent of runners can be started",
            .init("path", LogValue.untrusted(configuration.runnerPath))
        )
        let (pending, greetings) = table.withLock { table in
            defer {
                table.pending = [:]
                table.greetings = []
            }
            return (Array(table.pending.values), table.greetings)
        }
        for run in pending { run.continuation.resume(throwing: Self.unavailable) }
        for caller in greetings { caller.resume(throwing: Self.unavailable) }
    }

    /// Starts a parent if the last one could not be replaced.
    func revive() {
        let isMissing = table.withLock { table in
            guard table.parent == nil, !table.isClosed else { return false }
            table.failures = 0
            return true
        }
        if isMissing { try? startParent() }
    }

    /// Asks again: the event may be of an earlier file that had the same number.
    private static func isReadable(_ number: Int32) -> Bool {
        var wanted = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe CLinux.poll(&wanted, 1, 0) == 1
    }

    private func add(_ descriptor: Descriptor) {
        _ = dh_epoll_add(poll.raw, descriptor.raw)
    }

    /// Binds the configured name, or else one that the installation's next server finds again, so that runners
    /// which outlive this one reach it; if that is taken, one of our own.
    private static func bind(_ configuration: ProcessesConfiguration) throws -> (
        socket: Descriptor, name: [UInt8]
    ) {
        var names: [[UInt8]] = []
        if let given = configuration.notifySocket {
            if !given.hasPrefix("@") { _ = unsafe unlink(given) }
            names = [given.hasPrefix("@") ? [0] + Array(given.dropFirst().utf8) : Array(given.utf8)]
        } else {
            let own = "deckhand/\(configuration.installation)"
            names = [own, "\(own)/\(UInt64.random(in: 0...UInt64.max))"].map { [0] + Array($0.utf8) }
        }
        for name in names {
            let socket = unsafe name.withUnsafeBytes { unsafe dh_bind_datagrams($0.baseAddress, $0.count) }
            if let socket = Descriptor(socket) { return (socket, name) }
        }
        throw SystemFailure.current("bind")
    }
}

/// A closure in a structure: bare in a mutex, it would be wrapped once more by the compiler with every access.
private struct EndHandler {
    var call: @Sendable (OutputReference) -> Void
}
