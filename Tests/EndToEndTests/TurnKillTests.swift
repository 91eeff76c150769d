import CLinux
import Core
import HTTPClient
import Testing

/// The server is killed at each recorded step of a turn with three commands, on the way of each of them, and started again.
@Suite struct TurnKillTests {
    private static let points = [
        "server-before-turn-record", "server-after-turn-record", "server-after-turn-deltas",
    ]
    private static let lanes = 3

    /// What a client saw of a chat, over all lives of the server.
    struct Seen: Equatable {
        var ids: [Int64] = []
        var texts: [String] = []

        var last: Int64 { ids.last ?? 0 }
        mutating func take(_ event: ServerSentEvent) {
            ids.append(Int64(event.id) ?? -1)
            texts.append(event.event + " " + event.data)
        }
    }

    private static func script(_ folder: WorkFolder) -> String {
        let witness = folder.file("witness")
        // One call has two commands.
        let rounds = [[1], [2, 3]].enumerated().map { index, numbers in
            let commands = numbers.map { "\"echo \($0) >> \(witness)\"" }.joined(separator: ", ")
            return """
                { reasoning: ["Thinking."], text: ["Step ", "\(index + 1)."],
                  calls: [{ commands: [\(commands)] }], usage: { input: 10, output: 5 } }
                """
        }
        let end = #"{ text: ["All three ", "are done."], usage: { input: 10, output: 5 } }"#
        return "{ answers: [\((rounds + [end]).joined(separator: ", "))] }"
    }

    /// Runs the turn with a kill at the nth time that a point is reached; says whether it was reached.
    private static func dies(at point: String, _ number: Int) async throws -> Bool {
        try await dies(at: point, number, script) { seen, chat, person in
            let witness = person.server.folder.file("witness")
            try await check(seen, of: chat, witness, person, "\(point):\(number)")
        }
    }

    /// The same with a turn of one's own.
    static func dies(
        at point: String,
        _ number: Int,
        _ script: (WorkFolder) -> String,
        _ check: (Seen, Int64, Person) async throws -> Void
    ) async throws -> Bool {
        try await TestServer.withScript(script) { server, person in
            let chat = try await person.makeChat()
            server.set("DECKHAND_KILL_AT", "\(point):\(number)")
            try await server.restart()
            var deaths = 0
            var seen = Seen()
            var isAsked = false
            var isOver = false
            while !isOver {
                do {
                    if !isAsked { _ = try await person.say("Do it.", in: chat, key: "once") }
                    isAsked = true
                    try await person.decideAll()
                    try await person.follow(chat, after: seen.last) { event in
                        seen.take(event)
                        if event.data.contains(#""awaiting_approval""#)
                            || event.data.contains(#""waiting":true"#)
                        {
                            try await person.decideAll()
                        }
                        isOver = event.event == "turn.finished"
                        return isOver
                    }
                } catch {
                    let ended = try await server.child?.wait(within: .seconds(60))
                    guard ended == .signalled(SIGKILL) else { throw error }
                    deaths += 1
                    try #require(deaths == 1, "it dies once")
                    server.set("DECKHAND_KILL_AT", "")
                    try await server.start()
                }
            }
            #expect(
                seen.ids == Array(1...seen.last),
                "no event is lost, doubled or renumbered, \(point):\(number)"
            )
            try await check(seen, chat, person)
            return deaths > 0
        }
    }

    private static func check(
        _ seen: Seen,
        of chat: Int64,
        _ witness: String,
        _ person: Person,
        _ what: String
    ) async throws {
        #expect(Files.lines(witness) == ["1", "2", "3"], "each command ran once, \(what)")
        var stored = Seen()
        try await person.follow(chat) { event in
            stored.take(event)
            return event.event == "turn.finished"
        }
        #expect(stored == seen, "what was shown is what is stored, \(what)")
        let end = try #require(seen.texts.last)
        #expect(end.contains(#""state":"completed""#), "\(end), \(what)")
        let tickets = try await person.call("GET", "/v1/sessions/chat-\(chat)/tickets").json["tickets"]?.array
        #expect(tickets?.count == 3, "\(what)")
        let answer = seen.texts.last { $0.hasPrefix("model.finished") }
        #expect(answer?.contains("All three are done.") == true, "\(what)")
    }

    /// Those of commands, each reached once for each of the three.
    @Test(arguments: KillMatrixTests.serverPoints)
    func aServerThatDiesOnACommandsWayGoesOnWithItsTurn(point: String) async throws {
        var number = 1
        while try await Self.dies(at: point, number) { number += 1 }
        #expect(number == 4, "\(point) was reached \(number - 1) times")
    }

    @Test(arguments: points, 0..<lanes)
    func aServerThatDiesInATurnGoesOnWithIt(point: String, lane: Int) async throws {
        var number = lane + 1
        while try await Self.dies(at: point, number) { number += Self.lanes }
        // Three rounds and an answer have more steps than this; fewer would mean that nothing was tried.
        #expect(number > 12, "the turn was over after \(number) steps")
    }

    // MARK: Calls beside the conversation

    private static let sidePoints = points + ["server-after-side-call"]
    private static let sideScript = #"""
        { answers: [{ text: ["An ", "answer."], usage: { input: 10, output: 5 } }],
          title: { text: ["A good title"], usage: { input: 3, output: 2 } },
          summary: { text: ["What was said."], usage: { input: 30, output: 20 } } }
        """#

    /// Follows a chat until an event, over the one death of the server.
    private static func seen(
        of chat: Int64,
        _ person: Person,
        from start: Seen = Seen(),
        asking text: String,
        until isLast: (ServerSentEvent) -> Bool
    ) async throws -> (seen: Seen, deaths: Int) {
        var (seen, deaths, isAsked, isOver) = (start, 0, false, false)
        while !isOver {
            do {
                if !isAsked {
                    _ = try await person.say(text, in: chat, key: String(text.prefix { $0 != " " }))
                }
                isAsked = true
                try await person.follow(chat, after: seen.last) { event in
                    seen.take(event)
                    isOver = isLast(event)
                    return isOver
                }
            } catch {
                let ended = try await person.server.child?.wait(within: .seconds(10))
                guard ended == .signalled(SIGKILL) else { throw error }
                deaths += 1
                try #require(deaths == 1, "it dies once")
                person.server.set("DECKHAND_KILL_AT", "")
                try await person.server.start()
            }
        }
        return (seen, deaths)
    }

    @Test(arguments: sidePoints)
    func aServerThatDiesWhileItSummarisesGoesOn(point: String) async throws {
        let settings = #"assistant: { contextBytes: 10000, titles: "first-line" },"#
        let long = String(repeating: " word", count: 1_200)
        var number = 1
        var dies = true
        while dies {
            dies = try await TestServer.withScript(Self.sideScript, settings: settings) { server, person in
                let chat = try await person.makeChat()
                var seen = Seen()
                for text in ["One" + long, "Two" + long] {
                    (seen, _) = try await Self.seen(of: chat, person, from: seen, asking: text) {
                        $0.event == "turn.finished"
                    }
                }
                server.set("DECKHAND_KILL_AT", "\(point):\(number)")
                try await server.restart()
                let (all, deaths) = try await Self.seen(of: chat, person, from: seen, asking: "Three") {
                    $0.event == "turn.finished"
                }
                #expect(
                    all.ids == Array(1...all.last),
                    "no event is lost, doubled or renumbered, \(point):\(number)"
                )
                let summaries = all.texts.filter { $0.hasPrefix("context.summarised") }
                #expect(summaries.count == 1, "\(point):\(number)")
                #expect(summaries.first?.contains("What was said.") == true)
                #expect(all.texts.last?.contains(#""state":"completed""#) == true, "\(point):\(number)")
                return deaths > 0
            }
            number += 1
        }
        #expect(number > (point == "server-after-side-call" ? 2 : 3), "nothing was tried")
    }

    @Test func aServerThatDiesWithATitleAsksOnceMore() async throws {
        try await TestServer.withScript(Self.sideScript) { server, person in
            let chat = try await person.makeChat()
            server.set("DECKHAND_KILL_AT", "server-after-side-call:1")
            try await server.restart()
            let (seen, deaths) = try await Self.seen(of: chat, person, asking: "Name this") {
                $0.event == "chat.titled" && $0.data.contains("A good title")
            }
            #expect(deaths == 1)
            #expect(seen.ids == Array(1...seen.last))
            let titles = seen.texts.filter { $0.hasPrefix("chat.titled") }
            #expect(titles.count == 2 && titles[0].contains("Name this"))
            #expect(titles[1].contains(#""turn":null"#))
            #expect(try await person.call("GET", "/v1/chats/\(chat)")["title"]?.string == "A good title")
        }
    }

    @Test func aPersonsNewTitleReachesWhoFollows() async throws {
        try await TestServer.withScript(Self.sideScript) { _, person in
            let chat = try await person.makeChat()
            _ = try await Self.seen(of: chat, person, asking: "Name this") {
                $0.event == "chat.titled" && $0.data.contains("A good title")
            }
            let renamed = try await person.call("PATCH", "/v1/chats/\(chat)", ["title": "Mine"])
            #expect(renamed.status == 200)
            var last = ""
            try await person.follow(chat) { event in
                last = event.data
                return event.event == "chat.titled" && event.data.contains("Mine")
            }
            #expect(last.contains("Mine"))
        }
    }
}
