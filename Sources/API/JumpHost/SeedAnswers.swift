internal import Application
internal import Core
internal import Domain

/// What goes into the `output`, `stdout` and `stderr` of a result.
struct ResultOutput: Sendable {
    var output = ""
    var stdout = ""
    var stderr = ""
    /// Bytes of output that are not in the answer.
    var omitted: Int64 = 0
    /// Where to go on reading with `offset`; nil when nothing is left.
    var nextOffset: Int64?
}

/// The JSON of the GET face: the second seed's keys exactly, and ours after them.
enum SeedAnswers {
    static func submission(
        _ ticket: Ticket,
        wasCached: Bool,
        approval: OpenApproval? = nil,
        links: Links
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 + ticket.command.utf8.count)
        writer.object { writer in
            writer.key("type")
            writer.string("submission")
            writer.key("cached")
            writer.bool(wasCached)
            writeIdentity(ticket, to: &writer)
            writer.key("callback")
            writer.string(links.callback(ticket))
            writer.key("state")
            writer.string(ticket.state.word)
            writer.key("stream")
            writer.string(links.stream(ticket))
            writer.key("poll_after")
            writer.number(pollAfter(ticket, now: nil))
            approval?.write(to: &writer)
            writer.key("next")
            writer.string(
                waiting(ticket, approval)
                    ?? "Fetch callback for the result; add &wait=20 to it to let the server wait for the end."
                    + (wasCached ? " This is the earlier ticket: add fresh=1 to run the command again." : "")
            )
        }
        return writer.line()
    }

    static func working(
        _ ticket: Ticket,
        output: ResultOutput?,
        approval: OpenApproval? = nil,
        links: Links,
        now: Timestamp
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("status")
            writer.string("working")
            writer.key("message")
            writer.string(waiting(ticket, approval) ?? message(ticket))
            writer.key("type")
            writer.string("status")
            writeIdentity(ticket, to: &writer)
            TicketFields.writeRun(ticket, to: &writer)
            approval?.write(to: &writer)
            if let output { write(output, to: &writer) }
            writer.key("poll_after")
            writer.number(pollAfter(ticket, now: now))
            writer.key("callback")
            writer.string(links.callback(ticket))
            writer.key("stream")
            writer.string(links.stream(ticket))
        }
        return writer.line()
    }

    /// `wasCached` is told to whoever submitted: nil for answers to others.
    static func result(
        _ ticket: Ticket,
        output: ResultOutput,
        links: Links,
        wasCached: Bool? = nil
    ) -> [UInt8] {
        // Exact for what is large: a buffer that grows holds up to three times its contents while it does.
        let size = [output.output, output.stdout, output.stderr].reduce(0) { $0 + JSONWriter.size(of: $1) }
        var writer = JSONWriter(capacity: 1_536 + ticket.command.utf8.count + size)
        writeResult(ticket, output: output, links: links, wasCached: wasCached, to: &writer)
        return writer.line()
    }

    static func writeResult(
        _ ticket: Ticket,
        output: ResultOutput,
        links: Links?,
        wasCached: Bool? = nil,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("type")
            writer.string("result")
            if let links {
                writer.key("next")
                writer.string(
                    "The command is over (\(ending(ticket))). You can now issue your next command to /shell; add it, URL-encoded, to: "
                        + links.submit(to: ticket.id.session, named: ticket.sessionName)
                        + (wasCached == true
                            ? " — This is the result of the earlier ticket: add fresh=1 to run the command again."
                            : "")
                )
            }
            if let wasCached {
                writer.key("cached")
                writer.bool(wasCached)
            }
            writeIdentity(ticket, to: &writer)
            writer.key("output")
            writer.string(output.output)
            TicketFields.writeRun(ticket, to: &writer)
            writer.key("stdout")
            writer.string(output.stdout)
            writer.key("stderr")
            writer.string(output.stderr)
            writer.key("truncated")
            writer.bool(output.omitted > 0)
            if output.omitted > 0 {
                writer.key("omitted_bytes")
                writer.integer(output.omitted)
            }
            if let next = output.nextOffset {
                writer.key("next_offset")
                writer.integer(next)
            }
            if let links {
                writer.key("callback")
                writer.string(links.result(ticket))
            }
        }
    }

    /// A ticket of the history that is not over.
    static func writeWorking(_ ticket: Ticket, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            writer.string("status")
            writer.key("status")
            writer.string("working")
            writeIdentity(ticket, to: &writer)
            TicketFields.writeRun(ticket, to: &writer)
        }
    }

    /// How a ticket ended, in a few words.
    static func ending(_ ticket: Ticket) -> String {
        switch ticket.state {
        case .exited(let code): "exit code \(code)"
        case .killed(let signal): "killed by signal \(signal)"
        case .timedOut: "ended by the \(ticket.run?.limit ?? "time") limit"
        case .lost(let reason): "lost: \(reason)"
        case .failed(let reason): "not started: \(reason)"
        case .denied(let reason): "refused: \(reason)"
        default: ticket.state.word
        }
    }

    /// What a model has to do for a command that waits for a person.
    private static func waiting(_ ticket: Ticket, _ approval: OpenApproval?) -> String? {
        guard let approval else { return nil }
        return DoorText.explanation(of: ticket, approval.approval, link: approval.link).map {
            $0 + "\nThen fetch callback for the result."
        }
    }

    private static func message(_ ticket: Ticket) -> String {
        let start = "No output for ticket \(ticket.id.number) yet. "
        return switch ticket.state {
        case .awaitingApproval: start + "It waits for a person's decision. Try the callback again later."
        case .queued: start + "It waits for a running place. Wait a moment and try the callback again."
        default:
            start + "It is still running. Wait a moment and try the callback again, or add wait=20 to it."
        }
    }

    /// Seconds that make sense before the next look: a tenth of the time it has taken so far.
    private static func pollAfter(_ ticket: Ticket, now: Timestamp?) -> Double {
        if ticket.state == .awaitingApproval { return 15 }
        guard let now else { return 1 }
        return min(max(((now - ticket.created).inSeconds / 10).rounded(), 1), 30)
    }

    private static func writeIdentity(_ ticket: Ticket, to writer: inout JSONWriter) {
        writer.key("ticket")
        writer.integer(ticket.id.number)
        writer.key("session")
        writer.string(ticket.sessionName.rawValue)
        writer.key("input")
        writer.string(ticket.command)
    }

    private static func write(_ output: ResultOutput, to writer: inout JSONWriter) {
        writer.key("output")
        writer.string(output.output)
        writer.key("truncated")
        writer.bool(output.omitted > 0)
        if let next = output.nextOffset {
            writer.key("next_offset")
            writer.integer(next)
        }
    }
}
