internal import Application
internal import Core
internal import Domain

/// What the bridge answers: the PHP handler's members, with true values, and `timedOut`, `truncated`, `ticket`.
struct BridgeAnswer: Sendable, Equatable {
    /// Bytes of each stream that are shown.
    static let outputLimit = 200_000
    static let cutMark = "\n[output truncated]"

    let command: String
    let ticket: String
    private(set) var stdout = ""
    private(set) var stderr: String
    let exitCode: Int
    let timedOut: Bool
    private(set) var truncated = false

    /// For a command that did not run.
    init(_ ticket: Ticket, stderr: String) {
        command = ticket.command
        self.ticket = "\(ticket.sessionName)/\(ticket.id.number)"
        self.stderr = stderr
        (exitCode, timedOut) = Self.end(of: ticket.state)
    }

    /// With what the command printed so far.
    init(_ ticket: Ticket, from outputs: OutputService) async throws {
        self.init(ticket, stderr: "")
        var isCut = (false, false)
        (stdout, isCut.0) = try await Self.head(of: ticket, .stdout, from: outputs)
        (stderr, isCut.1) = try await Self.head(of: ticket, .stderr, from: outputs)
        truncated = isCut.0 || isCut.1
        if let note = Self.note(on: ticket) {
            stderr += (stderr.isEmpty || stderr.hasSuffix("\n") ? "" : "\n") + note
        }
    }

    /// Exit codes as shells have them (POSIX.1-2017 XCU section 2.8.2), and timeout(1) for a limit that was reached.
    private static func end(of state: TicketState) -> (exitCode: Int, timedOut: Bool) {
        switch state {
        case .exited(let code): (code, false)
        case .killed(let signal): (128 + signal, false)
        case .cancelled: (130, false)
        case .awaitingApproval, .denied, .expired: (DoorText.exitCode, false)
        case .lost, .failed: (125, false)
        case .timedOut, .queued, .starting, .running: (124, true)
        }
    }

    /// What has no other place in the answer.
    private static func note(on ticket: Ticket) -> String? {
        switch ticket.state {
        case .lost(let reason), .failed(let reason): reason
        case .cancelled: "The command was cancelled."
        case .queued:
            "The command waits for its turn behind others; it runs as ticket \(ticket.id.number) of session \(ticket.sessionName)."
        case .starting, .running:
            "The command still runs, as ticket \(ticket.id.number) of session \(ticket.sessionName)."
        default: nil
        }
    }

    private static func head(of ticket: Ticket, _ stream: OutputStream, from outputs: OutputService)
        async throws -> (text: String, isCut: Bool)
    {
        var bytes: [UInt8] = []
        var position: Int64 = 0
        while bytes.count <= outputLimit {
            let chunk = try await outputs.read(
                ticket,
                stream: stream,
                from: position,
                count: outputLimit + 1 - bytes.count
            )
            if chunk.bytes.isEmpty { break }
            bytes += chunk.bytes
            position = chunk.next
        }
        guard bytes.count > outputLimit else { return (String(decoding: bytes, as: UTF8.self), false) }
        bytes.removeLast(bytes.count - outputLimit)
        bytes.removeLast(bytes.incompleteUTF8Tail)
        return (String(decoding: bytes, as: UTF8.self) + cutMark, true)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("success")
            writer.bool(true)
            writer.key("received")
            writer.object { writer in
                writer.key("shellCmd")
                writer.string(command)
                writer.key("stdout")
                writer.string(stdout)
                writer.key("stderr")
                writer.string(stderr)
                writer.key("exitCode")
                writer.integer(exitCode)
                writer.key("timedOut")
                writer.bool(timedOut)
                writer.key("truncated")
                writer.bool(truncated)
                writer.key("ticket")
                writer.string(ticket)
            }
        }
    }
}
