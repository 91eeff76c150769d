internal import SQL
internal import Synchronization

/// A body that waits or runs, without the type of its value.
protocol Job: AnyObject, Sendable {
    /// The caller was cancelled.
    var isCancelled: Bool { get }
    /// Runs the body and keeps its value.
    func run(on connection: borrowing Connection) throws
    /// Resumes the caller with the kept value, or with an error.
    func finish(_ error: (any Error)?)
}

/// A body with the caller that waits for its value.
final class ValueJob<Value: Sendable>: Job {
    private struct State {
        var value: Value?
        var continuation: CheckedContinuation<Value, any Error>?
    }

    private let body: @Sendable (borrowing Connection) throws -> Value
    private let state = Mutex(State())
    private let cancelled = Atomic<Bool>(false)

    init(_ body: @escaping @Sendable (borrowing Connection) throws -> Value) { self.body = body }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }

    /// Says who waits; before the job is given to a queue.
    func await(with continuation: CheckedContinuation<Value, any Error>) {
        state.withLock { $0.continuation = continuation }
    }

    func run(on connection: borrowing Connection) throws {
        let value = try body(connection)
        state.withLock { $0.value = value }
    }

    func finish(_ error: (any Error)?) {
        let (value, continuation) = state.withLock { state in
            defer { state = State() }
            return (state.value, state.continuation)
        }
        if let error {
            continuation?.resume(throwing: error)
        } else if let value {
            continuation?.resume(returning: value)
        } else {
            continuation?.resume(throwing: CancellationError())
        }
    }
}
