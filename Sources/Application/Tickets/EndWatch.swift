internal import Core
internal import Domain
internal import Synchronization

/// One caller's wait for the end of a ticket: registered first, waited on later, so that no end is missed.
///
/// Its cost is one continuation and a place in the list of deadlines, because the busiest door waits on every ticket.
final class EndWatch: Expirable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Ticket?, Never>)
        case resolved(Ticket?)
    }
    private let state = Mutex(State.open)
    private let subscription: Subscription
    private let deadlines: DeadlineSweeper

    init(deadlines: DeadlineSweeper, onEnd: @escaping @Sendable () -> Void) {
        self.deadlines = deadlines
        subscription = Subscription(onEnd: onEnd)
    }

    var isSettled: Bool { state.withLock { if case .resolved = $0 { true } else { false } } }

    func expire() { resolve(nil) }

    /// The ticket as it ended; nil when the time is up, or the caller was cancelled, before.
    func ticket(within patience: Duration) async -> Ticket? {
        deadlines.add(self, at: .now + patience)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state -> Ticket?? in
                    if case .resolved(let ticket) = state { return .some(ticket) }
                    state = .waiting(continuation)
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            resolve(nil)
        }
    }

    /// Ends the wait; the first call counts.
    func resolve(_ ticket: Ticket?) {
        let continuation = state.withLock { state -> CheckedContinuation<Ticket?, Never>? in
            if case .resolved = state { return nil }
            defer { state = .resolved(ticket) }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        continuation?.resume(returning: ticket)
    }
}
