internal import Synchronization

/// The requests that wait for a handler: a bound on those that wait and one on those that run.
final class AdmissionQueue<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var running = 0
        var isFinished = false
        var consumer: CheckedContinuation<[Element], Never>?
    }
    private let state = Mutex(State())
    private let capacity: Int
    private let concurrency: Int

    init(capacity: Int, concurrency: Int) {
        self.capacity = capacity
        self.concurrency = concurrency
    }

    /// The number that waits.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Adds an element unless the queue is full or finished; says whether it did.
    func offer(_ element: Element) -> Bool {
        let (accepted, consumer, batch) = state.withLock {
            state -> (Bool, CheckedContinuation<[Element], Never>?, [Element]) in
            guard !state.isFinished, state.waiting.count < capacity else { return (false, nil, []) }
            state.waiting.append(element)
            let (consumer, batch) = Self.takeForConsumer(&state, concurrency)
            return (true, consumer, batch)
        }
        consumer?.resume(returning: batch)
        return accepted
    }

    /// Takes what may run now, waiting for at least one; empty when the queue is finished.
    func next() async -> [Element] {
        await withCheckedContinuation { continuation in
            let (consumer, batch) = state.withLock { state in
                state.consumer = continuation
                return Self.takeForConsumer(&state, concurrency)
            }
            consumer?.resume(returning: batch)
        }
    }

    /// Says that one element has run.
    func finished() {
        let (consumer, batch) = state.withLock { state in
            state.running -= 1
            return Self.takeForConsumer(&state, concurrency)
        }
        consumer?.resume(returning: batch)
    }

    /// Refuses further elements and returns those that waited; `next` then returns nothing.
    func finish() -> [Element] {
        let (consumer, rest) = state.withLock { state in
            state.isFinished = true
            defer {
                state.consumer = nil
                state.waiting = []
            }
            return (state.consumer, state.waiting)
        }
        consumer?.resume(returning: [])
        return rest
    }

    private static func takeForConsumer(
        _ state: inout State,
        _ concurrency: Int
    ) -> (CheckedContinuation<[Element], Never>?, [Element]) {
        let count = min(state.waiting.count, concurrency - state.running)
        guard let consumer = state.consumer, count > 0 || state.isFinished else { return (nil, []) }
        state.consumer = nil
        state.running += count
        let batch = Array(state.waiting.prefix(count))
        state.waiting.removeFirst(count)
        return (consumer, batch)
    }
}
