public import Core
public import Domain

/// Brings the store and the runners' journals together when the server starts.
///
/// The journal is the truth about a run, the store about what was asked for. Doing it twice changes nothing. Its cost
/// depends on the tickets that are not over.
public struct Reconciler: Sendable {
    private let store: any TicketStore
    private let runner: any CommandRunner
    private let scheduler: TicketScheduler
    private let logger: Logger
    private let clock: any WallClock

    /// Makes a reconciler.
    public init(
        store: any TicketStore,
        runner: any CommandRunner,
        scheduler: TicketScheduler,
        logger: Logger,
        clock: any WallClock
    ) {
        self.store = store
        self.runner = runner
        self.scheduler = scheduler
        self.logger = logger
        self.clock = clock
    }

    /// What was found.
    public struct Summary: Sendable, Equatable {
        /// Tickets that wait again.
        public var queued = 0
        /// Tickets whose runners are at work.
        public var running = 0
        /// Tickets that had been marked but never claimed, and are started now.
        public var restarted = 0
        /// Tickets that ended while no server ran.
        public var ended = 0
    }

    /// Looks at each ticket that is not over and puts it where it belongs.
    public func reconcile() async throws -> Summary {
        var summary = Summary()
        var sessions: [SessionID: Session] = [:]
        try await scheduler.recallApprovals()
        // Running ones first, so that waiting ones find the places taken.
        let unfinished = try await store.unfinishedTickets()
        for entry in unfinished where sessions[entry.ticket.id.session] == nil {
            sessions[entry.ticket.id.session] = try await store.session(entry.ticket.id.session)
        }
        for entry in unfinished where entry.ticket.state.holdsPlace {
            guard let session = sessions[entry.ticket.id.session] else { continue }
            try await recover(entry, in: session, into: &summary)
        }
        for entry in unfinished where !entry.ticket.state.holdsPlace {
            guard let session = sessions[entry.ticket.id.session] else { continue }
            await scheduler.enqueue(entry.ticket, in: session)
            summary.queued += 1
        }
        logger.notice(
            "tickets reconciled",
            .init("tickets.queued", summary.queued),
            .init("tickets.running", summary.running),
            .init("tickets.restarted", summary.restarted),
            .init("tickets.ended", summary.ended)
        )
        return summary
    }

    private func recover(
        _ entry: UnfinishedTicket,
        in session: Session,
        into summary: inout Summary
    ) async throws {
        let ticket = entry.ticket
        let found = try await runner.recover(
            ticket.id,
            nonce: ticket.nonce,
            folder: session.name,
            startedUnder: entry.bootID
        )
        switch found {
        case .unclaimed where entry.isCancelRequested:
            await scheduler.finish(ticket.id, .neverRan(.cancelled, at: clock.now()))
            summary.ended += 1
        case .unclaimed:
            await scheduler.relaunch(ticket, in: session)
            summary.restarted += 1
        case .running(let started):
            await scheduler.adopt(ticket, in: session, started: started)
            summary.running += 1
            if entry.isCancelRequested { await scheduler.cancelled(ticket) }
        case .finished(let outcome):
            await scheduler.finish(ticket.id, outcome)
            summary.ended += 1
        }
    }
}
