import HTTPClient
import Testing

@Suite struct ServerSentEventDecoderTests {
    struct Sample: Sendable {
        let text: String
        let events: [ServerSentEvent]
        var lastEventID = ""
    }

    static let samples = [
        Sample(text: "data: a\n\n", events: [.init(event: "message", data: "a", id: "")]),
        Sample(
            text: "\u{FEFF}event: x\rid: 7\rdata:a\rdata:  b\r\r",
            events: [.init(event: "x", data: "a\n b", id: "7")],
            lastEventID: "7"
        ),
        Sample(
            text: "id: 1\r\ndata: ü🚢\r\n\r\n: comment\r\n\r\ndata\r\n\r\n",
            events: [
                .init(event: "message", data: "ü🚢", id: "1"), .init(event: "message", data: "", id: "1"),
            ],
            lastEventID: "1"
        ),
        // An event without data is not dispatched, but its id counts; a NUL makes an id invalid.
        Sample(
            text: "event: e\nid: 5\n\nid: 6\0\ndata: z\n\n",
            events: [.init(event: "message", data: "z", id: "5")],
            lastEventID: "5"
        ),
        Sample(
            text: "unknown: x\nDATA: y\ndata: z:\n\n",
            events: [.init(event: "message", data: "z:", id: "")]
        ),
        // Only the first mark at the beginning is removed.
        Sample(text: "data: \u{FEFF}a\n\n", events: [.init(event: "message", data: "\u{FEFF}a", id: "")]),
        // What the end of the stream cuts is dropped.
        Sample(
            text: "id: 1\ndata: a\n\nid: 2\ndata: b\n",
            events: [.init(event: "message", data: "a", id: "1")],
            lastEventID: "1"
        ),
        Sample(text: "id: 3\nid\ndata: a\n\n", events: [.init(event: "message", data: "a", id: "")]),
        Sample(text: "\n\n\r\n\r", events: []),
        // Line and paragraph separators and NEL end no line; escapes are the reader's business.
        Sample(
            text: "data: {\"a\":\"x\u{2028}y\u{2029}z\u{85}\u{0B}\u{0C}\"}\n\n",
            events: [.init(data: "{\"a\":\"x\u{2028}y\u{2029}z\u{85}\u{0B}\u{0C}\"}")]
        ),
        // No space, a comment as keep-alive, blocks without data, no event name.
        Sample(
            text: ": ping\n\nevent: ping\n\nretry: 5\n\ndata:{}\n\n:\n\nevent: x\nretry: 6\n\ndata: 1\n\n",
            events: [.init(data: "{}"), .init(data: "1")]
        ),
        Sample(
            text: "data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\r",
            events: [.init(data: "a\nb\nc"), .init(data: "d")]
        ),
        Sample(text: "\u{FEFF}: c\n\u{FEFF}data: a\n\ndata\ndata\n\n", events: [.init(data: "\n")]),
    ]

    @Test("events are the same wherever the stream is cut", arguments: samples)
    func everyCut(sample: Sample) throws {
        let bytes = Array(sample.text.utf8)
        var single = ServerSentEventDecoder()
        var events: [ServerSentEvent] = []
        for byte in bytes { events += try single.decode([byte]) }
        #expect(events == sample.events)
        #expect(single.lastEventID == sample.lastEventID)
        for cut in 0...bytes.count {
            var decoder = ServerSentEventDecoder()
            let first = try decoder.decode(bytes[..<cut])
            #expect(try first + decoder.decode(bytes[cut...]) == sample.events)
        }
    }

    @Test(
        "an event without its blank line is had at the end by who asks for it",
        arguments: [
            ("data: a\n\ndata: {}", ServerSentEvent(data: "{}")), ("data: {}\n", ServerSentEvent(data: "{}")),
            ("event: x\r\ndata: {\r", ServerSentEvent(event: "x", data: "{")), ("id: 1\ndata: a\n\n", nil),
            ("event: x", nil), (": c", nil), ("", nil), ("dat", nil),
        ]
    )
    func cutEvent(text: String, expected: ServerSentEvent?) throws {
        for cut in 0...text.utf8.count {
            var decoder = ServerSentEventDecoder()
            _ = try decoder.decode(text.utf8.prefix(cut))
            _ = try decoder.decode(text.utf8.dropFirst(cut))
            let id = decoder.lastEventID
            let last = try decoder.finish()
            #expect(last?.data == expected?.data)
            #expect(last?.event == expected?.event)
            #expect(decoder.lastEventID == id)
            #expect(try decoder.finish() == nil)
        }
    }

    @Test("lines that are no field are kept for their text, up to a bound")
    func unknownLines() throws {
        var decoder = ServerSentEventDecoder(limit: 1 << 20)
        #expect(try decoder.decode("data: a\n\n{\r\n \"error\": 1\r\n}\r\n: c\n".utf8).count == 1)
        #expect(decoder.unknownLines == Array("{\n \"error\": 1\n}\n".utf8))
        for _ in 0..<100 { _ = try decoder.decode((String(repeating: "x", count: 999) + "\n").utf8) }
        #expect(decoder.unknownLines.count <= 16 << 10 + 1)
    }

    @Test("bytes that are no UTF-8 are replaced and end nothing")
    func invalidText() throws {
        var decoder = ServerSentEventDecoder()
        let events = try decoder.decode(Array("data: ".utf8) + [0x61, 0xFF, 0xE6, 0x97] + Array("\n\n".utf8))
        #expect(events == [ServerSentEvent(data: "a\u{FFFD}\u{FFFD}")])
    }

    @Test("the time to wait is taken when it is a number")
    func retry() throws {
        var decoder = ServerSentEventDecoder()
        _ = try decoder.decode("retry: 1500\nretry: x\nretry:\nretry: -1\n".utf8)
        #expect(decoder.retry == .milliseconds(1_500))
    }

    @Test("lines and events have a bound")
    func bounds() throws {
        var decoder = ServerSentEventDecoder(limit: 16)
        #expect(throws: HTTPClientError.self) { try decoder.decode(String(repeating: ":", count: 17).utf8) }
        var other = ServerSentEventDecoder(limit: 16)
        #expect(throws: HTTPClientError.self) {
            for _ in 0..<4 { _ = try other.decode("data: 1234\n".utf8) }
        }
        var fits = ServerSentEventDecoder(limit: 16)
        #expect(try fits.decode("data: 1234\ndata: 5678\n\n".utf8).count == 1)
    }
}
