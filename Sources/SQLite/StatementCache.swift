internal import SQL
internal import Synchronization

/// The prepared statements of one connection: the most recently used ones are kept, up to a limit.
struct StatementCache {
    private struct Entry {
        let statement: PreparedStatement
        var lastUse: UInt64
    }

    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// The statement of a text; prepares it when it is not kept, or when the kept one is in use.
    mutating func statement(_ text: String, on handle: SQLiteHandle) throws(SQLError) -> PreparedStatement {
        uses += 1
        if let entry = entries[text] {
            guard !entry.statement.isInUse else { return try handle.prepare(text) }
            entries[text]?.lastUse = uses
            return entry.statement
        }
        let statement = try handle.prepare(text)
        if entries.count >= limit { dropOldest() }
        entries[text] = Entry(statement: statement, lastUse: uses)
        return statement
    }

    mutating func removeAll() { entries = [:] }

    private mutating func dropOldest() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        entries[oldest.key] = nil
    }
}
