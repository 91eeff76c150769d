internal import Core
internal import Domain
internal import SQL

/// A ticket as a row, joined with its session's name.
enum TicketRow {
    /// For `from tickets t join sessions s on s.id = t.session_id`.
    static let columns: SQLStatement = """
        t.session_id, t.number, s.name, t.state, t.exit_code, t.signal, t.reason, t.command, t.origin,
        t.submitted_by, t.key, t.options, t.created, t.started, t.finished, t.wall_time, t.user_time, t.system_time,
        t.peak_memory, t.output_bytes, t.stdout_bytes, t.stderr_bytes, t.omitted_start, t.omitted_end,
        t.limit_reached, t.notes, t.inline_output, t.inline_parts, t.boot_id, t.cancel_requested, t.kept_bytes
        """

    static let tables: SQLStatement = "tickets t join sessions s on s.id = t.session_id"

    static func ticket(_ row: SQLRow) throws -> Ticket {
        guard let origin = TicketOrigin(rawValue: try row.get("origin")) else {
            throw SQLError(.shape, message: "column origin holds an unknown word")
        }
        let key: String? = try row.get("key")
        return Ticket(
            id: TicketID(session: SessionID(try row.get("session_id")), number: try row.get("number")),
            sessionName: try SessionName(try row.get("name")), command: try row.get("command"), origin: origin,
            submittedBy: PrincipalID(try row.get("submitted_by")), key: try key.map { try IdempotencyKey($0) },
            options: try OptionsText.options(try row.get("options")), created: try row.get("created"),
            state: try state(row), run: try run(row), inlineOutput: try inlineOutput(row))
    }

    static func state(_ row: SQLRow) throws -> TicketState {
        let state = TicketState(
            word: try row.get("state"), exitCode: try row.get("exit_code"), signal: try row.get("signal"),
            reason: try row.get("reason"))
        guard let state else { throw SQLError(.shape, message: "column state holds an unknown word") }
        return state
    }

    private static func run(_ row: SQLRow) throws -> RunFacts? {
        guard let finished: Timestamp = try row.get("finished") else { return nil }
        var omitted: OmittedRange?
        if let start: Int64 = try row.get("omitted_start") {
            omitted = OmittedRange(start: start, end: try row.get("omitted_end"))
        }
        return RunFacts(
            started: try row.get("started"), finished: finished,
            wallTime: .microseconds(try row.get("wall_time", as: Int64.self)),
            userTime: .microseconds(try row.get("user_time", as: Int64.self)),
            systemTime: .microseconds(try row.get("system_time", as: Int64.self)),
            peakMemory: try row.get("peak_memory"), outputBytes: try row.get("output_bytes"),
            stdoutBytes: try row.get("stdout_bytes"), stderrBytes: try row.get("stderr_bytes"), omitted: omitted,
            limit: try row.get("limit_reached"), notes: try OptionsText.notes(try row.get("notes")))
    }

    private static func inlineOutput(_ row: SQLRow) throws -> InlineOutput? {
        guard let bytes: [UInt8] = try row.get("inline_output") else { return nil }
        let parts: String = try row.get("inline_parts")
        return InlineOutput(combined: bytes, stretches: parts.split(separator: " ").compactMap { Int($0) })
    }
}

extension TicketID {
    /// The row's key; nil for numbers that no ticket can have.
    var rowKey: Int64? {
        guard (1...0xFFFF_FFFF).contains(number), (1...0x7FFF_FFFF).contains(session.rawValue) else { return nil }
        return session.firstRowKey + Int64(number)
    }
}

extension SessionID {
    /// The key below all tickets of the session; of the smallest session for identities that none can have.
    var firstRowKey: Int64 { min(max(rawValue, 0), 0x7FFF_FFFF) << 32 }
    /// The key above all tickets of the session.
    var lastRowKey: Int64 { firstRowKey + 0xFFFF_FFFF }
}
