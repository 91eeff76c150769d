internal import Application
internal import Core
internal import Domain

/// Which part of the output an answer of the GET face shows.
struct OutputSelection: Sendable {
    var offset: Int64?
    var limit: Int?
    var tailLines: Int?

    /// Reads `offset`, `limit` (bytes) and `tail` (lines).
    init(_ query: QueryReader) throws(Failure) {
        offset = try query.integer("offset", 0...Int64.max)
        limit = try query.integer("limit", 1...(64 << 20)).map(Int.init)
        tailLines = try query.integer("tail", 1...100_000).map(Int.init)
        if offset != nil, tailLines != nil {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameters 'offset' and 'tail' exclude each other.",
                hint: "Send one of them."
            )
        }
    }

    /// The selected output of a ticket, within the cap on an answer.
    func read(_ ticket: Ticket, from outputs: OutputService, cap: Int) async throws -> ResultOutput {
        if offset == nil, tailLines == nil, limit == nil { return try await whole(ticket, outputs, cap) }
        do {
            return try await piece(ticket, outputs, cap)
        } catch let failure as Failure where failure.code == "output_missing" && ticket.state.isTerminal {
            // How it ended is known still.
            return try await whole(ticket, outputs, cap)
        }
    }

    private func piece(_ ticket: Ticket, _ outputs: OutputService, _ cap: Int) async throws -> ResultOutput {
        let count = min(limit ?? cap, cap)
        let start: Int64
        if let tailLines {
            start = try await outputs.offsetOfLast(lines: tailLines, of: ticket, stream: .combined)
        } else {
            start = offset ?? 0
        }
        let chunk = try await outputs.read(ticket, stream: .combined, from: start, count: count)
        let info = try await outputs.info(ticket, stream: .combined)
        // A character that the cut goes through belongs to the next piece, unless a gap or the end follows.
        let end = chunk.offset + Int64(chunk.bytes.count)
        let goesOn = chunk.next == end && (end < info.length || !ticket.state.isTerminal)
        let kept = chunk.bytes.count - (goesOn ? chunk.bytes.incompleteUTF8Tail : 0)
        // A piece smaller than one character is given as it is, so that the reader gets ahead.
        let shown = kept > 0 ? kept : chunk.bytes.count
        var result = ResultOutput()
        result.output = String(decoding: chunk.bytes.prefix(shown), as: UTF8.self)
        result.omitted = max(0, info.length - Int64(shown))
        let next = shown == chunk.bytes.count ? chunk.next : chunk.offset + Int64(shown)
        if next < info.length { result.nextOffset = next }
        return result
    }

    private func whole(_ ticket: Ticket, _ outputs: OutputService, _ cap: Int) async throws -> ResultOutput {
        var result = ResultOutput()
        let excerpt = try await outputs.excerpt(of: ticket, stream: .combined, cap: cap / 2)
        result.output = excerpt.text
        result.omitted = excerpt.omitted
        if excerpt.omitted > 0, !excerpt.isMissing { result.nextOffset = excerpt.gapStart }
        if ticket.run?.stderrBytes ?? 0 == 0, ticket.state.isTerminal {
            result.stdout = result.output
        } else {
            result.stdout = try await outputs.excerpt(of: ticket, stream: .stdout, cap: cap / 4).text
            result.stderr = try await outputs.excerpt(of: ticket, stream: .stderr, cap: cap / 4).text
        }
        return result
    }
}
