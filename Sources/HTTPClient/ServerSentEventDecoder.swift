/// One event of a stream (HTML Living Standard, section 9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// The type; `message` unless the stream said otherwise.
    public var event: String
    /// The lines of data, joined by newlines.
    public var data: String
    /// The last id that the stream gave, with this event or before; empty for none.
    public var id: String

    /// Makes an event.
    public init(event: String = "message", data: String, id: String = "") {
        self.event = event
        self.data = data
        self.id = id
    }
}

/// Reads `text/event-stream` from pieces that may be cut anywhere, also inside a character or a CRLF.
///
/// A pure state machine: no I/O and no clock. Lines and events have bounds. Bytes are split at line ends first and
/// only whole lines become text, so that no character is broken.
public struct ServerSentEventDecoder: Sendable {
    /// The id to send as `Last-Event-ID` when connecting again: set when an event is dispatched.
    public private(set) var lastEventID = ""
    /// How long to wait before connecting again, if the stream said so.
    public private(set) var retry: Duration?
    /// The first 16 KiB of lines that are no field of the standard, each with a newline.
    ///
    /// Some servers write an error in the middle of a stream as bare JSON.
    public private(set) var unknownLines: [UInt8] = []

    private let limit: Int
    private var line: [UInt8] = []
    private var skipsLineFeed = false
    private var isFirstLine = true
    private var event = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var id = ""

    /// Makes a decoder; a line, or the data of one event, may have `limit` bytes.
    public init(limit: Int = 1 << 20) { self.limit = limit }

    /// Takes the next bytes and returns the events that they complete.
    ///
    /// An event that the end of the stream cuts short is not among them; see ``finish()``.
    /// Throws `tooLarge` when a bound is passed; the decoder must not be used afterwards.
    public mutating func decode(_ bytes: [UInt8]) throws(HTTPClientError) -> [ServerSentEvent] {
        // Of a known type, because what callers of other modules give is not specialised.
        try decode(sequence: bytes)
    }

    /// The same for other collections of bytes.
    public mutating func decode(_ bytes: some Sequence<UInt8>) throws(HTTPClientError) -> [ServerSentEvent] {
        try decode(sequence: bytes)
    }

    private mutating func decode(sequence bytes: some Sequence<UInt8>) throws(HTTPClientError)
        -> [ServerSentEvent]
    {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            if skipsLineFeed {
                skipsLineFeed = false
                if byte == UInt8(ascii: "\n") { continue }
            }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                guard line.count < limit else { throw Self.tooLarge(limit) }
                line.append(byte)
                continue
            }
            skipsLineFeed = byte == UInt8(ascii: "\r")
            if let event = try endLine() { events.append(event) }
        }
        return events
    }

    /// Ends the stream and returns what an event cut short by it has, if it has data.
    ///
    /// The standard drops such an event, and servers that forget the last blank line lose it in most clients. Who
    /// can tell that it is whole, because it is JSON that parses, may take it. ``lastEventID`` does not change.
    public mutating func finish() throws(HTTPClientError) -> ServerSentEvent? {
        let before = lastEventID
        defer { lastEventID = before }
        if !line.isEmpty { _ = try endLine() }
        return dispatch()
    }

    private mutating func endLine() throws(HTTPClientError) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        if line.isEmpty { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            guard data.count + value.count < limit else { throw Self.tooLarge(limit) }
            data += value
            data.append(UInt8(ascii: "\n"))
            hasData = true
        case "event": event = String(decoding: value, as: UTF8.self)
        case "id": if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        case "retry":
            if !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
                let milliseconds = Int64(String(decoding: value, as: UTF8.self))
            {
                retry = .milliseconds(milliseconds)
            }
        case "": break  // A comment.
        default: keepUnknownLine()
        }
        return nil
    }

    private mutating func keepUnknownLine() {
        let room = 16 << 10
        guard unknownLines.count < room else { return }
        unknownLines += line.prefix(room - unknownLines.count)
        unknownLines.append(UInt8(ascii: "\n"))
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            event = ""
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        lastEventID = id
        guard hasData else { return nil }
        return ServerSentEvent(
            event: event.isEmpty ? "message" : event,
            data: String(decoding: data.dropLast(), as: UTF8.self),
            id: id
        )
    }

    private static func tooLarge(_ limit: Int) -> HTTPClientError {
        HTTPClientError(.tooLarge, "a line or event of the stream is larger than \(limit) bytes")
    }
}
