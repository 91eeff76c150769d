internal import Synchronization

/// What waits for a handler: a bound on those that wait and one on those that run.
final class AdmissionQueue<Element: Sendable>: Sendable {
    private typealias Consumer = CheckedContinuation<[Element], Never>
    private struct State {
        var waiting: [Element] = []
        var running = 0
        var isFinished = false
        var consumers: [Consumer] = []
    }
    private let state = Mutex(State())
    private let capacity: Int
    private let concurrency: Int

    /// No consumer takes more at once, so that the others get their share.
    private static var batchLimit: Int { 4 }

    init(capacity: Int, concurrency: Int) {
        self.capacity = capacity
        self.concurrency = concurrency
    }

    /// Adds an element unless the queue is full or finished; says whether it did.
    func offer(_ element: Element) -> Bool {
        let (accepted, delivery) = state.withLock { state -> (Bool, (Consumer, [Element])?) in
            guard !state.isFinished, state.waiting.count < capacity else { return (false, nil) }
            state.waiting.append(element)
            return (true, deliver(&state))
        }
        if let (consumer, batch) = delivery { consumer.resume(returning: batch) }
        return accepted
    }

    /// Takes what may run now, waiting for at least one; empty when the queue is finished.
    func next() async -> [Element] {
        await withCheckedContinuation { continuation in
            let delivery = state.withLock { state -> (Consumer, [Element])? in
                if state.isFinished { return (continuation, []) }
                state.consumers.append(continuation)
                return deliver(&state)
            }
            if let (consumer, batch) = delivery { consumer.resume(returning: batch) }
        }
    }

    /// Says that one element has run.
    func finished() {
        let delivery = state.withLock { state in
            state.running -= 1
            return deliver(&state)
        }
        if let (consumer, batch) = delivery { consumer.resume(returning: batch) }
    }

    /// Refuses further elements and returns those that waited; `next` then returns nothing.
    func finish() -> [Element] {
        let (consumers, rest) = state.withLock { state in
            state.isFinished = true
            defer { (state.consumers, state.waiting) = ([], []) }
            return (state.consumers, state.waiting)
        }
        for consumer in consumers { consumer.resume(returning: []) }
        return rest
    }

    private func deliver(_ state: inout State) -> (Consumer, [Element])? {
        let count = min(state.waiting.count, concurrency - state.running, Self.batchLimit)
        guard count > 0, let consumer = state.consumers.popLast() else { return nil }
        state.running += count
        let batch = Array(state.waiting.prefix(count))
        state.waiting.removeFirst(count)
        return (consumer, batch)
    }
}
