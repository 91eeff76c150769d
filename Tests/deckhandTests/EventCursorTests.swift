import Core
import Domain
import HTTPClient
import Testing

@testable import deckhand

@Suite struct EventCursorTests {
    private func output(_ offset: Int, _ text: String, _ stream: String = "stdout") -> ServerSentEvent {
        ServerSentEvent(
            event: "output",
            data: "{\"offset\":\(offset),\"stream\":\"\(stream)\",\"text\":\"\(text)\"}",
            id: "\(offset + text.utf8.count)"
        )
    }

    @Test("pieces follow each other, on the stream they were written to")
    func pieces() {
        var cursor = EventCursor()
        #expect(cursor.take(output(0, "ab")) == [.output(.stdout, Array("ab".utf8))])
        #expect(cursor.take(output(2, "ü", "stderr")) == [.output(.stderr, Array("ü".utf8))])
        #expect(cursor.take(output(4, "c", "combined")) == [.output(.stdout, Array("c".utf8))])
        #expect(cursor.position == 5)
    }

    @Test("what was seen is passed over, whatever the overlap", arguments: 0...4)
    func overlap(start: Int) {
        var cursor = EventCursor(position: 2)
        let text = String("abcdef".dropFirst(start))
        let actions = cursor.take(output(start, text))
        let gap: [EventCursor.Action] = start > 2 ? [.gap(Int64(start - 2))] : []
        #expect(actions == gap + [.output(.stdout, Array("abcdef".utf8.dropFirst(max(start, 2))))])
        #expect(cursor.position == 6)
        #expect(cursor.take(output(start, text)) == [])
    }

    @Test("bytes that are no text come in base64")
    func base64() {
        var cursor = EventCursor()
        let event = ServerSentEvent(
            event: "output",
            data: "{\"offset\":0,\"stream\":\"stderr\",\"base64\":\"/wBh\"}"
        )
        #expect(cursor.take(event) == [.output(.stderr, [0xFF, 0, 0x61])])
    }

    @Test("a gap is told once")
    func gaps() {
        var cursor = EventCursor(position: 10)
        let event = ServerSentEvent(event: "omitted", data: "{\"start\":10,\"end\":110}", id: "110")
        #expect(cursor.take(event) == [.gap(100)])
        #expect(cursor.take(event) == [])
        #expect(cursor.position == 110)
    }

    @Test(
        "what is not understood is told, and moves nothing",
        arguments: [
            "", "{}", "{\"offset\":-1,\"text\":\"x\"}", "{\"offset\":0}", "{\"offset\":0,\"base64\":\"*\"}",
            "[1",
        ]
    )
    func malformed(data: String) {
        var cursor = EventCursor()
        #expect(cursor.take(ServerSentEvent(event: "output", data: data)) == [.malformed])
        #expect(cursor.take(ServerSentEvent(event: "state", data: data)) == [.malformed])
        #expect(cursor.take(ServerSentEvent(event: "news", data: data)) == [])
        #expect(cursor.position == 0)
    }

    @Test(
        "the end of a ticket becomes an exit code",
        arguments: [
            ("\"exited\",\"exit_code\":7", 7), ("\"exited\",\"exit_code\":0", 0),
            ("\"killed\",\"signal\":9", 137),
            ("\"timed_out\"", 124), ("\"cancelled\"", 130), ("\"lost\",\"reason\":\"x\"", 125),
            ("\"failed\",\"reason\":\"x\"", 125), ("\"denied\",\"reason\":\"x\"", 125), ("\"expired\"", 125),
        ]
    )
    func exitCodes(state: String, code: Int32) throws {
        let json = try JSONValue(parsing: Array("{\"session\":\"s\",\"ticket\":1,\"state\":\(state)}".utf8))
        let view = try #require(TicketView(json))
        #expect(view.state.isTerminal)
        #expect(view.exitCode == code)
        #expect((view.remark == nil) == (view.state.word == "exited"))
    }
}
