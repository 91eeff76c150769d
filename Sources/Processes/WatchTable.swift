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
}

/// A request that the resident parent has not answered.
struct PendingRun {
    let ticket: TicketID
    let files: TicketFiles
    let message: [UInt8]
    let descriptors: [Descriptor]
    let continuation: CheckedContinuation<Void, any Error>
    var isCancelled = false
}

/// All that the watch knows; guarded by one mutex.
struct WatchTable {
    var parent: ResidentParent?
    /// Deaths of parents in a row without an answer between them.
    var failures = 0
    var greetings: [CheckedContinuation<Int64, any Error>] = []
    var hiding: Int64?
    var nextID: UInt64 = 1
    var pending: [UInt64: PendingRun] = [:]
    var watched: [TicketID: WatchedRun] = [:]
    var tickets: [Int32: TicketID] = [:]
    /// Watched runs whose command is not known to have started.
    var starting: Set<TicketID> = []
    /// Those that were starting at the last look, and whose message may therefore be lost.
    var overdue: Set<TicketID> = []
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
