internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

// The resident parent, and what is asked of it.
extension RunWatch {
    /// Sends a request to the resident parent, in place of an earlier attempt if that is said; its answer resumes the
    /// continuation.
    func submit(_ run: PendingRun, replacing: Bool = false) {
        var run = run
        if run.isOrdinary, run.line == nil, let (ours, theirs) = Self.line() {
            run.line = ours
            run.descriptors.append(theirs)
            run.message.hasLine = true
        }
        let (parent, replaced) = table.withLock { table in
            let replaced = replacing ? table.remove(run.ticket) : nil
            if replaced?.isToldToEnd == true { run.isCancelled = true }
            table.lastID += 1
            run.message.id = table.lastID
            table.pending[table.lastID] = run
            return (table.parent, replaced)
        }
        for caller in replaced?.waiting ?? [] { caller.resume() }
        // When this fails, the closed socket wakes the watch, and it asks the next parent.
        _ = parent?.send(run.bytes, run.descriptors)
    }

    /// No runner can be had for a run.
    private func refuse(_ run: PendingRun) {
        if let continuation = run.continuation { return continuation.resume(throwing: Self.unavailable) }
        let state = TicketState.failed(reason: Self.unavailable.message)
        let facts = RunFacts(started: nil, finished: clock.now())
        self.continuation.yield(
            .finished(run.ticket, RunOutcome(state: state, facts: facts, inlineOutput: nil))
        )
    }

    func takeReplies() {
        while let parent = table.withLock({ $0.parent }) {
            switch parent.receive() {
            case .nothing: return
            case .closed: replace(parent)
            case .reply(let reply, let handle): take(reply, handle)
            }
        }
    }

    func take(_ reply: RunReply, _ handle: Descriptor?) {
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
                let pid = Int32(truncatingIfNeeded: reply.pid)
                table.insert(WatchedRun(run, handle: handle, pid: pid, line: run.line), for: run.ticket)
            }
            return run
        }
        guard let run else { return }
        guard reply.error == 0 else { return refuse(run) }
        if let handle {
            if run.isCancelled { _ = dh_pidfd_send_signal(handle.raw, SIGTERM) }
            add(handle)
        }
        run.continuation?.resume()
        if handle == nil { runnerEnded(run.ticket) }
    }

    static var unavailable: Failure {
        Failure(
            .unavailable,
            code: "runner_unavailable",
            message: "No runner process could be started.",
            hint: "The machine may be out of processes or memory; try again.",
            retryAfter: .seconds(5)
        )
    }

    func startParent() throws {
        let parent = try ResidentParent.start(configuration)
        let pending = table.withLock { table in
            table.parent = parent
            return table.pending.sorted { $0.key < $1.key }.map(\.value)
        }
        add(parent.socket)
        for run in pending { _ = parent.send(run.bytes, run.descriptors) }
    }

    func replace(_ parent: ResidentParent) {
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
        for run in pending { refuse(run) }
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
}
