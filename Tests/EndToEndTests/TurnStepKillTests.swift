import CLinux
import Core
import HTTPClient
import Testing

/// Turns that wait, type and cancel: the server is killed at their steps, and when somebody ends them.
@Suite struct TurnStepKillTests {
    private static let lanes = 3

    private static func call(_ name: String, _ arguments: JSONValue) -> String {
        let text = String(decoding: arguments.bytes, as: UTF8.self)
        return #"{ calls: [{ name: "\#(name)", arguments: \#(text) }], usage: { input: 1, output: 1 } }"#
    }

    private static func reading(_ folder: WorkFolder) -> String {
        let command = "read -r x; echo \"got $x\" >> \(folder.file("witness"))"
        return call("shell", ["command": .string(command), "interactive": true, "wait": 0.05])
    }

    private static let typing = call("ticket_input", ["ticket": "chat-1/1", "text": "typed\n"])

    /// A command that is typed into, and one in the background that is ended.
    private static func script(_ folder: WorkFolder) -> String {
        let steps = [
            reading(folder), typing, call("ticket_output", ["ticket": "chat-1/1", "wait": 60]),
            call("shell", ["command": "sleep 600", "background": true, "wait": 0.05]),
            call("ticket_cancel", ["ticket": "chat-1-bg/1"]), #"{ text: ["Done."] }"#,
        ]
        return "{ shell_tool: false, answers: [\(steps.joined(separator: ", "))] }"
    }

    @Test(arguments: 0..<lanes)
    func aServerThatDiesAtTheStepOfAnyToolGoesOn(lane: Int) async throws {
        let point = "server-before-turn-record"
        var number = lane + 1
        while try await TurnKillTests.dies(
            at: point,
            number,
            Self.script,
            { seen, chat, person in
                #expect(chat == 1)
                let end = try #require(seen.texts.last)
                #expect(end.contains(#""state":"completed""#), "\(end), \(point):\(number)")
                let witness = person.server.folder.file("witness")
                #expect(Files.lines(witness) == ["got typed"], "it was typed once, \(point):\(number)")
                for (session, state) in [("chat-1", "exited"), ("chat-1-bg", "cancelled")] {
                    let tickets = try await person.call("GET", "/v1/sessions/\(session)/tickets").json[
                        "tickets"
                    ]?.array
                    #expect(tickets?.count == 1 && tickets?.first?["state"]?.string == state, "\(number)")
                }
                let open = try await person.call("GET", "/v1/approvals?state=awaiting")
                #expect(open["approvals"]?.array?.isEmpty == true, "\(number)")
            }
        ) { number += Self.lanes }
        #expect(number > 20, "the turn was over after \(number) steps")
    }

    // MARK: Ending a turn

    /// Follows a chat until an event, from its beginning.
    private static func follow(
        _ chat: Int64,
        _ person: Person,
        until isLast: (ServerSentEvent) -> Bool
    ) async throws -> [String] {
        var texts: [String] = []
        try await person.follow(chat) { event in
            texts.append(event.event + " " + event.data)
            return isLast(event)
        }
        return texts
    }

    private static func awaiting(_ person: Person) async throws -> [JSONValue] {
        try await person.call("GET", "/v1/approvals?state=awaiting")["approvals"]?.array ?? []
    }

    @Test("a wish to end a turn outlives a server that dies right after it was stored")
    func cancelAndKill() async throws {
        let script: (WorkFolder) -> String = { folder in
            """
            { answers: [{ calls: [{ commands: ["echo 1 >> \(folder.file("witness"))"] }] },
                { calls: [{ commands: ["echo 2 >> \(folder.file("witness"))"] }] }, { text: ["No."] }] }
            """
        }
        try await TestServer.withScript(script) { server, person in
            let chat = try await person.makeChat()
            server.set("DECKHAND_KILL_AT", "server-after-cancel-mark")
            try await server.restart()
            let turn = try #require(try await person.say("Do it.", in: chat)["id"]?.integer)
            _ = try await Self.follow(chat, person) { $0.data.contains(#""awaiting_approval""#) }
            await #expect(throws: (any Error).self) {
                _ = try await person.call("POST", "/v1/turns/\(turn)/cancel?wait=0", [:])
            }
            #expect(try await server.child?.wait(within: .seconds(60)) == .signalled(SIGKILL))
            server.set("DECKHAND_KILL_AT", "")
            try await server.start()
            let events = try await Self.follow(chat, person) { $0.event == "turn.finished" }
            #expect(events.last?.contains(#""state":"cancelled""#) == true)
            #expect(events.filter { $0.hasPrefix("model.started") }.count == 1)
            #expect(try await Self.awaiting(person).isEmpty)
            let tickets = try await person.call("GET", "/v1/sessions/chat-\(chat)/tickets").json["tickets"]
            #expect(tickets?.array?.compactMap { $0["state"]?.string } == ["cancelled"])
            #expect(Files.lines(server.folder.file("witness")).isEmpty)
        }
    }

    @Test("a question about input is one question over a kill, and closes with its turn; the ticket goes on")
    func inputOfAnEarlierTurn() async throws {
        let typing = Self.call("ticket_input", ["ticket": "s/1", "text": "typed\n"])
        try await TestServer.withScript("{ answers: [\(typing), { text: [\"No.\"] }] }") { server, person in
            let command = "read -r x; echo \"got $x\" >> \(server.folder.file("witness"))"
            let ticket = try await server.submit(command, session: "s", ["input": ["open": true]])
            let chat = try await person.makeChat()
            let turn = try #require(try await person.say("Type.", in: chat)["id"]?.integer)
            _ = try await Self.follow(chat, person) { $0.data.contains(#""waiting":true"#) }
            let first = try await Self.awaiting(person)
            #expect(first.count == 1 && first.first?["subject"]?.string == "input")
            try await server.restart()
            // It waits again once the step is repeated; it is the same question all the time.
            _ = try await Self.follow(chat, person) { $0.event == "turn.resumed" }
            #expect(try await Self.awaiting(person).map { $0["id"] } == first.map { $0["id"] })
            let cancelled = try await person.call("POST", "/v1/turns/\(turn)/cancel", [:])
            #expect(cancelled.status == 200 && cancelled["state"]?.string == "cancelled")
            #expect(try await Self.awaiting(person).isEmpty)
            #expect(try await server.look(ticket)["state"]?.string == "running")
            #expect(Files.lines(server.folder.file("witness")).isEmpty)
        }
    }
}
