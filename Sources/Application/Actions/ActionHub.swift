internal import Domain
internal import Synchronization

/// Wakes who waits for decisions about proposals.
final class ActionHub: Sendable {
    private struct State {
        var waiting: [ActionID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var next = 0
    }
    private let state = Mutex(State())

    /// Wakes at each change until the waiting is over.
    func wakes(of id: ActionID) -> (stream: AsyncStream<Void>, number: Int) {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.waiting[id, default: [:]][state.next] = wake
            return state.next
        }
        return (stream, number)
    }

    func leave(_ id: ActionID, _ number: Int) {
        state.withLock { state in
            state.waiting[id]?[number] = nil
            if state.waiting[id]?.isEmpty == true { state.waiting[id] = nil }
        }
    }

    func wake(_ id: ActionID) {
        let waiting = state.withLock { Array($0.waiting[id, default: [:]].values) }
        for wake in waiting { wake.yield() }
    }
}
