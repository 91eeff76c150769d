internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// A ticket followed live: its states and its output, as server-sent events.
///
/// The id of an output event is the byte offset after it, so that a client that reconnects gets exactly the rest, also
/// from a server that was just started. The stream ends after the terminal state.
///
/// A small object, which the closures and calls of a stream share: thousands of streams may be idle.
final class TicketStream: Sendable {
    private let services: EdgeServices
    private let ticket: TicketID
    private let output: OutputReference
    private let ends: StreamEnds
    private let admission: StreamEnds.Admission

    /// Makes the stream of a ticket for whom follows it.
    init(services: EdgeServices, ticket: Ticket, ends: StreamEnds, caller: Principal) {
        self.services = services
        self.ticket = ticket.id
        output = OutputService.reference(ticket)
        self.ends = ends
        admission = StreamEnds.Admission(caller)
    }

    func response(_ context: RequestContext) throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        var start = try query.integer("offset", 0...Int64.max) ?? 0
        if let last = context.request.headers["Last-Event-ID"] {
            guard let offset = Int64(last), offset >= 0 else {
                throw Failure(
                    .invalid,
                    code: "invalid_event_id",
                    message: "Last-Event-ID is not an offset of this stream.",
                    hint: "Reconnect without it to begin at the start."
                )
            }
            start = offset
        }
        let position = start
        return SSE.response(routeTemplate: context.template) { writer in
            try await self.ends.run(untilEndOf: self.admission) {
                try await self.run(writer, from: position)
            }
        }
    }

    private func run(_ writer: SSEWriter, from start: Int64) async throws {
        var follower = TicketFollower(services, ticket, from: start)
        // One stream of wake-ups from two sources; a wake-up that is already due stands for any number of them.
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let news = services.tickets.watch(ticket, wake)
        let changes = services.outputs.watch(output, wake)
        defer { withExtendedLifetime((news, changes)) {} }
        wake.yield()
        for await _ in wakeups {
            // A child, whose memory ends with it: a task keeps what its deepest calls needed for as long as it lives.
            let before = follower
            async let next = advance(before, writer)
            follower = try await next
            if follower.isOver { return }
        }
        // Cancelled before the end: the stream is to be cut, so that its reader does not take this for the end.
        throw CancellationError()
    }

    /// Sends what is new.
    private func advance(_ before: TicketFollower, _ writer: SSEWriter) async throws -> TicketFollower {
        var follower = before
        while true {
            let events = try await follower.next()
            if events.isEmpty { return follower }
            for event in events { try await writer.send(event) }
        }
    }
}

/// Cuts output into events at the ends of characters: a pure state machine.
struct OutputCursor: Sendable {
    /// Where to read next.
    private(set) var offset: Int64

    init(offset: Int64) { self.offset = offset }

    /// The events for a chunk that was read at ``offset``; empty when there is nothing to send yet.
    ///
    /// With `isLast` no more output can come, so that an incomplete character is sent as it is.
    mutating func take(_ chunk: OutputChunk, isLast: Bool) -> [SSEEvent] {
        guard !chunk.bytes.isEmpty || chunk.next > offset else { return [] }
        var events: [SSEEvent] = []
        if chunk.skipped > 0 { events.append(Self.gap(from: chunk.offset - chunk.skipped, to: chunk.offset)) }
        let end = chunk.offset + Int64(chunk.bytes.count)
        // What comes after a gap does not complete a character before it.
        let isComplete = isLast || chunk.next > end
        offset = chunk.offset
        var position = 0
        let stretches =
            chunk.stretches.isEmpty
            ? [OutputStretch(stream: .combined, count: chunk.bytes.count)] : chunk.stretches
        for (index, stretch) in stretches.enumerated() {
            var bytes = Array(chunk.bytes[position..<position + stretch.count])
            if index == stretches.count - 1, !isComplete { bytes.removeLast(bytes.incompleteUTF8Tail) }
            position += stretch.count
            guard !bytes.isEmpty else { continue }
            let start = offset
            offset += Int64(bytes.count)
            events.append(Self.output(bytes, stretch.stream, from: start, to: offset))
        }
        guard offset == end, chunk.next > end else { return events }
        events.append(Self.gap(from: end, to: chunk.next))
        offset = chunk.next
        return events
    }

    /// The event for bytes that are not there any more; none when all of them were sent.
    mutating func skip(to end: Int64) -> [SSEEvent] {
        guard end > offset else { return [] }
        defer { offset = end }
        return [Self.gap(from: offset, to: end)]
    }

    private static func output(
        _ bytes: [UInt8],
        _ stream: OutputStream,
        from start: Int64,
        to end: Int64
    ) -> SSEEvent {
        var json = JSONWriter(capacity: bytes.count + 96)
        json.object { json in
            json.key("offset")
            json.integer(start)
            json.key("stream")
            json.string(stream.rawValue)
            if let text = String(strictUTF8: bytes) {
                json.key("text")
                json.string(text)
            } else {
                json.key("base64")
                json.string(Base64.encode(bytes))
            }
        }
        return SSEEvent(id: String(end), event: "output", data: String(decoding: json.bytes, as: UTF8.self))
    }

    private static func gap(from start: Int64, to end: Int64) -> SSEEvent {
        SSEEvent(id: String(end), event: "omitted", data: "{\"start\":\(start),\"end\":\(end)}")
    }
}
