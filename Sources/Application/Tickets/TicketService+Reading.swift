public import Core
public import Domain

// What is said about tickets.
extension TicketService {
    /// The ticket as it stands.
    public func ticket(_ id: TicketID, as principal: Principal) async throws -> Ticket {
        try principal.require(.shellRead)
        let ticket = try await stored(id)
        try require(ticket, isVisibleTo: principal)
        return hub.overlay(ticket)
    }

    /// The ticket of a session by name.
    public func ticket(number: Int, in name: SessionName, as principal: Principal) async throws -> Ticket {
        try principal.require(.shellRead)
        if let ticket = hub.finished.ticket(number: number, in: name) {
            try require(ticket, isVisibleTo: principal)
            return ticket
        }
        let epoch = hub.finished.epoch
        guard let ticket = try await store.ticket(number: number, inSessionNamed: name) else {
            throw Failure.ticketNotFound(number, session: name)
        }
        hub.finished.keep(ticket, readAt: epoch)
        try require(ticket, isVisibleTo: principal)
        return hub.overlay(ticket)
    }

    /// The ticket once it is over, or as it stands when the time is up.
    public func ticket(_ ticket: Ticket, waiting wait: Duration) async throws -> Ticket {
        guard wait > .zero, !ticket.state.isTerminal else { return ticket }
        let watch = hub.expectEnd(of: ticket.id)
        let current = try await stored(ticket.id)
        if current.state.isTerminal { return current }
        return try await watch.ticket(within: wait).orElse { hub.overlay(try await stored(ticket.id)) }
    }

    /// Yields into a stream at each change of a ticket, for as long as the subscription is held.
    public func watch(_ id: TicketID, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        hub.watch(id, wake)
    }

    /// Tickets of a session in numeric order, or newest first; fewer than `limit` when their commands have more than
    /// `bytes` bytes.
    public func tickets(
        in session: SessionID,
        after number: Int?,
        limit: Int,
        bytes: Int = .max,
        newestFirst: Bool = false,
        as principal: Principal
    ) async throws -> Page<Ticket> {
        try principal.require(.shellRead)
        let page = try await store.tickets(
            in: session,
            after: number,
            limit: limit,
            bytes: bytes,
            newestFirst: newestFirst
        )
        return Page(elements: shown(page.elements, to: principal), hasMore: page.hasMore)
    }

    /// Those that have words in their command.
    ///
    /// Whole tickets are read, as for every list; `limit`, at most 100 at every door, bounds that.
    public func tickets(
        matching words: String,
        in session: SessionID,
        after number: Int?,
        limit: Int,
        newestFirst: Bool = false,
        as principal: Principal
    ) async throws -> SearchPage<Ticket, Int> {
        try principal.require(.shellRead)
        let page = try await store.tickets(
            matching: words,
            in: session,
            after: number,
            limit: limit,
            newestFirst: newestFirst
        )
        return SearchPage(elements: shown(page.elements, to: principal), next: page.next)
    }

    /// Tickets of a list as they stand now; a customer of a panel sees their own.
    private func shown(_ tickets: [Ticket], to principal: Principal) -> [Ticket] {
        (principal.isCustomer ? tickets.filter { $0.submittedBy == principal.id } : tickets).map(hub.overlay)
    }

    /// What goes on over all sessions, and what ended last: up to `limit` of each.
    public func latest(limit: Int, as principal: Principal) async throws -> LatestTickets {
        try principal.require(.shellRead)
        var latest = try await store.latestTickets(limit: limit)
        latest.open = latest.open.map(hub.overlay)
        return latest
    }

    func stored(_ id: TicketID) async throws -> Ticket {
        if let ticket = hub.finished.ticket(id) { return ticket }
        let epoch = hub.finished.epoch
        guard let ticket = try await store.ticket(id) else {
            throw Failure(
                .notFound,
                code: "ticket_not_found",
                message: "There is no ticket \(id.number) in this session.",
                hint: "List the session's tickets to see their numbers."
            )
        }
        hub.finished.keep(ticket, readAt: epoch)
        return ticket
    }
}
