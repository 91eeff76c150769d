internal import Core
public import Domain
internal import Synchronization

/// What runs at this moment, and who waits for news of it.
///
/// The store knows what was asked for and how it ended; between the two, this knows. Each watcher has room for one
/// piece of news: a slow one misses steps in between, never the last one.
public final class TicketHub: Sendable {
    private struct State {
        var running: [TicketID: Timestamp?] = [:]
        var watchers: [TicketID: [Int: AsyncStream<Ticket?>.Continuation]] = [:]
        var nextWatcher = 0
    }
    private let state = Mutex(State())

    /// Makes an empty hub.
    public init() {}

    /// News of one ticket: the ticket once it is over, nil for any change before.
    ///
    /// Ends after the last news.
    public func watch(_ id: TicketID) -> AsyncStream<Ticket?> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Ticket?.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let watcher = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[id, default: [:]][state.nextWatcher] = continuation
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in self?.remove(watcher, of: id) }
        return stream
    }

    /// A runner is being started.
    func began(_ id: TicketID) { state.withLock { $0.running[id] = .some(nil) } }

    /// The command runs.
    func started(_ id: TicketID, at time: Timestamp?) {
        publish(id, nil) { $0.running[id] = .some(time) }
    }

    /// Something else changed.
    func changed(_ id: TicketID) { publish(id, nil) { _ in } }

    /// The ticket is over.
    func ended(_ ticket: Ticket) {
        let watchers = state.withLock { state in
            state.running[ticket.id] = nil
            return state.watchers.removeValue(forKey: ticket.id) ?? [:]
        }
        for continuation in watchers.values {
            continuation.yield(ticket)
            continuation.finish()
        }
    }

    /// The ticket with what is known here put over what the store knows.
    public func overlay(_ ticket: Ticket) -> Ticket {
        guard ticket.state == .starting,
            let since = state.withLock({ $0.running[ticket.id] }), let since
        else { return ticket }
        var ticket = ticket
        ticket.state = .running
        ticket.runningSince = since
        return ticket
    }

    /// Whether the command of a ticket is known to have started and not known to be over.
    func isRunning(_ id: TicketID) -> Bool { state.withLock { $0.running[id].flatMap { $0 } != nil } }

    /// How many subscriptions there are.
    public var watcherCount: Int { state.withLock { $0.watchers.values.reduce(0) { $0 + $1.count } } }

    private func publish(_ id: TicketID, _ news: Ticket?, _ change: (inout State) -> Void) {
        let watchers = state.withLock { state in
            change(&state)
            return state.watchers[id].map { Array($0.values) } ?? []
        }
        for continuation in watchers { continuation.yield(news) }
    }

    private func remove(_ watcher: Int, of id: TicketID) {
        state.withLock { state in
            state.watchers[id]?[watcher] = nil
            if state.watchers[id]?.isEmpty == true { state.watchers[id] = nil }
        }
    }
}
