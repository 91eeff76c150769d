internal import Domain
internal import Synchronization

/// Tickets that are over, kept in memory up to a bound: they never change, and most reads are of the same few.
///
/// Two halves take turns: what is asked for moves into the young one, and when that is full the old one is dropped.
public final class FinishedTickets: Sendable {
    private struct Half {
        var tickets: [TicketID: Ticket] = [:]
        var names: [SessionName: SessionID] = [:]
        var bytes = 0
    }
    private struct State {
        var young = Half()
        var old = Half()
        /// Rises when tickets are removed: what was read before may be gone.
        var epoch = 0
    }
    private let state = Mutex(State())
    private let halfBytes: Int

    /// Makes an empty memory of about so many bytes.
    public init(maximumBytes: Int = 32 << 20) { halfBytes = maximumBytes / 2 }

    /// What to hand to ``keep(_:readAt:)`` with a ticket that is read from now on.
    var epoch: Int { state.withLock { $0.epoch } }

    /// The ticket, if it is kept.
    func ticket(_ id: TicketID) -> Ticket? { state.withLock { find(id, &$0) } }

    /// The ticket of a session by name, if it is kept.
    func ticket(number: Int, in name: SessionName) -> Ticket? {
        state.withLock { state in
            guard let session = state.young.names[name] ?? state.old.names[name] else { return nil }
            return find(TicketID(session: session, number: number), &state)
        }
    }

    /// Keeps a ticket that was read at an epoch, if it is over and nothing was removed since.
    func keep(_ ticket: Ticket, readAt epoch: Int) {
        guard ticket.state.isTerminal else { return }
        state.withLock { state in if state.epoch == epoch { insert(ticket, &state) } }
    }

    /// Forgets tickets that were removed.
    func forget(_ tickets: [TicketID]) {
        state.withLock { state in
            state.epoch += 1
            for id in tickets {
                if let ticket = state.young.tickets.removeValue(forKey: id) {
                    state.young.bytes -= Self.size(ticket)
                }
                state.old.tickets[id] = nil
            }
        }
    }

    /// Forgets all, because a session was removed: its name may come to stand for another one.
    func forgetAll() {
        state.withLock { state in state = State(epoch: state.epoch + 1) }
    }

    private func find(_ id: TicketID, _ state: inout State) -> Ticket? {
        if let ticket = state.young.tickets[id] { return ticket }
        guard let ticket = state.old.tickets[id] else { return nil }
        insert(ticket, &state)
        return ticket
    }

    private func insert(_ ticket: Ticket, _ state: inout State) {
        let size = Self.size(ticket)
        guard size <= halfBytes, state.young.tickets[ticket.id] == nil else { return }
        if state.young.bytes + size > halfBytes {
            state.old = state.young
            state.young = Half()
        }
        state.young.tickets[ticket.id] = ticket
        state.young.names[ticket.sessionName] = ticket.id.session
        state.young.bytes += size
    }

    /// About what it takes in memory.
    private static func size(_ ticket: Ticket) -> Int {
        let notes = ticket.run?.notes.reduce(0) { $0 + $1.utf8.count } ?? 0
        var size = 768 + ticket.command.utf8.count + (ticket.inlineOutput?.combined.count ?? 0) + notes
        for (name, value) in ticket.options.environment { size += 64 + name.utf8.count + value.utf8.count }
        if case .bytes(let bytes) = ticket.options.input { size += bytes.count }
        return size
    }
}
