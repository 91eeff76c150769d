internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

// What is found out when a runner is gone.
extension RunWatch {
    /// A runner's process is gone.
    func processEnded(_ handle: Int32) {
        let ticket = table.withLock { table -> TicketID? in
            if let ticket = table.tickets[handle] { return ticket }
            table.forgetSpare(handle)
            return nil
        }
        if let ticket { runnerEnded(ticket) }
    }

    /// The process that we took for the ticket's runner is gone; the journal says what that means.
    func runnerEnded(_ ticket: TicketID) {
        if finish(ticket, runnerLives: false) { return }
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
            if let again = run.again { return submit(again, replacing: true) }
            let reason =
                run.files.areTaken
                ? "Files of another ticket have this one's names, and could not be moved aside."
                : "The runner ended before it could claim the ticket; the disk may be full."
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
        if finish(ticket, runnerLives: false) { return }
        rescue.perform { [self] in
            let outcome = lost(run.files, token: run.token)
            report(ticket, outcome)
        }
    }

    /// Ends what the dead runner left, and says what is known of the run, which was started in this boot unless that is said.
    ///
    /// Blocks.
    func lost(_ files: TicketFiles, token: String, startedUnder: String? = nil) -> RunOutcome {
        let journal = files.journal()
        if let journal, let outcome = files.outcome(journal) { return outcome }
        SessionFolders.remove([files.inputName, files.sizeName], in: files.folder)
        guard let runner = journal?.runner, runner.boot == bootID else {
            // Of a journal that nobody brought to the disk a power cut leaves the name alone.
            let isOfThisBoot = startedUnder.map { $0 == bootID } ?? true
            let reason =
                journal?.runner == nil && isOfThisBoot
                ? "The journal of the run cannot be read."
                : "The machine was restarted while the command ran."
            return files.lost(journal, reason: reason, notes: [], now: clock.now())
        }
        let notes = survivors.end(token: token)
        let reason = "The runner ended without recording how the command ended."
        return files.lost(journal, reason: reason, notes: notes, now: clock.now())
    }
}
