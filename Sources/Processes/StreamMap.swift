internal import Core
internal import Domain

/// Where the bytes of one stream lie in the combined output: what is kept of it, in order.
struct StreamMap {
    /// A piece that is kept whole.
    struct Piece: Equatable {
        /// Offset in the stream.
        let start: Int64
        /// Offset in the combined output, which is the offset in the file.
        let position: Int64
        let length: Int64
        var end: Int64 { start + length }
    }

    /// Bytes the stream has produced.
    let length: Int64
    let pieces: [Piece]

    init(stream: OutputStream, journal: RunJournal, total: Int64) {
        let gap = OmittedRange(
            start: min(journal.omitted?.start ?? total, total),
            end: min(journal.omitted?.end ?? total, total)
        )
        var pieces: [Piece] = []
        var offset: Int64 = 0
        func add(_ start: Int64, _ end: Int64) {
            for (from, to) in [(start, min(end, gap.start)), (max(start, gap.end), end)] where to > from {
                pieces.append(Piece(start: offset + from - start, position: from, length: to - from))
            }
            offset += end - start
        }
        if stream == .combined {
            add(0, total)
        } else {
            var position: Int64 = 0
            var isError = false
            for mark in journal.marks.map({ min($0, total) }) + [total] {
                if isError == (stream == .stderr), mark > position { add(position, mark) }
                position = max(position, mark)
                isError.toggle()
            }
        }
        self.pieces = pieces
        length = offset
    }

    /// The stretch of the stream that was not kept, of which there is one at most, as of the combined output.
    var gap: OmittedRange? {
        var end: Int64 = 0
        for piece in pieces {
            if piece.start > end { return OmittedRange(start: end, end: piece.start) }
            end = piece.end
        }
        return length > end ? OmittedRange(start: end, end: length) : nil
    }

    /// The first piece that ends behind an offset of the stream (binary search); `pieces.count` when none does.
    func firstPiece(after offset: Int64) -> Int {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].end > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
