internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The output of a ticket as raw bytes: whole, a range, the last lines, or the lines that contain a text.
///
/// Whatever is asked for is streamed in pieces, so that memory does not depend on its size.
struct OutputAnswer: Sendable {
    private static let pieceBytes = 256 << 10

    let services: EdgeServices
    let ticket: Ticket

    func response(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let stream = try query.word("stream", OutputStream.self) ?? .combined
        let info = try await services.outputs.info(ticket, stream: stream)
        var headers = headers(info)
        if let needle = try query.text("grep") {
            let limit = Int(try query.integer("limit", 1...1_000_000) ?? 10_000)
            return grep(Array(needle.utf8), stream, limit: limit, headers: headers)
        }
        if let range = context.request.headers["Range"], let parsed = ByteRange(range) {
            let (start, end) = try parsed.resolve(length: info.length, gap: info.omitted)
            headers["Content-Range"] = "bytes \(start)-\(end - 1)/\(info.length)"
            return plain(stream, from: start, to: end, marksGap: false, status: 206, headers: headers)
        }
        if let (start, end, next) = try Self.piece(query, info) {
            headers["Deckhand-Next-Offset"] = String(next)
            return plain(stream, from: start, to: end, marksGap: false, status: 200, headers: headers)
        }
        let (start, end) = try await selection(query, stream, info)
        return plain(stream, from: start, to: end, marksGap: start == 0, status: 200, headers: headers)
    }

    /// `offset` and `limit`: kept bytes without a word in between, and where the next piece begins; nil without both.
    ///
    /// A piece ends before bytes that were not kept, and one that would begin there begins behind them.
    private static func piece(
        _ query: QueryReader,
        _ info: OutputInfo
    ) throws(Failure) -> (start: Int64, end: Int64, next: Int64)? {
        let offset = try query.integer("offset", 0...Int64.max)
        let limit = try query.integer("limit", 1...Int64.max)
        guard offset != nil || limit != nil else { return nil }
        var start = min(offset ?? 0, info.length)
        if let gap = info.omitted, gap.start <= start, start < gap.end { start = gap.end }
        let sum = start.addingReportingOverflow(limit ?? info.length)
        let end = sum.overflow ? info.length : min(sum.partialValue, info.length)
        guard let gap = info.omitted, start < gap.start, end >= gap.start else { return (start, end, end) }
        return (start, gap.start, gap.end)
    }

    private func headers(_ info: OutputInfo) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes",
            "Deckhand-State": ticket.state.word, "Deckhand-Length": String(info.length),
        ]
        if let gap = info.omitted { headers["Deckhand-Omitted"] = "\(gap.start)-\(gap.end - 1)" }
        return headers
    }

    /// `head` and `tail` in lines counted from the ends, `lines=a-b`; without them everything.
    private func selection(
        _ query: QueryReader,
        _ stream: OutputStream,
        _ info: OutputInfo
    ) async throws -> (Int64, Int64) {
        if let lines = try query.integer("tail", 1...1_000_000) {
            let start = try await services.outputs.offsetOfLast(lines: Int(lines), of: ticket, stream: stream)
            return (start, info.length)
        }
        if let lines = try query.integer("head", 1...1_000_000) {
            return try await lineRange(1...Int(lines), stream, info)
        }
        if let text = try query.text("lines") {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let first = Int(parts[0]), let last = Int(parts[1]), first > 0,
                last >= first
            else {
                throw Failure(
                    .invalid,
                    code: "invalid_parameter",
                    message: "The parameter 'lines' is not a range of lines.",
                    hint: "Send lines=first-last, counted from 1."
                )
            }
            return try await lineRange(first...last, stream, info)
        }
        return (0, info.length)
    }

    /// Where some lines begin and end, found in constant memory.
    private func lineRange(
        _ lines: ClosedRange<Int>,
        _ stream: OutputStream,
        _ info: OutputInfo
    ) async throws -> (Int64, Int64) {
        var line = 1
        var offset: Int64 = 0
        var start: Int64? = lines.lowerBound == 1 ? 0 : nil
        while true {
            let chunk = try await services.outputs.read(
                ticket,
                stream: stream,
                from: offset,
                count: Self.pieceBytes
            )
            if chunk.bytes.isEmpty { return (start ?? info.length, info.length) }
            for (index, byte) in chunk.bytes.enumerated() where byte == 10 {
                line += 1
                let after = chunk.offset + Int64(index) + 1
                if line == lines.lowerBound { start = after }
                if line > lines.upperBound { return (start ?? after, after) }
            }
            offset = chunk.next
        }
    }

    private func plain(
        _ stream: OutputStream,
        from start: Int64,
        to end: Int64,
        marksGap: Bool,
        status: Int,
        headers: HTTPHeaders
    ) -> HTTPResponse {
        let outputs = services.outputs
        let ticket = ticket
        return HTTPResponse(
            status: status,
            headers: headers,
            body: .stream(length: nil) { writer in
                var offset = start
                while offset < end {
                    let count = Int(min(Int64(Self.pieceBytes), end - offset))
                    let chunk = try await outputs.read(ticket, stream: stream, from: offset, count: count)
                    if chunk.bytes.isEmpty { return }
                    if chunk.skipped > 0, marksGap { try await writer.write(Self.gapMark(chunk.skipped)) }
                    let last = chunk.offset + Int64(chunk.bytes.count)
                    let excess = max(0, last - end)
                    try await writer.write(
                        excess > 0 ? Array(chunk.bytes.dropLast(Int(excess))) : chunk.bytes
                    )
                    if chunk.next > last, last < end, marksGap {
                        try await writer.write(Self.gapMark(chunk.next - last))
                    }
                    offset = chunk.next
                }
            }
        )
    }

    private static func gapMark(_ count: Int64) -> String { "\n[… \(count) bytes were not kept …]\n" }

    private func grep(
        _ needle: [UInt8],
        _ stream: OutputStream,
        limit: Int,
        headers: HTTPHeaders
    ) -> HTTPResponse {
        let outputs = services.outputs
        let ticket = ticket
        return HTTPResponse(
            status: 200,
            headers: headers,
            body: .stream(length: nil) { writer in
                _ = try await outputs.lines(containing: needle, in: ticket, stream: stream, limit: limit) {
                    number,
                    line in
                    try await writer.write(Array("\(number):".utf8) + line + [10])
                }
            }
        )
    }
}

/// A single byte range (RFC 9110 section 14.1.2).
struct ByteRange: Sendable, Equatable {
    var first: Int64?
    var last: Int64?

    /// Reads a header; nil for forms that a server may ignore (other units, several ranges, nonsense).
    init?(_ header: String) {
        guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map {
            String($0).trimmed
        }
        guard parts.count == 2, !(parts[0].isEmpty && parts[1].isEmpty) else { return nil }
        for (index, part) in parts.enumerated() where !part.isEmpty {
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(part) else {
                return nil
            }
            if index == 0 { first = value } else { last = value }
        }
        if let first, let last, last < first { return nil }
    }

    /// The bytes from and before which, within an output of this length; a range that runs into the gap ends there.
    func resolve(length: Int64, gap: OmittedRange?) throws(Failure) -> (Int64, Int64) {
        var start = first ?? max(0, length - (last ?? 0))
        var end = first == nil ? length : min(last.map { $0 == Int64.max ? $0 : $0 + 1 } ?? length, length)
        if let gap, start < gap.start, end > gap.start { end = gap.start }
        if let gap, first == nil, start >= gap.start, start < gap.end { start = gap.end }
        guard start < end, gap.map({ start < $0.start || start >= $0.end }) ?? true else {
            let hint = gap.map { "The bytes \($0.start) to \($0.end - 1) were not kept; " } ?? ""
            throw Failure(
                .rangeNotSatisfiable,
                code: "range_not_satisfiable",
                message: "This range of the output does not exist.",
                hint: hint + "the output has \(length) bytes now."
            )
        }
        return (start, end)
    }
}
