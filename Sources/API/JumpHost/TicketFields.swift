internal import Core
internal import Domain

/// The members that every JSON form of a ticket shares.
enum TicketFields {
    /// state, exit_code, signal, reason, started, finished, duration.
    static func writeRun(_ ticket: Ticket, to writer: inout JSONWriter) {
        writer.key("state")
        writer.string(ticket.state.word)
        writer.key("exit_code")
        writer.optional(ticket.state.exitCode)
        writer.key("signal")
        writer.optional(ticket.state.signal)
        if let reason = ticket.state.reason {
            writer.key("reason")
            writer.string(reason)
        }
        if let limit = ticket.run?.limit {
            writer.key("limit")
            writer.string(limit)
        }
        writer.key("created")
        writer.time(ticket.created)
        writer.key("started")
        writer.optional(ticket.started)
        writer.key("finished")
        if ticket.state.isTerminal, let run = ticket.run { writer.time(run.finished) } else { writer.null() }
        writer.key("duration")
        if ticket.state.isTerminal, let run = ticket.run, run.started != nil {
            writer.number(run.wallTime.inSeconds)
        } else {
            writer.null()
        }
        if let notes = ticket.run?.notes, !notes.isEmpty {
            writer.key("notes")
            writer.array { writer in for note in notes { writer.string(note) } }
        }
    }

    /// A ticket of the JSON face, with the decision that it waits for.
    static func write(_ ticket: Ticket, _ approval: OpenApproval? = nil, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("session")
            writer.string(ticket.sessionName.rawValue)
            writer.key("ticket")
            writer.integer(ticket.id.number)
            writer.key("command")
            writer.string(ticket.command)
            writer.key("origin")
            writer.string(ticket.origin.rawValue)
            writer.key("submitted_by")
            writer.string(ticket.submittedBy.rawValue)
            if let key = ticket.key {
                writer.key("key")
                writer.string(key.rawValue)
            }
            writer.key("interactive")
            writer.bool(ticket.options.input == .open)
            if let size = ticket.options.terminal {
                writer.key("terminal")
                writer.bool(true)
                writer.key("columns")
                writer.integer(size.columns)
                writer.key("rows")
                writer.integer(size.rows)
            }
            if !ticket.options.secrets.isEmpty {
                writer.key("secrets")
                writer.array { writer in for name in ticket.options.secrets { writer.string(name.rawValue) } }
            }
            if let user = ticket.options.runAs {
                writer.key("run_as")
                writer.string(user)
            }
            writeRun(ticket, to: &writer)
            approval?.write(to: &writer)
            writeCounts(ticket.run, to: &writer)
        }
    }

    private static func writeCounts(_ run: RunFacts?, to writer: inout JSONWriter) {
        guard let run, run.started != nil else { return }
        writer.key("output_bytes")
        writer.integer(run.outputBytes)
        writer.key("stdout_bytes")
        writer.integer(run.stdoutBytes)
        writer.key("stderr_bytes")
        writer.integer(run.stderrBytes)
        writer.key("omitted")
        if let gap = run.omitted {
            writer.object { writer in
                writer.key("start")
                writer.integer(gap.start)
                writer.key("end")
                writer.integer(gap.end)
            }
        } else {
            writer.null()
        }
        writer.key("cpu_user")
        writer.number(run.userTime.inSeconds)
        writer.key("cpu_system")
        writer.number(run.systemTime.inSeconds)
        writer.key("peak_memory_bytes")
        writer.integer(run.peakMemory)
    }
}
