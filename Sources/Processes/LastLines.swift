internal import Domain

/// Looks for where the last lines of an output begin, from its end backwards: as much memory as one block.
struct LastLines {
    /// Where they begin, once that is known.
    private(set) var found: Int64?
    private let end: Int64
    private var position: Int64
    private var missing: Int

    /// Begins before an end; a newline right there ends the last line, and begins none.
    init(_ lines: Int, before end: Int64) {
        self.end = end
        position = end
        missing = lines
        if lines <= 0 || end <= 0 { found = max(end, 0) }
    }

    /// Looks at the bytes before those that were looked at; `read` takes an offset and a count, and may return fewer.
    mutating func look(back count: Int, _ read: (Int64, Int) throws -> OutputChunk) rethrows {
        let from = max(position - Int64(count), 0)
        var chunk = try read(from, Int(position - from))
        // Behind a gap in the middle of the block there is more.
        var isBehindGap = chunk.skipped > 0
        while chunk.next < position, chunk.next > chunk.offset + Int64(chunk.bytes.count) {
            chunk = try read(chunk.next, Int(position - chunk.next))
            isBehindGap = true
        }
        // Nothing is kept here: the last lines begin behind the gap.
        guard !chunk.bytes.isEmpty, chunk.offset < position else { return found = position }
        for index in chunk.bytes.indices.reversed() where chunk.bytes[index] == 10 {
            let offset = chunk.offset + Int64(index) + 1
            if offset >= end { continue }
            missing -= 1
            if missing == 0 { return found = offset }
        }
        position = chunk.offset
        if isBehindGap || position == 0 { found = position }
    }
}
