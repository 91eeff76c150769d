internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// Reads what is new about a ticket, its states and its output, piece by piece.
struct TicketFollower: Sendable {
    private static let chunkBytes = 64 << 10

    private let services: EdgeServices
    private let ticket: TicketID
    private var cursor: OutputCursor
    /// The state that was told last.
    private(set) var shown: String?
    /// The size of the terminal that was told last.
    private var size: TerminalSize?
    /// The terminal state was told.
    private(set) var isOver = false

    init(_ services: EdgeServices, _ ticket: TicketID, from offset: Int64, shown: String? = nil) {
        self.services = services
        self.ticket = ticket
        self.shown = shown
        cursor = OutputCursor(offset: offset)
    }

    /// Where to read the output next.
    var offset: Int64 { cursor.offset }

    /// The next events; none when there is nothing new, or nothing to come.
    mutating func next() async throws -> [SSEEvent] {
        guard !isOver else { return [] }
        // The state is read before the output, so that a terminal state means that all output is there.
        let current = try await services.tickets.ticket(ticket, as: AccessService.hashPrincipal)
        var events: [SSEEvent] = []
        if !current.state.isTerminal, shown != current.state.word || size != current.options.terminal {
            shown = current.state.word
            size = current.options.terminal
            events.append(try await state(current))
        }
        let output = try await output(current)
        guard output.isEmpty, current.state.isTerminal else { return events + output }
        isOver = true
        shown = current.state.word
        return [try await state(current)]
    }

    private func state(_ ticket: Ticket) async throws -> SSEEvent {
        var json = JSONWriter()
        TicketFields.write(ticket, try await services.openApproval(for: ticket), to: &json)
        return SSEEvent(event: "state", data: String(decoding: json.bytes, as: UTF8.self))
    }

    private mutating func output(_ ticket: Ticket) async throws -> [SSEEvent] {
        let chunk: OutputChunk
        do {
            chunk = try await services.outputs.read(
                ticket,
                stream: .combined,
                from: cursor.offset,
                count: Self.chunkBytes
            )
        } catch let failure as Failure where failure.code == "output_missing" && ticket.state.isTerminal {
            // The rest is gone, the end is known: whoever follows must hear of it.
            return cursor.skip(to: ticket.run?.outputBytes ?? 0)
        }
        let events = cursor.take(chunk, isLast: false)
        // Only what is left at the very end can be a character that stays incomplete.
        if events.isEmpty, ticket.state.isTerminal { return cursor.take(chunk, isLast: true) }
        return events
    }
}
