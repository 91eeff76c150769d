internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

// What runners say, and the end of a run.
extension RunWatch {
    func takeDatagrams() {
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

    func runner(of ticket: TicketID) -> Int32? {
        if let known = table.withLock({ $0.watched[ticket]?.pid }) { return known }
        // The answer about its birth may have come since we last looked.
        takeReplies()
        return table.withLock { $0.watched[ticket]?.pid }
    }

    func started(_ ticket: TicketID, _ time: Timestamp) {
        let waiting = table.withLock { table -> [CheckedContinuation<Void, Never>]? in
            guard table.watched[ticket]?.hasStarted == false else { return nil }
            table.watched[ticket]?.hasStarted = true
            table.starting.remove(ticket)
            table.watched[ticket]?.again = nil
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
    func finish(
        _ ticket: TicketID,
        told: ArraySlice<UInt8> = [],
        output: ArraySlice<UInt8> = [],
        runnerLives: Bool = true
    ) -> Bool {
        guard let run = table.withLock({ $0.watched[ticket] }) else { return false }
        let hint = told.isEmpty ? nil : RunJournal(bytes: Array(told))
        let isWhole = hint?.exit != nil && hint?.runner?.token.elementsEqual(run.token.utf8) == true
        guard let journal = isWhole ? hint : run.files.journal(),
            let outcome = run.files.outcome(journal, told: isWhole ? Array(output) : [])
        else { return false }
        report(ticket, outcome, runnerLives: runnerLives)
        return true
    }

    /// The run is over; its runner, if that lives, may have another one once this is stored.
    func report(_ ticket: TicketID, _ outcome: RunOutcome, runnerLives: Bool = false) {
        let (found, isKept) = table.withLock { table -> (WatchedRun?, Bool) in
            guard let run = table.remove(ticket) else { return (nil, false) }
            guard runnerLives, !run.isToldToEnd, !table.isClosed, let line = run.line, let handle = run.handle
            else { return (run, false) }
            table.settling[ticket] = SpareRunner(handle: handle, pid: run.pid, line: line)
            return (run, true)
        }
        guard let run = found else { return }
        if !isKept, let handle = run.handle { _ = dh_epoll_remove(poll.raw, handle.raw) }
        continuation.yield(.finished(ticket, outcome))
        let files = run.files
        ends.withLock { $0.call }(
            OutputReference(folder: files.name, number: files.number, nonce: files.nonce)
        )
        for caller in run.waiting { caller.resume() }
    }
}
