public import Core
public import Domain
internal import Synchronization

/// A wait that ends by being let go.
private struct WeakWatch: Sendable {
    weak let watch: EndWatch?

    init(_ watch: EndWatch) { self.watch = watch }
}

/// What runs at this moment, and who waits for news of it.
///
/// The store knows what was asked for and how it ended; between the two, this knows.
public final class TicketHub: Sendable {
    private struct State {
        var running: [TicketID: Timestamp?] = [:]
        var watchers: [TicketID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var waiters: [TicketID: [Int: WeakWatch]] = [:]
        var next = 0
        var isClosing = false
    }
    private let state = Mutex(State())
    private let deadlines = DeadlineSweeper()
    /// What is over, for those who read it again.
    public let finished = FinishedTickets()

    /// Makes an empty hub.
    public init() {}

    /// Yields into a stream at each change of a ticket, for as long as the subscription is held.
    public func watch(_ id: TicketID, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        let watcher = state.withLock { state in
            state.next += 1
            state.watchers[id, default: [:]][state.next] = wake
            return state.next
        }
        return Subscription { [weak self] in self?.removeWatcher(watcher, of: id) }
    }

    /// Waits for the end of a ticket from now on; the wait itself is ``EndWatch/ticket(within:)``.
    func expectEnd(of id: TicketID) -> EndWatch {
        state.withLock { state in
            state.next += 1
            let number = state.next
            let watch = EndWatch(deadlines: deadlines) { [weak self] in self?.removeWaiter(number, of: id) }
            if state.isClosing {
                watch.resolve(nil)
            } else {
                state.waiters[id, default: [:]][number] = WeakWatch(watch)
            }
            return watch
        }
    }

    /// Ends all waits now and from now on, because the server is going down: callers get the tickets as they stand.
    public func stopWaiting() {
        let waiters = state.withLock { state in
            state.isClosing = true
            return state.waiters.values.flatMap(\.values)
        }
        for waiter in waiters { waiter.watch?.resolve(nil) }
    }

    /// A runner is being started.
    func began(_ id: TicketID) { state.withLock { $0.running[id] = .some(nil) } }

    /// The command runs; without a time, its runner was found at work before it said so.
    func started(_ id: TicketID, at time: Timestamp?) {
        publish(id) { state in
            // What the runner said meanwhile is not forgotten.
            if time == nil, state.running.keys.contains(id) { return }
            state.running[id] = .some(time)
        }
    }

    /// Something else changed.
    func changed(_ id: TicketID) { publish(id) { _ in } }

    /// The ticket is over.
    func ended(_ ticket: Ticket) {
        let waiters = state.withLock { state in
            state.running[ticket.id] = nil
            return state.waiters.removeValue(forKey: ticket.id) ?? [:]
        }
        for waiter in waiters.values { waiter.watch?.resolve(ticket) }
        changed(ticket.id)
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

    /// How many wait for news or for an end.
    public var watcherCount: Int {
        state.withLock { state in
            state.watchers.values.reduce(0) { $0 + $1.count }
                + state.waiters.values.reduce(0) { $0 + $1.count }
        }
    }

    private func publish(_ id: TicketID, _ change: (inout State) -> Void) {
        let watchers = state.withLock { state in
            change(&state)
            return state.watchers[id].map { Array($0.values) } ?? []
        }
        for watcher in watchers { watcher.yield() }
    }

    private func removeWatcher(_ watcher: Int, of id: TicketID) {
        state.withLock { state in
            state.watchers[id]?[watcher] = nil
            if state.watchers[id]?.isEmpty == true { state.watchers[id] = nil }
        }
    }

    private func removeWaiter(_ waiter: Int, of id: TicketID) {
        state.withLock { state in
            state.waiters[id]?[waiter] = nil
            if state.waiters[id]?.isEmpty == true { state.waiters[id] = nil }
        }
    }
}
