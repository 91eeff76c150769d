internal import Application
internal import Core
internal import Domain

/// A caller's wait for more output of a ticket than it has seen, or for the ticket's end (a long poll).
struct MoreOutput: Sendable {
    private let services: EdgeServices
    private let ticket: Ticket

    init(_ services: EdgeServices, of ticket: Ticket) {
        self.services = services
        self.ticket = ticket
    }

    /// The ticket once there is output beyond `offset`, once it is over, or as it stands when the time is up.
    ///
    /// Cancellation changes nothing about the ticket.
    func ticket(beyond offset: Int64, of stream: OutputStream, within wait: Duration) async throws -> Ticket {
        guard wait > .zero, !ticket.state.isTerminal else { return ticket }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Task.sleep(for: wait) }
            group.addTask { try await change(offset, stream) }
            try await group.next()
            group.cancelAll()
        }
        return try await current()
    }

    private func change(_ offset: Int64, _ stream: OutputStream) async throws {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let news = services.tickets.watch(ticket.id, wake)
        let changes = services.outputs.watch(OutputService.reference(ticket), wake)
        defer { withExtendedLifetime((news, changes)) {} }
        wake.yield()
        for await _ in wakeups {
            let now = try await current()
            if now.state.isTerminal { return }
            if try await services.outputs.info(now, stream: stream).length > offset { return }
        }
    }

    /// Whoever waits was let in already.
    private func current() async throws -> Ticket {
        try await services.tickets.ticket(ticket.id, as: AccessService.hashPrincipal)
    }
}
