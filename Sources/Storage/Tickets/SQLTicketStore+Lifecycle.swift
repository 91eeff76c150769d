internal import Core
internal import Domain
internal import SQL

extension SQLTicketStore {
    /// Larger outputs stay in their files only.
    static let inlineLimit = 4_096

    func markStarting(
        _ tickets: [TicketID],
        bootID: String,
        at now: Timestamp
    ) async throws -> Set<TicketID> {
        guard !tickets.isEmpty else { return [] }
        return try await gate.write { db in
            var claimed: Set<TicketID> = []
            for ticket in tickets {
                guard let key = ticket.rowKey else { continue }
                let started = try db.first(
                    """
                    update tickets set state = 'starting', boot_id = \(bootID), claimed = \(now)
                    where id = \(key) and state = 'queued' returning command, submitted_by
                    """
                )
                guard let started else { continue }
                let principal = PrincipalID(try started.get("submitted_by"))
                try db.record(
                    .start(of: ticket, command: try started.get("command"), by: principal, at: now)
                )
                claimed.insert(ticket)
            }
            try db.count(.queued, by: -Int64(claimed.count))
            return claimed
        }
    }

    func finish(
        _ ticket: TicketID,
        as state: TicketState,
        run: RunFacts?,
        inlineOutput: InlineOutput?,
        at now: Timestamp
    ) async throws -> Ticket? {
        precondition(state.isTerminal, "a ticket can only be finished in a terminal state")
        return try await gate.write { db in
            guard let key = ticket.rowKey, let stored = try db.ticket(ticket) else { return nil }
            guard !stored.state.isTerminal else { return stored }
            var finished = stored
            finished.state = state
            finished.run = run
            finished.inlineOutput = inlineOutput.flatMap { $0.combined.count <= Self.inlineLimit ? $0 : nil }
            try db.store(finished, under: key, ended: run?.finished ?? now)
            if stored.state == .queued { try db.count(.queued, by: -1) }
            if stored.state == .awaitingApproval { try db.closeApproval(ofRun: ticket, at: now) }
            try db.count(.keptBytes, by: run?.keptBytes ?? 0)
            return finished
        }
    }

    func keep(_ size: TerminalSize, of ticket: TicketID) async throws {
        try await gate.write { db in
            guard let key = ticket.rowKey, let stored = try db.ticket(ticket), !stored.state.isTerminal
            else { return }
            var options = stored.options
            guard options.terminal != nil else { return }
            options.terminal = size
            try db.execute(
                "update tickets set options = \(OptionsText.text(options)) where id = \(key)"
            )
        }
    }

    func cancel(_ ticket: TicketID, at now: Timestamp) async throws -> Ticket? {
        try await gate.write { db in
            guard let key = ticket.rowKey, let stored = try db.ticket(ticket) else { return nil }
            switch stored.state {
            case .queued, .awaitingApproval:
                var cancelled = stored
                cancelled.state = .cancelled
                try db.store(cancelled, under: key, ended: now)
                if stored.state == .queued { try db.count(.queued, by: -1) }
                if stored.state == .awaitingApproval { try db.closeApproval(ofRun: ticket, at: now) }
                return cancelled
            case .starting, .running:
                try db.execute("update tickets set cancel_requested = 1 where id = \(key)")
                return stored
            default:
                return stored
            }
        }
    }
}

extension Connection {
    /// Stores how an unfinished ticket ended, and that it did in the audit log.
    func store(_ ticket: Ticket, under key: Int64, ended: Timestamp) throws {
        let (state, run) = (ticket.state, ticket.run)
        let parts = ticket.inlineOutput?.stretches.map(String.init).joined(separator: " ")
        let changed = try execute(
            """
            update tickets set state = \(state.word), exit_code = \(state.exitCode), signal = \(state.signal),
                reason = \(state.reason), ended = \(ended), kept_bytes = \(run?.keptBytes ?? 0),
                started = \(run?.started), finished = \(run?.finished),
                wall_time = \(run?.wallTime.inMicroseconds), user_time = \(run?.userTime.inMicroseconds),
                system_time = \(run?.systemTime.inMicroseconds), peak_memory = \(run?.peakMemory),
                output_bytes = \(run?.outputBytes), stdout_bytes = \(run?.stdoutBytes),
                stderr_bytes = \(run?.stderrBytes), omitted_start = \(run?.omitted?.start),
                omitted_end = \(run?.omitted?.end), limit_reached = \(run?.limit),
                notes = \(run.flatMap { OptionsText.text(notes: $0.notes) }),
                inline_output = \(ticket.inlineOutput?.combined), inline_parts = \(parts)
            where id = \(key) and ended is null
            """
        )
        if changed > 0 { try record(.end(of: ticket, at: ended)) }
    }
}

extension RunFacts {
    /// Bytes of output on the disk.
    var keptBytes: Int64 { max(outputBytes - (omitted?.count ?? 0), 0) }
}
