internal import Core
internal import Domain

/// A run that is being watched.
struct WatchedRun {
    let files: TicketFiles
    let token: String
    /// The runner's process; nil while the ticket is being taken care of after the runner's death.
    var handle: Descriptor?
    var pid: Int32
    var hasStarted = false
    /// Callers that wait until the command has started or the run is over.
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// Where the runner can be given another run.
    var line: Descriptor?
    /// It was sent a signal, which must not meet a later run.
    var isToldToEnd = false
    /// The request, while the runner may have ended before it read it.
    var again: PendingRun?
}

extension WatchedRun {
    /// A run that a runner has been asked for.
    init(_ run: PendingRun, handle: Descriptor?, pid: Int32, line: Descriptor?) {
        files = run.files
        token = SpecBuilder.token(run.ticket, nonce: run.files.nonce)
        self.handle = handle
        self.pid = pid
        self.line = line
        isToldToEnd = run.isCancelled
    }
}

/// A runner without a run.
struct SpareRunner {
    let handle: Descriptor
    let pid: Int32
    /// Where it is given the next one; it ends when this is closed.
    let line: Descriptor
}

/// A request that the resident parent has not answered.
struct PendingRun {
    let ticket: TicketID
    let files: TicketFiles
    var message: RunMessage
    let specification: [UInt8]
    var descriptors: [Descriptor]
    /// Any runner may do it, and do another one afterwards.
    let isOrdinary: Bool
    /// Our end of the socket, the other end of which is among the descriptors.
    var line: Descriptor?
    /// Nil when the caller has its answer already.
    var continuation: CheckedContinuation<Void, any Error>?
    var isCancelled = false

    var bytes: [UInt8] { message.head + specification }

    /// The same for a second attempt.
    var withoutCaller: PendingRun {
        var run = self
        run.continuation = nil
        return run
    }
}

/// All that the watch knows; guarded by one mutex.
struct WatchTable {
    private static let mostSpares = 32

    var parent: ResidentParent?
    /// Deaths of parents in a row without an answer between them.
    var failures = 0
    var greetings: [CheckedContinuation<Int64, any Error>] = []
    var hiding: Int64?
    var lastID: UInt64 = 0
    var pending: [UInt64: PendingRun] = [:]
    var watched: [TicketID: WatchedRun] = [:]
    var tickets: [Int32: TicketID] = [:]
    /// Watched runs whose command is not known to have started.
    var starting: Set<TicketID> = []
    /// Those that were starting at the last look, and whose message may therefore be lost.
    var overdue: Set<TicketID> = []
    /// The thread wakes by itself to look at those that are starting.
    var isLooking = false
    /// Runners of runs that are over, by these, until the ends are stored.
    var settling: [TicketID: SpareRunner] = [:]
    /// Runners that can be given a run, the latest one last.
    var spares: [SpareRunner] = []
    var isClosed = false

    /// Says whether a run of the ticket is under way here.
    func knows(_ ticket: TicketID) -> Bool {
        watched[ticket] != nil || pending.values.contains { $0.ticket == ticket }
    }

    /// Puts a run in.
    mutating func insert(_ run: WatchedRun, for ticket: TicketID) {
        watched[ticket] = run
        if let handle = run.handle { tickets[handle.raw] = ticket }
        if !run.hasStarted { starting.insert(ticket) }
    }

    /// The end of a run is stored: its runner is spare now; returns one that is too many.
    mutating func settle(_ ticket: TicketID) -> SpareRunner? {
        guard let runner = settling.removeValue(forKey: ticket) else { return nil }
        guard spares.count < Self.mostSpares, !isClosed else { return runner }
        spares.append(runner)
        return nil
    }

    /// A runner without a run has ended.
    mutating func forgetSpare(_ handle: Int32) {
        spares.removeAll { $0.handle.raw == handle }
        if let ticket = settling.first(where: { $0.value.handle.raw == handle })?.key {
            settling[ticket] = nil
        }
    }

    /// Runs that were starting at the last look already, to be looked at now.
    mutating func takeOverdue() -> [(ticket: TicketID, files: TicketFiles)] {
        defer { overdue = starting }
        return overdue.intersection(starting).compactMap { ticket in
            watched[ticket].map { (ticket, $0.files) }
        }
    }

    /// Takes a run out; nil when it is not watched, or was taken out before.
    mutating func remove(_ ticket: TicketID) -> WatchedRun? {
        guard let run = watched.removeValue(forKey: ticket) else { return nil }
        starting.remove(ticket)
        if let handle = run.handle { tickets[handle.raw] = nil }
        return run
    }
}
