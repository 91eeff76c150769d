import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Several things followed in one stream")
struct FollowTests {
    private static let ask = #"{"message":"How is it?","stream":true}"#

    /// A harness whose commands ask if they contain `ask`, and run otherwise.
    private static func harness(_ script: [ScriptedAnswer]) async throws -> AssistantHarness {
        try await AssistantHarness(
            script,
            policy: FakePolicy { question in
                question.command.contains("ask")
                    ? .ask(reason: "It changes something.", rule: "change") : .allow
            }
        )
    }

    private static func submit(_ command: String, _ caller: AssistantCaller) async throws {
        let answer = try await caller.api(
            .post,
            "/v1/sessions/s/tickets",
            json: #"{"command":"\#(command)"}"#
        )
        #expect(answer.status == 201)
    }

    /// Everything but the time, in a form in which two streams can be compared.
    private static func told(_ events: [LiveEvent]) -> [String] { events.map { "\($0.event) \($0.data)" } }

    @Test("chats, tickets and approvals arrive in one stream, each with its own numbering")
    func together() async throws {
        let harness = try await Self.harness([.text("Fine.")])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            try await Self.submit("uptime", ann)
            try await Self.submit("ask me", ann)
            let response = await ann.respond(
                .get,
                "/v1/events",
                [("chats", "\(chat)"), ("tickets", "s/1,s/2"), ("approvals", "1")]
            )
            try await LiveStream.following(response) { stream in
                _ = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: Self.ask)
                let digest = try await ann.api(.get, "/v1/approvals/1")["digest"]?.string ?? ""
                _ = try await ann.api(
                    .post,
                    "/v1/approvals/1/decide",
                    json: #"{"decision":"approve","digest":"\#(digest)"}"#
                )
                let events = try await stream.until("the ends of all") { events in
                    events.contains { $0.event == "chat" && $0.json["event"]?.string == "turn.finished" }
                        && events.contains { $0.json["state"]?.string == "approved" }
                        && events.filter { $0.json["data"]?["state"]?.string == "exited" }.count == 2
                }
                let numbers = events.filter { $0.event == "chat" }.compactMap { $0.json["number"]?.integer }
                #expect(numbers == Array(1...6))
                #expect(events.allSatisfy { $0.event != "chat" || $0.json["chat"]?.integer == chat })
                let approvals = events.filter { $0.event == "approval" }
                #expect(approvals.compactMap { $0.json["state"]?.string } == ["awaiting", "approved"])
                #expect(approvals.allSatisfy { $0.json["digest"] == nil })
                for number in [1, 2] as [Int64] {
                    let states = events.filter {
                        $0.json["ticket"]?.integer == number && $0.event == "ticket"
                    }
                    #expect(states.last?.json["data"]?["state"]?.string == "exited")
                    #expect(states.allSatisfy { $0.json["session"]?.string == "s" })
                }
                #expect(events.last?.id?.contains("c\(chat).6") == true)
                #expect(!stream.isOver)
            }
        }
    }

    @Test("with the id of any event exactly the rest of each thing follows")
    func resume() async throws {
        let harness = try await Self.harness([.text("One ", "two."), .text("Three.")])
        let ann = try await harness.person()
        let first = try await ann.chat()
        let second = try await ann.chat()
        let query = [("chats", "\(first),\(second)"), ("tickets", "s/1"), ("approvals", "1")]
        try await harness.running {
            try await Self.submit("uptime", ann)
            try await eventually("the ticket is over") {
                try await ann.api(.get, "/v1/sessions/s/tickets/1")["state"]?.string == "exited"
            }
            for number in 1...3 { try await Self.submit("ask \(number)", ann) }
            for chat in [first, second] {
                _ = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: Self.ask)
            }
            let isAll: ([LiveEvent]) -> Bool = { events in
                events.filter { $0.json["event"]?.string == "turn.finished" }.count == 2
                    && events.contains { $0.json["data"]?["state"]?.string == "exited" }
                    && events.filter { $0.event == "approval" }.count == 3
            }
            let all = try await LiveStream.following(await ann.respond(.get, "/v1/events", query)) { stream in
                try await stream.until("all", isAll)
            }
            for (index, event) in all.enumerated() {
                // The list of what waits has no place to go on from before its end.
                guard let id = event.id, id.contains("-a") else { continue }
                let response = await ann.respond(.get, "/v1/events", query, headers: ["Last-Event-ID": id])
                let wanted = Self.told(Array(all[(index + 1)...]))
                let rest = try await LiveStream.following(response) { stream in
                    try await stream.until("the rest") { events in
                        Set(Self.told(events)).isSuperset(of: wanted)
                    }
                    // What is asked now comes after all that was there.
                    try await Self.submit("ask more \(index)", ann)
                    return try await stream.until("one more") { events in
                        events.contains { $0.json["command"]?.string == "ask more \(index)" }
                    }
                }
                let known = rest.filter { $0.json["command"]?.string?.hasPrefix("ask more") != true }
                #expect(Self.told(known).sorted() == wanted.sorted(), "after \(id)")
            }
            #expect(all.last?.id?.split(separator: "-").count == 4)
        }
    }

    @Test("what is not there or is somebody else's says so, and does not disturb the others")
    func gone() async throws {
        let harness = try await Self.harness([.text("Fine.")])
        let ann = try await harness.person()
        let bob = try await harness.person("bob")
        let mine = try await ann.chat()
        let foreign = try await bob.chat()
        try await harness.running {
            let query = [("chats", "\(foreign),99,\(mine)"), ("tickets", "s/7")]
            try await LiveStream.following(await ann.respond(.get, "/v1/events", query)) { stream in
                _ = try await ann.api(.post, "/v1/chats/\(mine)/turns", json: Self.ask)
                let events = try await stream.until("the chat that is there") { events in
                    events.contains { $0.json["event"]?.string == "turn.finished" }
                }
                let gone = events.filter { $0.event == "gone" }
                #expect(gone.compactMap { $0.json["chat"]?.integer } == [foreign, 99])
                #expect(
                    Set(gone.compactMap { $0.json["code"]?.string }) == [
                        "chat_not_found", "ticket_not_found",
                    ]
                )
                #expect(try await ann.api(.delete, "/v1/chats/\(mine)").status == 204)
                try await stream.until("the end of the chat") { events in
                    events.contains { $0.event == "gone" && $0.json["chat"]?.integer == mine }
                }
            }
        }
    }

    @Test("the stream ends with the sign-in, and needs the permission for each thing")
    func access() async throws {
        let harness = try await Self.harness([])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await LiveStream.following(await ann.respond(.get, "/v1/events", [("chats", "\(chat)")])) {
            stream in
            try await eventually("the stream is open") { harness.signIns.hub.streamCount == 1 }
            #expect(try await ann.api(.delete, "/v1/signin").status == 204)
            _ = try await stream.untilOver()
        }
        let reader = try await harness.program([.shellRead])
        let chatter = try await harness.program([.chat])
        for (caller, query, status, code) in [
            (reader, [("chats", "1")], 403, "permission_missing"),
            (chatter, [("tickets", "s/1")], 403, "permission_missing"),
            (chatter, [("approvals", "1")], 403, "sign_in_required"),
            (chatter, [], 400, "invalid_parameter"), (chatter, [("chats", "x")], 400, "invalid_parameter"),
            (reader, [("tickets", "s")], 400, "invalid_parameter"),
            (reader, [("tickets", "s/0")], 400, "invalid_ticket"),
            (chatter, [("chats", (1...33).map { "\($0)" }.joined(separator: ","))], 400, "invalid_parameter"),
            (chatter, [("chats", "1"), ("cursor", "x7.1")], 400, "invalid_event_id"),
        ] as [(AssistantCaller, [(String, String)], Int, String)] {
            let answer = try await caller.api(.get, "/v1/events", query)
            #expect(answer.status == status && answer.code == code, "\(query)")
        }
    }

    @Test("places are read as they were written, and nothing else is")
    func cursors() throws {
        let cursor = try FollowCursor("c7.120-t4.3.8812.running-t4.4.0.-a58")
        #expect(cursor.chats == [ChatID(7): 120] && cursor.approvals == 58)
        let session = SessionID(4)
        #expect(
            cursor.tickets == [
                TicketID(session: session, number: 3): TicketPlace(offset: 8_812, state: "running"),
                TicketID(session: session, number: 4): TicketPlace(offset: 0, state: nil),
            ]
        )
        for text in ["c7", "c7.x", "c-7.1", "t4.3.1", "a", "a1.2", "z1", "c7.1.2"] {
            #expect(throws: Failure.self, "\(text)") { try FollowCursor(text) }
        }
    }
}
