import Core
import FoundationEssentials
import HTTPClient

/// Reads a ticket's events and knows what was seen, so that nothing is lost or repeated over reconnections: a pure
/// state machine.
struct EventCursor: Sendable {
    enum Stream: Sendable, Equatable { case stdout, stderr }

    enum Action: Sendable, Equatable {
        /// Bytes of the command's output, in order.
        case output(Stream, [UInt8])
        /// This many bytes were not kept by the server.
        case gap(Int64)
        case state(TicketView)
        /// The event is not understood; the connection is to be made again.
        case malformed
    }

    /// The offset of the next byte that was not seen: what is sent as `Last-Event-ID`.
    private(set) var position: Int64

    init(position: Int64 = 0) { self.position = position }

    mutating func take(_ event: ServerSentEvent) -> [Action] {
        switch event.event {
        case "output": output(event)
        case "omitted": omitted(event)
        case "state":
            if let json = try? JSONValue(parsing: Array(event.data.utf8)), let view = TicketView(json) {
                [.state(view)]
            } else {
                [.malformed]
            }
        default: []  // Kinds of a newer server.
        }
    }

    private mutating func output(_ event: ServerSentEvent) -> [Action] {
        guard let json = try? JSONValue(parsing: Array(event.data.utf8)),
            let offset = json["offset"]?.integer,
            offset >= 0, let bytes = Self.bytes(json)
        else { return [.malformed] }
        var actions: [Action] = []
        if offset > position {
            actions.append(.gap(offset - position))
            position = offset
        }
        // What was seen before a connection was lost is passed over, byte by byte.
        let fresh = bytes.dropFirst(Int(min(position - offset, Int64(bytes.count))))
        guard !fresh.isEmpty else { return actions }
        position += Int64(fresh.count)
        actions.append(.output(json["stream"]?.string == "stderr" ? .stderr : .stdout, Array(fresh)))
        return actions
    }

    private mutating func omitted(_ event: ServerSentEvent) -> [Action] {
        guard let json = try? JSONValue(parsing: Array(event.data.utf8)), let end = json["end"]?.integer
        else {
            return [.malformed]
        }
        guard end > position else { return [] }
        let start = max(position, json["start"]?.integer ?? position)
        position = end
        return [.gap(end - start)]
    }

    private static func bytes(_ json: JSONValue) -> [UInt8]? {
        if let text = json["text"]?.string { return Array(text.utf8) }
        return json["base64"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }
}
