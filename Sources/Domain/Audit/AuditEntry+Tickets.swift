public import Core

extension AuditEntry {
    /// A command is about to be started; written in the transaction that says so of the ticket.
    ///
    /// Says which command by its SHA-256: the log may be shipped to places where its text must not go.
    public static func start(
        of ticket: TicketID,
        command: String,
        by principal: PrincipalID,
        at now: Timestamp
    ) -> AuditEntry {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("command_sha256")
            writer.string(TextCoding.hex(SHA256.digest(Array(command.utf8))))
        }
        return AuditEntry(
            time: now,
            principal: principal,
            action: "ticket.start",
            subject: subject(ticket),
            detail: String(decoding: writer.bytes, as: UTF8.self)
        )
    }

    /// A ticket is over, also one that never started; written in the transaction that stores its end.
    public static func end(of ticket: Ticket, at now: Timestamp) -> AuditEntry {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("state")
            writer.string(ticket.state.word)
            if let code = ticket.state.exitCode {
                writer.key("exit_code")
                writer.integer(Int64(code))
            }
        }
        return AuditEntry(
            time: now,
            principal: ticket.submittedBy,
            action: "ticket.end",
            subject: subject(ticket.id),
            detail: String(decoding: writer.bytes, as: UTF8.self)
        )
    }

    private static func subject(_ ticket: TicketID) -> String {
        "session/\(ticket.session.rawValue)/ticket/\(ticket.number)"
    }
}
