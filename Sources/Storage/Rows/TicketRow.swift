internal import Core
internal import Domain
internal import SQL

/// A ticket as a row, joined with its session's name.
enum TicketRow {
    /// In the order in which ``ticket(_:)`` reads them, then those that are read by name.
    static let columns: SQLStatement = """
        t.session_id, t.number, s.name, t.command, t.origin, t.submitted_by, t.key, t.options, t.created,
        t.state, t.exit_code, t.signal, t.reason,
        t.finished, t.started, t.wall_time, t.user_time, t.system_time, t.peak_memory,
        t.output_bytes, t.stdout_bytes, t.stderr_bytes, t.omitted_start, t.omitted_end, t.limit_reached, t.notes,
        t.inline_output, t.inline_parts, t.nonce,
        t.boot_id, t.cancel_requested, t.kept_bytes, t.ended
        """

    static let tables: SQLStatement = "tickets t join sessions s on s.id = t.session_id"

    static func ticket(_ row: SQLRow) throws -> Ticket {
        var reader = SQLRowReader(row)
        var ticket = Ticket(
            id: TicketID(session: SessionID(try reader.next()), number: try reader.next()),
            sessionName: try SessionName(try reader.next()),
            command: try reader.next(),
            origin: try origin(try reader.next()),
            submittedBy: PrincipalID(try reader.next()),
            key: try reader.next(as: String?.self).map { try IdempotencyKey($0) },
            options: try OptionsText.options(try reader.next()),
            created: try reader.next(),
            state: try state(&reader),
            run: try run(&reader),
            inlineOutput: try inlineOutput(&reader)
        )
        ticket.nonce = try reader.next()
        return ticket
    }

    private static func origin(_ word: String) throws -> TicketOrigin {
        guard let origin = TicketOrigin(rawValue: word) else {
            throw SQLError(.shape, message: "column origin holds an unknown word")
        }
        return origin
    }

    private static func state(_ reader: inout SQLRowReader) throws -> TicketState {
        let state = TicketState(
            word: try reader.next(),
            exitCode: try reader.next(),
            signal: try reader.next(),
            reason: try reader.next()
        )
        guard let state else { throw SQLError(.shape, message: "column state holds an unknown word") }
        return state
    }

    private static func run(_ reader: inout SQLRowReader) throws -> RunFacts? {
        let (finished, started): (Timestamp?, Timestamp?) = (try reader.next(), try reader.next())
        var numbers: [Int64] = []
        for _ in 0..<7 { numbers.append(try reader.next(as: Int64?.self) ?? 0) }
        let (start, end): (Int64?, Int64?) = (try reader.next(), try reader.next())
        let (limit, notes): (String?, String?) = (try reader.next(), try reader.next())
        guard let finished else { return nil }
        return RunFacts(
            started: started,
            finished: finished,
            wallTime: .microseconds(numbers[0]),
            userTime: .microseconds(numbers[1]),
            systemTime: .microseconds(numbers[2]),
            peakMemory: numbers[3],
            outputBytes: numbers[4],
            stdoutBytes: numbers[5],
            stderrBytes: numbers[6],
            omitted: start.map { OmittedRange(start: $0, end: end ?? $0) },
            limit: limit,
            notes: try OptionsText.notes(notes)
        )
    }

    private static func inlineOutput(_ reader: inout SQLRowReader) throws -> InlineOutput? {
        let (bytes, parts): ([UInt8]?, String?) = (try reader.next(), try reader.next())
        guard let bytes, let parts else { return nil }
        return InlineOutput(combined: bytes, stretches: parts.split(separator: " ").compactMap { Int($0) })
    }
}
