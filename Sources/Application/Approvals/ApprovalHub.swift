public import Core
public import Domain
internal import Synchronization

/// Tells who follows approvals about each one that is made or settled.
///
/// What is told is the approval as it was stored; its `change` tells where to go on from after a gap.
public final class ApprovalHub: Sendable {
    private struct State {
        var watchers: [Int: AsyncStream<Approval>.Continuation] = [:]
        var next = 0
    }
    private let state = Mutex(State())

    /// Makes a hub that nobody follows.
    public init() {}

    /// Yields each changed approval into a stream for as long as the subscription is held.
    ///
    /// The stream's own buffering policy decides what becomes of a slow reader: one that misses a change finds it by
    /// ``ApprovalService/changes(after:limit:as:)``.
    public func watch(_ changes: AsyncStream<Approval>.Continuation) -> Subscription {
        let watcher = state.withLock { state in
            state.next += 1
            state.watchers[state.next] = changes
            return state.next
        }
        return Subscription { [weak self] in self?.state.withLock { $0.watchers[watcher] = nil } }
    }

    /// How many follow.
    public var watcherCount: Int { state.withLock { $0.watchers.count } }

    func publish(_ approval: Approval) {
        let watchers = state.withLock { Array($0.watchers.values) }
        for watcher in watchers { watcher.yield(approval) }
    }
}
