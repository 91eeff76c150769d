internal import Core
internal import Domain

/// One look at a ticket's output: its file and what the journal says about it.
struct OutputReading {
    static let largestChunk = 1 << 20

    private let files: TicketFiles
    private let file: Descriptor?
    private(set) var journal: RunJournal
    private let total: Int64

    /// Opens; throws `output_missing` when there was an output and the file is gone.
    init(_ files: TicketFiles) throws(Failure) {
        self.files = files
        // The length first: the journal says where the other stream begins before its bytes are in the file.
        var file = SessionFolders.file(files.outputName, in: files.folder)
        let size = file?.size ?? 0
        let own = files.journal()
        journal = own ?? RunJournal(bytes: [])
        // What lies there is nobody's, or another ticket's, and will be moved aside.
        guard own != nil else {
            self.file = nil
            total = 0
            return
        }
        if file == nil { file = SessionFolders.file(files.outputName, in: files.folder) }
        self.file = file
        let produced = self.journal.exit.map { $0.stdout &+ $0.stderr }
        // A command that has printed nothing yet may have no file.
        if file == nil, journal.exit == nil ? journal.hasOutput : !journal.keptNothing {
            throw Failure(
                .gone,
                code: "output_missing",
                message: "The output of this ticket is not there any more."
            )
        }
        total = produced ?? size
    }

    func info(_ stream: OutputStream) -> OutputInfo {
        let map = StreamMap(stream: stream, journal: journal, total: total)
        return OutputInfo(length: map.length, omitted: map.gap)
    }

    /// Reads what is kept; a stretch that is punched out meanwhile is noticed, because the journal says so before.
    func read(_ stream: OutputStream, from offset: Int64, count: Int) throws(Failure) -> OutputChunk {
        var journal = journal
        while true {
            let map = StreamMap(stream: stream, journal: journal, total: total)
            let (found, reads) = try read(
                map,
                from: max(offset, 0),
                count: min(max(count, 0), Self.largestChunk)
            )
            var chunk = found
            chunk.stretches = stretches(of: chunk, in: stream)
            if journal.exit != nil || reads.isEmpty { return chunk }
            guard let later = files.journal(), let gap = later.omitted, gap != journal.omitted,
                reads.contains(where: { $0.position < gap.end && $0.position + $0.length > gap.start })
            else { return chunk }
            journal = later
        }
    }

    /// Which stream the bytes of a chunk came from.
    private func stretches(of chunk: OutputChunk, in stream: OutputStream) -> [OutputStretch] {
        guard !chunk.bytes.isEmpty else { return [] }
        guard stream == .combined else { return [OutputStretch(stream: stream, count: chunk.bytes.count)] }
        var result: [OutputStretch] = []
        var position = chunk.offset
        let end = chunk.offset + Int64(chunk.bytes.count)
        var index = journal.firstMark(after: position)
        while position < end {
            let next = index < journal.marks.count ? min(journal.marks[index], end) : end
            if next > position {
                result.append(
                    OutputStretch(stream: index % 2 == 0 ? .stdout : .stderr, count: Int(next - position))
                )
            }
            position = next
            index += 1
        }
        return result
    }

    private func read(
        _ map: StreamMap,
        from offset: Int64,
        count: Int
    ) throws(Failure) -> (chunk: OutputChunk, reads: [StreamMap.Piece]) {
        var index = map.firstPiece(after: offset)
        guard index < map.pieces.count else {
            // At the end, or in a gap that reaches to the end.
            let end = max(offset, map.length)
            return (OutputChunk(offset: end, bytes: [], next: end, skipped: end - offset), [])
        }
        let start = max(offset, map.pieces[index].start)
        var end = start
        var bytes: [UInt8] = []
        var reads: [StreamMap.Piece] = []
        while index < map.pieces.count, bytes.count < count, map.pieces[index].start <= end {
            let piece = map.pieces[index]
            let skip = end - piece.start
            let length = min(piece.length - skip, Int64(count - bytes.count))
            guard let got = file?.read(at: piece.position + skip, count: Int(length)) else {
                throw Failure(
                    .gone,
                    code: "output_missing",
                    message: "The output of this ticket cannot be read any more."
                )
            }
            reads.append(
                StreamMap.Piece(start: end, position: piece.position + skip, length: Int64(got.count))
            )
            bytes += got
            end += Int64(got.count)
            // The file is shorter than the journal says: somebody cut it.
            if Int64(got.count) < length { break }
            if end == piece.end { index += 1 }
        }
        var next = end
        if index == map.pieces.count {
            next = map.length
        } else if index > 0, map.pieces[index].start > end, map.pieces[index - 1].end == end {
            next = map.pieces[index].start
        }
        return (OutputChunk(offset: start, bytes: bytes, next: next, skipped: start - offset), reads)
    }
}
