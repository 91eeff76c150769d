internal import Synchronization

/// What the audit log is to say about a change that is about to be made.
///
/// Stores that keep the log beside their own rows take it up by ``current``: the entries are written in the
/// transaction of the change, once that knows what came of it.
public final class AuditNote: Sendable {
    /// The note of the change that this task makes.
    @TaskLocal public static var current: AuditNote?

    private let make: @Sendable (any Sendable) -> [AuditEntry]?
    private let isKept = Atomic<Bool>(false)

    /// Makes a note about a change that yields a value.
    init<Value: Sendable>(_ entries: @escaping @Sendable (Value) -> [AuditEntry]) {
        make = { ($0 as? Value).map(entries) }
    }

    /// What is to be written with a change that yields this; nil when the note is about another one, or is kept already.
    public func entries<Value: Sendable>(about value: Value) -> [AuditEntry]? {
        isKept.load(ordering: .acquiring) ? nil : make(value)
    }

    /// The transaction with its entries is stored.
    public func keep() { isKept.store(true, ordering: .releasing) }

    fileprivate var isOpen: Bool { !isKept.load(ordering: .acquiring) }
}

extension AuditStore {
    /// Makes a change with one verb of a store, and keeps entries about what it yields: both stay, or none.
    ///
    /// None for a change that changed nothing. A store that does not know the log, such as one in memory, is followed by
    /// the entries.
    public func keeping<Value: Sendable>(
        _ entries: @escaping @Sendable (Value) -> [AuditEntry],
        with change: () async throws -> Value
    ) async throws -> Value {
        let note = AuditNote(entries)
        let value = try await AuditNote.$current.withValue(note) { try await change() }
        if note.isOpen { for entry in entries(value) { try await record(entry) } }
        return value
    }
}
