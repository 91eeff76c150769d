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

    let configuration: ProcessesConfiguration
    let logger: Logger
    let clock: any WallClock = SystemWallClock()
    let continuation: AsyncStream<RunEvent>.Continuation
    let poll: Descriptor
    let wake: Descriptor
    let datagrams: Descriptor
    let thread = DedicatedThread(name: "tickets")
    let ends = Mutex(EndHandler(call: { _ in }))
    let rescue = DedicatedThread(name: "ticket-rescue")

    init(_ configuration: ProcessesConfiguration, survivors: Survivors, logger: Logger) throws {
        self.configuration = configuration
        self.survivors = survivors
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        (datagrams, notifyName) = try NoticeSocket.bind(configuration)
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

    func wakeUp() { _ = wake.write([1, 0, 0, 0, 0, 0, 0, 0]) }

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
                token: SpecBuilder.token(ticket, nonce: files.nonce),
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

    // MARK: The thread

    func loop() {
        var ready = [Int32](repeating: -1, count: 64)
        var lastLook = ContinuousClock.now
        while true {
            let hasStarting = table.withLock { table in
                table.isLooking = !table.starting.isEmpty
                return table.isLooking
            }
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
                } else if Self.isReadable(number) {
                    processEnded(number)
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
    func lookForStarted() {
        for (ticket, files) in table.withLock({ $0.takeOverdue() }) {
            if let time = files.journal()?.started { started(ticket, time) }
        }
    }

    func end() {
        let (parent, pending, waiting, greetings) = table.withLock { table in
            defer {
                table.parent = nil
                table.pending = [:]
                table.watched = [:]
                table.tickets = [:]
                table.greetings = []
                table.settling = [:]
                table.spares = []
            }
            return (
                table.parent, Array(table.pending.values), table.watched.values.flatMap(\.waiting),
                table.greetings
            )
        }
        for run in pending { run.continuation?.resume(throwing: CancellationError()) }
        for caller in waiting { caller.resume() }
        for caller in greetings { caller.resume(throwing: CancellationError()) }
        parent?.reap()
        continuation.finish()
    }

    /// Asks again: the event may be of an earlier file that had the same number.
    static func isReadable(_ number: Int32) -> Bool {
        var wanted = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe CLinux.poll(&wanted, 1, 0) == 1
    }

    func add(_ descriptor: Descriptor) {
        _ = dh_epoll_add(poll.raw, descriptor.raw)
    }
}

/// A closure in a structure: bare in a mutex, it would be wrapped once more by the compiler with every access.
struct EndHandler {
    var call: @Sendable (OutputReference) -> Void
}
