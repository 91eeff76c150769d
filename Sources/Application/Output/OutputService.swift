public import Core
public import Domain

/// Output as it goes into an answer: capped, with an exact account of what was left out.
public struct OutputExcerpt: Sendable, Equatable {
    /// The bytes shown: the head, and after a gap the tail.
    public var head: [UInt8]
    /// The tail; empty when nothing was left out.
    public var tail: [UInt8]
    /// Bytes produced in all.
    public var length: Int64
    /// Bytes between head and tail.
    public var omitted: Int64
    /// Whether the output itself is gone: its file was removed by other hands, and the ticket knows more than the disk.
    public var isMissing = false
    /// Where the gap begins.
    public var gapStart: Int64 { Int64(head.count) }

    /// The excerpt as text, with a line in the place of the gap; invalid UTF-8 becomes replacement characters.
    public var text: String {
        if isMissing { return "[… \(omitted) bytes of output are not there any more …]\n" }
        guard omitted > 0 else { return String(decoding: head, as: UTF8.self) }
        return String(decoding: head, as: UTF8.self) + marker + String(decoding: tail, as: UTF8.self)
    }

    /// The line in the place of the gap.
    public var marker: String { "\n[… \(omitted) bytes left out here, from byte \(gapStart) on …]\n" }

    /// Head and tail with the line between them.
    public var bytes: [UInt8] {
        if isMissing { return Array(text.utf8) }
        return omitted > 0 ? head + Array(marker.utf8) + tail : head
    }
}

/// Reads outputs for answers: whole when small, head and tail when not, in memory bounded by the cap.
public struct OutputService: Sendable {
    private let outputs: any OutputStore

    /// Puts the service together.
    public init(outputs: any OutputStore) { self.outputs = outputs }

    /// Where a ticket's output is.
    public static func reference(_ ticket: Ticket) -> OutputReference {
        OutputReference(folder: ticket.sessionName, number: ticket.id.number, nonce: ticket.nonce)
    }

    /// Length and gap now; zero for a ticket that produced no file yet.
    public func info(_ ticket: Ticket, stream: OutputStream) async throws -> OutputInfo {
        if let inline = ticket.inlineOutput {
            return OutputInfo(length: Int64(inline.bytes(of: stream).count), omitted: nil)
        }
        guard Self.hasFile(ticket) else { return OutputInfo(length: 0, omitted: nil) }
        do {
            let info = try await outputs.info(Self.reference(ticket), stream: stream)
            if info.length == 0 { try Self.checkPresence(of: ticket, stream) }
            return info
        } catch {
            guard Self.isNotYetThere(error, ticket) else { throw error }
            return OutputInfo(length: 0, omitted: nil)
        }
    }

    /// At most `count` bytes from `offset`.
    public func read(_ ticket: Ticket, stream: OutputStream, from offset: Int64, count: Int) async throws
        -> OutputChunk
    {
        if let inline = ticket.inlineOutput {
            let bytes = inline.bytes(of: stream)
            let start = Int(min(max(offset, 0), Int64(bytes.count)))
            let end = min(start + max(count, 0), bytes.count)
            return OutputChunk(
                offset: Int64(start),
                bytes: Array(bytes[start..<end]),
                next: Int64(end),
                skipped: 0,
                stretches: stream == .combined
                    ? inline.stretches(from: start, to: end)
                    : [OutputStretch(stream: stream, count: end - start)]
            )
        }
        guard Self.hasFile(ticket) else { return OutputChunk(offset: 0, bytes: [], next: 0, skipped: 0) }
        do {
            let chunk = try await outputs.read(
                Self.reference(ticket),
                stream: stream,
                from: offset,
                count: count
            )
            if chunk.bytes.isEmpty, offset <= 0, chunk.next <= 0 {
                try Self.checkPresence(of: ticket, stream)
            }
            return chunk
        } catch {
            guard Self.isNotYetThere(error, ticket) else { throw error }
            return OutputChunk(offset: 0, bytes: [], next: 0, skipped: 0)
        }
    }

    /// A runner that was just asked for has no file yet; that is no error, and no bytes are missing.
    private static func isNotYetThere(_ error: any Error, _ ticket: Ticket) -> Bool {
        ticket.state.holdsPlace && (error as? Failure)?.code == "output_missing"
    }

    /// Refuses to take nothing for the output of a ticket that is known to have had some.
    private static func checkPresence(of ticket: Ticket, _ stream: OutputStream) throws(Failure) {
        guard ticket.state.isTerminal, ticket.run?.bytes(of: stream) ?? 0 > 0 else { return }
        throw Failure(
            .gone,
            code: "output_missing",
            message: "The output of this ticket is not there any more.",
            hint: "Its files were removed by other hands; its state and exit code are known still."
        )
    }

    /// The whole output, or head and tail of it when it is longer than `cap` bytes.
    ///
    /// Of an output that is gone it says how much that was: what else is known of a ticket must not be lost with its file.
    public func excerpt(of ticket: Ticket, stream: OutputStream, cap: Int) async throws -> OutputExcerpt {
        do {
            return try await presentExcerpt(of: ticket, stream: stream, cap: cap)
        } catch let failure as Failure where failure.code == "output_missing" && ticket.state.isTerminal {
            let length = ticket.run?.bytes(of: stream) ?? 0
            return OutputExcerpt(head: [], tail: [], length: length, omitted: length, isMissing: true)
        }
    }

    private func presentExcerpt(of ticket: Ticket, stream: OutputStream, cap: Int) async throws
        -> OutputExcerpt
    {
        let info = try await info(ticket, stream: stream)
        if info.omitted == nil, info.length <= Int64(cap) {
            let bytes = try await readAll(ticket, stream, from: 0, count: cap)
            return OutputExcerpt(head: bytes, tail: [], length: info.length, omitted: 0)
        }
        let half = cap / 2
        var headLength = Int(min(Int64(half), info.length))
        if let gap = info.omitted { headLength = Int(min(Int64(headLength), gap.start)) }
        var head = try await readAll(ticket, stream, from: 0, count: headLength)
        head.removeLast(head.incompleteUTF8Tail)
        var tailStart = max(Int64(head.count), info.length - Int64(half))
        if let gap = info.omitted { tailStart = max(tailStart, gap.end) }
        var tail = try await readAll(ticket, stream, from: tailStart, count: half)
        // A character that the cut goes through is counted with what was left out.
        if tailStart > Int64(head.count) {
            tail.removeFirst(tail.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count)
        }
        let omitted = max(0, info.length - Int64(head.count) - Int64(tail.count))
        return OutputExcerpt(head: head, tail: tail, length: info.length, omitted: omitted)
    }

    /// Where the last `lines` lines begin, however long they are.
    public func offsetOfLast(lines: Int, of ticket: Ticket, stream: OutputStream) async throws -> Int64 {
        if let inline = ticket.inlineOutput {
            return Int64(Self.startOfLast(lines: lines, in: inline.bytes(of: stream)))
        }
        guard Self.hasFile(ticket) else { return 0 }
        do {
            return try await outputs.offsetOfLast(lines: lines, of: Self.reference(ticket), stream: stream)
        } catch {
            guard Self.isNotYetThere(error, ticket) else { throw error }
            return 0
        }
    }

    /// Yields into a stream whenever the output may have grown, for as long as the subscription is held.
    public func watch(_ output: OutputReference, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        outputs.watch(output, wake)
    }

    /// Lines that contain a text, one after the other in constant memory: what `grep -F` prints.
    ///
    /// Lines longer than 64 KiB are cut in pieces of that length.
    public func lines(
        containing needle: [UInt8],
        in ticket: Ticket,
        stream: OutputStream,
        limit: Int,
        each body: (_ number: Int, _ line: [UInt8]) async throws -> Void
    ) async throws -> Int {
        var splitter = LineSplitter()
        var offset: Int64 = 0
        var found = 0
        while found < limit {
            let chunk = try await read(ticket, stream: stream, from: offset, count: 256 << 10)
            let isLast = chunk.bytes.isEmpty
            // The bytes on both sides of a gap are not one line.
            let endsAtGap = chunk.next > chunk.offset + Int64(chunk.bytes.count)
            for (number, line) in splitter.split(chunk.bytes, isLast: isLast || endsAtGap)
            where line.contains(needle) {
                try await body(number, line)
                found += 1
                if found == limit { break }
            }
            if isLast { break }
            offset = chunk.next
        }
        return found
    }

    private func readAll(_ ticket: Ticket, _ stream: OutputStream, from offset: Int64, count: Int)
        async throws -> [UInt8]
    {
        var bytes: [UInt8] = []
        var position = offset
        while bytes.count < count {
            let chunk = try await read(ticket, stream: stream, from: position, count: count - bytes.count)
            if chunk.bytes.isEmpty { break }
            bytes += chunk.bytes
            position = chunk.next
        }
        return bytes
    }

    private static func hasFile(_ ticket: Ticket) -> Bool {
        switch ticket.state {
        case .denied, .awaitingApproval, .expired, .queued: false
        case .starting, .running: true
        default: ticket.run?.started != nil
        }
    }

    private static func startOfLast(lines: Int, in bytes: [UInt8]) -> Int {
        var left = lines
        for index in bytes.indices.dropLast().reversed() where bytes[index] == 10 {
            left -= 1
            if left == 0 { return index + 1 }
        }
        return left > 0 && lines > 0 ? 0 : bytes.count
    }
}
