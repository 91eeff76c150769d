internal import SQL
internal import Synchronization

/// The prepared statements of one connection: the most recently used ones are kept, up to a limit.
struct StatementCache {
    private var entries: [SQLStatement.Shape: PreparedStatement] = [:]
    private var uses: UInt64 = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// The statement of this shape; prepares it when it is not kept, or when the kept one is in use.
    mutating func prepared(_ statement: SQLStatement, on handle: SQLiteHandle) throws(SQLError)
        -> PreparedStatement
    {
        uses += 1
        let shape = statement.shape
        let kept = entries[shape]
        if let kept, !kept.isInUse {
            kept.lastUse = uses
            return kept
        }
        let prepared = try handle.prepare(statement.text(.question))
        guard kept == nil else { return prepared }
        if entries.count >= limit { dropOldest() }
        prepared.lastUse = uses
        entries[shape] = prepared
        return prepared
    }

    mutating func removeAll() { entries = [:] }

    private mutating func dropOldest() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        entries[oldest.key] = nil
    }
}
