internal import Core
internal import Domain
internal import Synchronization

/// The newest events of chats in which a turn works, and who waits for more.
///
/// Events come here once they are stored, in the order of their numbers; what is not here any more is read from the
/// stores.
public final class ChatHub: Sendable {
    fileprivate static let keptEvents = 4_096
    fileprivate static let keptBytes = 512 << 10

    fileprivate struct Live {
        let turn: TurnID
        /// All published events with numbers above this one are kept here.
        var floor: Int64
        var events: [ChatEvent] = []
        var bytes = 0
        var last: Int64
    }
    private struct State {
        var live: [ChatID: Live] = [:]
        var watchers: [ChatID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var nextWatcher = 0
    }
    private let state = Mutex(State())

    /// Makes an empty hub.
    public init() {}

    /// A turn begins to work in a chat whose stored events end at `last`.
    func open(_ chat: ChatID, for turn: TurnID, after last: Int64) {
        state.withLock { $0.live[chat] = Live(turn: turn, floor: last, last: last) }
    }

    /// Makes stored events known.
    func publish(_ events: [ChatEvent], in chat: ChatID) {
        let watchers = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            state.live[chat]?.add(events)
            return state.watchers[chat].map { Array($0.values) } ?? []
        }
        for watcher in watchers { watcher.yield() }
    }

    /// A turn is over, and all its events are stored; the next one may have begun already.
    func close(_ chat: ChatID, for turn: TurnID) {
        let watchers = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            if state.live[chat]?.turn == turn { state.live[chat] = nil }
            return state.watchers[chat].map { Array($0.values) } ?? []
        }
        for watcher in watchers { watcher.yield() }
    }

    /// A chat is gone, or an event of no turn is stored: who waits for more looks and finds that out.
    func changed(_ chat: ChatID) {
        let watchers = state.withLock { state in state.watchers[chat].map { Array($0.values) } ?? [] }
        for watcher in watchers { watcher.yield() }
    }

    /// What is known here of the events after a number.
    enum Recent {
        /// All there are, as far as they were published.
        case events([ChatEvent])
        /// The stores have to be asked, for numbers up to this one.
        case stored(through: Int64)
    }

    func recent(_ chat: ChatID, after number: Int64, limit: Int) -> Recent {
        state.withLock { state in
            guard let live = state.live[chat] else { return .stored(through: .max) }
            guard number >= live.floor else { return .stored(through: live.last) }
            return .events(live.events(after: number, limit: limit))
        }
    }

    /// Yields into a stream at each new event of a chat, for as long as the subscription is held.
    func watch(_ chat: ChatID, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        let watcher = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[chat, default: [:]][state.nextWatcher] = wake
            return state.nextWatcher
        }
        return Subscription { [weak self] in
            self?.state.withLock { state in
                state.watchers[chat]?[watcher] = nil
                if state.watchers[chat]?.isEmpty == true { state.watchers[chat] = nil }
            }
        }
    }
}

extension ChatHub.Live {
    fileprivate mutating func add(_ new: [ChatEvent]) {
        for event in new {
            events.append(event)
            bytes += event.json.count
            last = event.number
        }
        guard events.count > ChatHub.keptEvents || bytes > ChatHub.keptBytes else { return }
        // Half of them at a time, so that the cost of moving the rest does not come with each event.
        let dropped = events.prefix(max(1, events.count / 2))
        bytes -= dropped.reduce(0) { $0 + $1.json.count }
        floor = dropped.last?.number ?? floor
        events.removeFirst(dropped.count)
    }

    /// By bisection, because numbers rise.
    fileprivate func events(after number: Int64, limit: Int) -> [ChatEvent] {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].number <= number { low = middle + 1 } else { high = middle }
        }
        return (low..<min(events.count, low + limit)).map { events[$0] }
    }
}
