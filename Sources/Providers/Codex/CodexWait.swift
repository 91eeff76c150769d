internal import Core
internal import Synchronization

/// A request of ours that waits for its answer, no longer than until a deadline.
final class CodexWait: Expirable {
    /// The program did not answer in time.
    struct Silence: Error {}

    private struct Waiting: Sendable {
        var continuation: CheckedContinuation<JSONValue, any Error>?
    }
    private let waiting: Mutex<Waiting>

    init(_ continuation: CheckedContinuation<JSONValue, any Error>) {
        waiting = Mutex(Waiting(continuation: continuation))
    }

    var isSettled: Bool { waiting.withLock { $0.continuation == nil } }

    func settle(_ result: Result<JSONValue, any Error>) {
        waiting.withLock { $0.continuation.take() }?.resume(with: result)
    }

    func expire() { settle(.failure(Silence())) }
}

/// A word to whoever listens to a turn, after a while.
final class CodexAlarm: Expirable {
    private let listener: BoundedChannel<CodexConnection.Heard>
    private let word: CodexConnection.Heard
    private let isOff = Atomic(false)

    init(_ word: CodexConnection.Heard, to listener: BoundedChannel<CodexConnection.Heard>) {
        self.word = word
        self.listener = listener
    }

    var isSettled: Bool { isOff.load(ordering: .relaxed) }
    func settle() { isOff.store(true, ordering: .relaxed) }
    func expire() { _ = listener.offer(word) }
}
