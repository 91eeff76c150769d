import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Chats followed live")
struct ChatStreamTests {
    private static let ask = #"{"message":"How is it?","stream":true}"#

    @Test("the answer to a message can be its events, from the first to the last")
    func turnStream() async throws {
        let harness = try await AssistantHarness([
            .calls([AssistantHarness.call("c1", "uptime")]), .text("All ", "is well."),
        ])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            let answer = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: Self.ask)
            #expect(answer.status == 200 && answer.headers["Content-Type"] == "text/event-stream")
            #expect(answer.headers["Location"] == "/base/v1/turns/1")
            let events = answer.events
            #expect(
                events.map(\.event) == [
                    "turn.started", "chat.titled", "model.started", "tool.began", "tool.arguments",
                    "model.finished", "tool.started", "tool.ticket", "tool.finished", "model.started", "text",
                    "text", "model.finished", "turn.finished",
                ]
            )
            #expect(events.compactMap(\.id) == (1...14).map(String.init))
            let page = try await ann.api(.get, "/v1/chats/\(chat)/events", [("format", "json")])
            let stored = try #require(page["events"]?.array)
            #expect(stored.compactMap { $0["event"]?.string } == events.map(\.event))
            for (event, stored) in zip(events, stored) {
                #expect(try JSONValue(parsing: Array(event.data.utf8)) == stored["data"])
            }
        }
    }

    @Test("a client that leaves changes nothing, and gets exactly the rest when it comes back")
    func resume() async throws {
        let goOn = Signal()
        let harness = try await AssistantHarness([
            ScriptedAnswer([
                .events([.started(responseID: nil), .textDelta("one ")]), .wait(goOn),
                .events([
                    .textDelta("two"), .item(ModelItem(.assistant("one two"))),
                    .usage(TokenUsage(input: 1, output: 1)), .finished(.stop),
                ]),
            ])
        ])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            let begun = await ann.respond(.post, "/v1/chats/\(chat)/turns", json: Self.ask)
            let seen = try await LiveStream.following(begun) { stream in
                try await stream.until("the first delta") { $0.last?.event == "text" }
            }
            goOn.set()
            let last = try #require(seen.last?.id)
            let again = try await ann.api(
                .get,
                "/v1/chats/\(chat)/events",
                [("turn", "1")],
                headers: ["Last-Event-ID": last]
            )
            let all = try await ann.api(.get, "/v1/chats/\(chat)/events", [("turn", "1")]).events
            #expect(all.last?.event == "turn.finished")
            #expect(seen.compactMap(\.id) + again.events.compactMap(\.id) == all.compactMap(\.id))
            #expect(again.events.first?.event == "text")
            let nothing = try await ann.api(
                .get,
                "/v1/chats/\(chat)/events",
                [("turn", "1")],
                headers: ["Last-Event-ID": try #require(all.last?.id)]
            )
            #expect(nothing.status == 200 && nothing.events.isEmpty, "a turn that is over has an end")
        }
    }

    @Test("a POST that is sent again to reconnect asks nothing")
    func reconnectingPost() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/chats/\(try await ann.chat())/turns"
        let answer = try await ann.api(.post, path, json: Self.ask, headers: ["Last-Event-ID": "3"])
        #expect(answer.status == 403 && answer.code == "reconnect_runs_nothing")
        #expect(try await ann.api(.get, path)["turns"] == .array([]))
    }

    @Test("a chat is followed over its turns until the client leaves or the sign-in ends")
    func chatStream() async throws {
        let harness = try await AssistantHarness([.text("A."), .text("B.")])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            let follow = await ann.respond(.get, "/v1/chats/\(chat)/events")
            try await LiveStream.following(follow) { stream in
                for (turn, text) in ["a", "b"].enumerated() {
                    _ = try await ann.api(
                        .post,
                        "/v1/chats/\(chat)/turns",
                        json: #"{"message":"\#(text)","stream":true}"#
                    )
                    try await stream.until("the end of turn \(turn + 1)") { events in
                        events.filter { $0.event == "turn.finished" }.count == turn + 1
                    }
                }
                let numbers = stream.events.compactMap { $0.id.flatMap { Int64($0) } }
                #expect(numbers == Array(1...Int64(numbers.count)))
                #expect(!stream.isOver)
                #expect(try await ann.api(.delete, "/v1/signin").status == 204)
                _ = try await stream.untilOver()
                #expect(throws: Failure.self) { try stream.result?.get() }
            }
        }
    }

    @Test("a client that does not read loses nothing, and holds nobody up")
    func slowClient() async throws {
        let words = (1...2_000).map { "w\($0) " }
        let harness = try await AssistantHarness([
            ScriptedAnswer(
                words.map { ModelEvent.textDelta($0) } + [
                    .item(ModelItem(.assistant(words.joined()))), .usage(TokenUsage(input: 1, output: 1)),
                    .finished(.stop),
                ]
            )
        ])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            let begun = await ann.respond(.post, "/v1/chats/\(chat)/turns", json: Self.ask)
            try await LiveStream.following(begun, held: true) { stream in
                try await eventually("the turn is over") {
                    try await ann.api(.get, "/v1/turns/1")["state"]?.string == "completed"
                }
                #expect(stream.events.isEmpty)
                stream.release()
                let events = try await stream.untilOver()
                let numbers = events.compactMap { $0.id.flatMap { Int64($0) } }
                #expect(numbers == Array(1...Int64(numbers.count)))
                let said = events.filter { $0.event == "text" }.compactMap { $0.json["text"]?.string }
                #expect(said.joined() == words.joined())
            }
        }
    }

    @Test("events are also pages of JSON")
    func pages() async throws {
        let harness = try await AssistantHarness([.text("A.")])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            _ = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: Self.ask)
            var numbers: [Int64] = []
            var after: Int64? = 0
            while let from = after {
                let page = try await ann.api(
                    .get,
                    "/v1/chats/\(chat)/events",
                    [("after", "\(from)"), ("limit", "2")],
                    headers: ["Accept": "application/json"]
                )
                #expect(page.headers["Content-Type"] == "application/json")
                numbers += page["events"]?.array?.compactMap { $0["number"]?.integer } ?? []
                after = page["next"]?.integer
            }
            #expect(numbers == Array(1...6))
            let path = "/v1/chats/\(chat)/events"
            let none = try await ann.api(.get, path, [("turn", "7"), ("format", "json")])
            #expect(none.status == 404 && none.code == "turn_not_found")
            let wrong = try await ann.api(.get, path, headers: ["Last-Event-ID": "x"])
            #expect(wrong.status == 400 && wrong.code == "invalid_event_id")
        }
    }
}
