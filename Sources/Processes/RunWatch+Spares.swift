internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

// Runners that are given one ordinary run after the other: a process costs more than all else of a short run.
extension RunWatch {
    /// A runner waits for a run.
    var hasSpare: Bool { table.withLock { !$0.spares.isEmpty } }

    /// Gives a run to a runner that has none; false when there is no such runner.
    func handOver(_ run: PendingRun) -> Bool {
        let (isGiven, isAsleep) = table.withLock { table -> (Bool, Bool) in
            guard run.isOrdinary, !table.isClosed, !table.knows(run.ticket) else { return (false, false) }
            while let spare = table.spares.popLast() {
                // It waits for nothing else, so this does not block; when it has ended meanwhile, it fails.
                guard spare.line.send(run.bytes, run.descriptors) else { continue }
                var watched = WatchedRun(run, handle: spare.handle, pid: spare.pid, line: spare.line)
                watched.again = run.withoutCaller
                table.insert(watched, for: run.ticket)
                defer { table.isLooking = true }
                return (true, !table.isLooking)
            }
            return (false, false)
        }
        // The thread may sleep without a limit; from now on there is something to look at.
        if isAsleep { wakeUp() }
        return isGiven
    }

    /// The end of a run is stored, so its runner may have another one.
    func settled(_ ticket: TicketID) {
        let superfluous = table.withLock { $0.settle(ticket) }
        // Closing its line, here and not within the lock, ends it.
        withExtendedLifetime(superfluous) {}
    }

    /// A socket between us and a runner that the resident parent is to fork; nil when the machine is out of files.
    static func line() -> (ours: Descriptor, theirs: Descriptor)? {
        var ends: [Int32] = [-1, -1]
        guard unsafe dh_message_pair(&ends) == 0, let ours = Descriptor(ends[0]),
            let theirs = Descriptor(ends[1])
        else { return nil }
        return (ours, theirs)
    }
}
