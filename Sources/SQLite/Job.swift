internal import SQL
internal import Synchronization

/// A body that waits or runs, with the caller that waits for it.
///
/// Without the type of the body's value, whose metadata would have to be looked up at every step.
final class Job: Sendable {
    private let body: @Sendable (borrowing Connection) throws -> Void
    private let caller = Mutex<CheckedContinuation<Void, any Error>?>(nil)
    private let cancelled = Atomic<Bool>(false)

    init(_ body: @escaping @Sendable (borrowing Connection) throws -> Void) { self.body = body }

    /// The caller was cancelled.
    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }

    /// Says who waits; before the job is given to a queue.
    func await(with continuation: CheckedContinuation<Void, any Error>) {
        caller.withLock { $0 = continuation }
    }

    /// Runs the body.
    func run(on connection: borrowing Connection) throws { try body(connection) }

    /// Resumes the caller, once.
    func finish(_ error: (any Error)?) {
        let continuation = caller.withLock { $0.take() }
        if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
    }
}

/// The value of a body, kept for its caller until what the body did is stored.
final class Kept<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    /// Nil until the body ended without an error.
    var value: Value? { stored.withLock { $0 } }

    /// Keeps a value, in place of an earlier run's.
    func keep(_ value: Value) { stored.withLock { $0 = value } }
}
