internal import Synchronization

/// The memory set aside for the bodies of all requests in flight.
final class BodyMemory: Sendable {
    private let used = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var current: Int { used.load(ordering: .relaxed) }

    /// Takes so many bytes, unless that is more than is left.
    func reserve(_ bytes: Int) -> Bool {
        let (_, new) = used.add(bytes, ordering: .relaxed)
        if new <= limit { return true }
        used.subtract(bytes, ordering: .relaxed)
        return false
    }

    func release(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}
