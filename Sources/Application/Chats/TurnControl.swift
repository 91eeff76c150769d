internal import Domain
internal import Synchronization

/// How a person's wish to end a turn, and what else its followers are to be told, reaches the task that works on it.
final class TurnControl: Sendable {
    private struct State {
        var isCancelled = false
        /// To be recorded with the turn's own facts.
        var notes: [ChatEventBody] = []
        var isClosed = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }
    private let state = Mutex(State())
    let chat: ChatID

    init(chat: ChatID) { self.chat = chat }

    /// Has a fact recorded at the turn's next step, with its last at the latest; false when that is recorded already.
    func tell(_ fact: ChatEventBody) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.notes.append(fact)
            return true
        }
    }

    /// What is to be recorded besides; with the turn's last facts nothing more is taken in.
    func takeNotes(closing: Bool) -> [ChatEventBody] {
        state.withLock { state in
            defer { state.notes = [] }
            state.isClosed = closing
            return state.notes
        }
    }

    /// What was taken could not be recorded.
    func putBack(_ notes: [ChatEventBody]) {
        state.withLock { state in
            state.notes = notes + state.notes
            state.isClosed = false
        }
    }

    /// Somebody asked to end the turn.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Asks to end the turn; asking twice is no error.
    func cancel() {
        let waiters = state.withLock { state in
            state.isCancelled = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Does work that ends at once when the turn is cancelled: `CancellationError` then.
    ///
    /// The task itself goes on, so that what the work left can be recorded.
    func perform<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await self.waitUntilCancelled()
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw CancellationError() }
            return value
        }
    }

    private func waitUntilCancelled() async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isCancelled || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
