internal import Synchronization

/// A queue between one or more producers and one consumer whose `send` waits while it is full.
///
/// `AsyncStream` cannot wait; where the producer is fast and the consumer slow, use this.
public final class BoundedChannel<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var consumer: CheckedContinuation<[Element], Never>?
        var producers: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        var nextProducer: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// Makes a channel that holds at most `capacity` elements.
    public init(capacity: Int) {
        precondition(capacity > 0, "a channel needs room for one element")
        self.capacity = capacity
    }

    /// Adds an element unless the channel is full or finished; says whether it did.
    public func offer(_ element: Element) -> Bool {
        let (accepted, consumer, batch) = state.withLock {
            state -> (Bool, CheckedContinuation<[Element], Never>?, [Element]) in
            guard !state.isFinished, state.elements.count < capacity else { return (false, nil, []) }
            return Self.add(element, to: &state)
        }
        consumer?.resume(returning: batch)
        return accepted
    }

    /// Adds an element, waiting while the channel is full.
    ///
    /// Throws `CancellationError` when the task is cancelled or the channel is finished; the element is not added then.
    public func send(_ element: Element) async throws {
        while !offer(element) { try await waitForRoom() }
    }

    /// Takes all that waits, at least one element; an empty array means finished, or that the caller was cancelled.
    public func receive() async -> [Element] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let taken = state.withLock {
                    state -> (batch: [Element]?, producers: [CheckedContinuation<Void, any Error>]) in
                    precondition(state.consumer == nil, "a bounded channel has one consumer")
                    if state.elements.isEmpty, !state.isFinished, !Task.isCancelled {
                        state.consumer = continuation
                        return (nil, [])
                    }
                    let batch = state.elements
                    state.elements = []
                    let producers = state.producers.map(\.continuation)
                    state.producers = []
                    return (batch, producers)
                }
                for producer in taken.producers { producer.resume() }
                if let batch = taken.batch { continuation.resume(returning: batch) }
            }
        } onCancel: {
            let consumer = state.withLock { state in
                let consumer = state.consumer
                state.consumer = nil
                return consumer
            }
            consumer?.resume(returning: [])
        }
    }

    /// Refuses further elements; what waits can still be received.
    public func finish() {
        let (consumer, producers) = state.withLock { state in
            state.isFinished = true
            let result = (state.consumer, state.producers.map(\.continuation))
            state.consumer = nil
            state.producers = []
            return result
        }
        consumer?.resume(returning: [])
        for producer in producers { producer.resume(throwing: CancellationError()) }
    }

    private func waitForRoom() async throws {
        let id = state.withLock { state in
            state.nextProducer += 1
            return state.nextProducer
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.isFinished || Task.isCancelled { return .failure(CancellationError()) }
                    if state.elements.count < capacity { return .success(()) }
                    state.producers.append((id, continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.producers.firstIndex(where: { $0.id == id }) else { return nil }
                return state.producers.remove(at: index).continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    private static func add(
        _ element: Element,
        to state: inout State
    ) -> (Bool, CheckedContinuation<[Element], Never>?, [Element]) {
        state.elements.append(element)
        guard let consumer = state.consumer else { return (true, nil, []) }
        let batch = state.elements
        state.elements = []
        state.consumer = nil
        return (true, consumer, batch)
    }
}
