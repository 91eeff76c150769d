public import Core
public import Domain
internal import Synchronization

extension MemoryTicketStore {
    /// As the port says.
    public func unfinishedTickets() async throws -> [UnfinishedTicket] {
        state.withLock { state in
            state.rows.values.filter { !$0.ticket.state.isTerminal }
                .sorted {
                    ($0.ticket.id.session, $0.ticket.id.number) < ($1.ticket.id.session, $1.ticket.id.number)
                }
                .map {
                    UnfinishedTicket(
                        ticket: $0.ticket,
                        bootID: $0.bootID,
                        isCancelRequested: $0.isCancelRequested
                    )
                }
        }
    }

    /// As the port says.
    public func latestTickets(limit: Int) async throws -> LatestTickets {
        state.withLock { state in
            let open = state.rows.values.filter { !$0.ticket.state.isTerminal }.sorted {
                ($0.bootID == nil ? 1 : 0, $0.ticket.created.microseconds, $0.ticket.id.number)
                    < ($1.bootID == nil ? 1 : 0, $1.ticket.created.microseconds, $1.ticket.id.number)
            }
            let ended = state.rows.values.map(\.ticket).filter(\.state.isTerminal).sorted {
                ($0.run?.finished.microseconds ?? 0) > ($1.run?.finished.microseconds ?? 0)
            }
            return LatestTickets(
                open: open.prefix(limit).map(\.ticket),
                openCount: open.count,
                ended: Array(ended.prefix(limit))
            )
        }
    }

    /// As the port says.
    public func queuedCount() async throws -> Int {
        state.withLock { state in state.rows.values.count { $0.ticket.state == .queued } }
    }

    /// As the port says.
    public func prunable(finishedBefore deadline: Timestamp, maximumBytes: Int64, limit: Int) async throws
        -> [Ticket]
    {
        let over = state.withLock { state in
            state.rows.values.map(\.ticket).filter(\.state.isTerminal)
                .sorted { ($0.run?.finished ?? $0.created) < ($1.run?.finished ?? $1.created) }
        }
        var excess = over.reduce(0) { $0 + ($1.run?.outputBytes ?? 0) } - maximumBytes
        var due: [Ticket] = []
        for ticket in over {
            guard (ticket.run?.finished ?? ticket.created) < deadline || excess > 0 else { break }
            excess -= ticket.run?.outputBytes ?? 0
            due.append(ticket)
        }
        return Array(due.prefix(limit))
    }

    /// As the port says.
    public func remove(_ tickets: [TicketID]) async throws {
        state.withLock { state in for id in tickets { state.rows[id] = nil } }
    }

    /// Stores a ticket in any state, as a server that was killed left it.
    public func plant(
        _ ticketState: TicketState,
        command: String = "true",
        in session: Session,
        bootID: String? = nil,
        isCancelRequested: Bool = false,
        run: RunFacts? = nil,
        inlineOutput: InlineOutput? = nil,
        options: TicketOptions = TicketOptions(),
        at time: Timestamp
    ) -> Ticket {
        state.withLock { state in
            let number = (state.rows.keys.filter { $0.session == session.id }.map(\.number).max() ?? 0) + 1
            let ticket = Ticket(
                id: TicketID(session: session.id, number: number),
                sessionName: session.name,
                command: command,
                origin: .api,
                submittedBy: .hash,
                key: nil,
                options: options,
                created: time,
                state: ticketState,
                run: run,
                inlineOutput: inlineOutput
            )
            state.rows[ticket.id] = Row(ticket: ticket, bootID: bootID, isCancelRequested: isCancelRequested)
            if let session = state.sessions[session.id] {
                state.sessions[session.id] = Self.counting(session, number)
            }
            return ticket
        }
    }
}
