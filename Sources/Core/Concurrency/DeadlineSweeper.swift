internal import CLinux
internal import Synchronization

/// Something that waits no longer than until a deadline.
public protocol Expirable: AnyObject, Sendable {
    /// Whether there is nothing to expire any more.
    var isSettled: Bool { get }
    /// The deadline has passed; called at most once, from a thread of the sweeper, and must not block.
    func expire()
}

/// Deadlines of many short waits, looked at 50 times a second while there are any.
///
/// A timer of its own for each wait costs more than most of these waits last; being up to 20 ms late does not matter
/// to them. Waits are held weakly, and dropped once they are settled.
public final class DeadlineSweeper: Sendable {
    private struct Entry {
        let deadline: ContinuousClock.Instant
        weak let wait: (any Expirable)?
    }
    private struct State {
        var entries: [Entry] = []
        var isSweeping = false
    }
    private let state = Mutex(State())
    private let thread = DedicatedThread(name: "deadlines")

    /// Makes a sweeper without waits.
    public init() {}

    /// Expires a wait at a deadline, unless it is settled before.
    public func add(_ wait: any Expirable, at deadline: ContinuousClock.Instant) {
        let begins = state.withLock { state in
            state.entries.append(Entry(deadline: deadline, wait: wait))
            defer { state.isSweeping = true }
            return !state.isSweeping
        }
        if begins { thread.perform { [self] in while sweep() { _ = usleep(20_000) } } }
    }

    /// Says whether waits are left.
    private func sweep() -> Bool {
        let now = ContinuousClock.now
        let (due, goesOn) = state.withLock { state in
            var due: [any Expirable] = []
            state.entries.removeAll { entry in
                guard let wait = entry.wait, !wait.isSettled else { return true }
                guard entry.deadline <= now else { return false }
                due.append(wait)
                return true
            }
            state.isSweeping = !state.entries.isEmpty
            return (due, state.isSweeping)
        }
        for wait in due { wait.expire() }
        return goesOn
    }
}
