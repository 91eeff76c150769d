import CLinux
import Core
import HTTPClient
import TestSupport
import Testing

/// The whole server with the real Codex CLI; nothing leaves the machine.
@Suite struct CodexTests {
    @Test func aPersonConnectsChatsAndDisconnects() async throws {
        try await CodexServer.with { world in
            let person = world.person
            let before = try await person.call("GET", "/v1/ai/account")
            #expect(before["accounts"]?.array?.first?["state"]?.string == "disconnected")
            let begun = try await person.call("POST", "/v1/ai/account/login", ["provider": "codex"])
            #expect(begun["url"]?.string == world.services.url + "/codex/device")
            #expect(begun["code"]?.string == "CODE-1")
            let login = try #require(begun["login"]?["id"]?.integer)
            try await world.reaches("connected", login)
            let shown = try await person.call("GET", "/v1/ai/account/login/\(login)")
            #expect(!shown.text.contains("CODE-1") && !shown.text.contains(world.services.url))

            let account = try await person.call("GET", "/v1/ai/account")
            #expect(account["default_provider"]?.string == "codex")
            #expect(account["accounts"]?.array?.first?["plan"]?.string == "plus")
            let limits = try await person.call("GET", "/v1/ai/account/limits")
            #expect(limits["primary"]?["used_percent"]?.integer == 12, "\(limits.text)")
            let models = try await person.call("GET", "/v1/ai/models")
            #expect(models.text.contains("codex/gpt-5.5"))
            let choice = try await person.call("PUT", "/v1/ai/account/model", ["model": "codex/gpt-5.5"])
            #expect(choice.status == 200, "\(choice.text)")

            #expect(try await Self.ask("hello", person).contains("You said: hello"))
            for text in [account.text, limits.text, models.text, shown.text] {
                #expect(!text.contains(world.profiles) && !text.contains(CodexStandIn.secretMark))
            }
            let out = try await person.call("POST", "/v1/ai/account/logout", [:])
            #expect(out.status == 204, "\(out.text)")
            #expect(world.profileNames == [] && world.processes == [])
            #expect(try await Self.ask("hello", person).contains("account_not_connected"))
            let log = Files.text(world.server.log)
            #expect(!log.contains(CodexStandIn.secretMark) && !log.contains("CODE-1"))
        }
    }

    @Test func aLoginThatIsOpenWhenTheServerIsKilledIsExpiredAndLeavesNothing() async throws {
        let services = CodexStandIn()
        services.login = .waiting
        try await CodexServer.with(services) { world in
            let begun = try await world.person.call("POST", "/v1/ai/account/login", [:])
            let login = try #require(begun["login"]?["id"]?.integer, "\(begun.text)")
            let second = try await world.person.call("POST", "/v1/ai/account/login", [:])
            #expect(second.status == 409 && second.text.contains("login_pending"))
            #expect(world.profileNames.count == 1 && !world.processes.isEmpty)
            try await world.server.kill()
            try await EndToEndTests.eventually("no process is left") { world.processes.isEmpty }
            try await world.server.start()
            try await world.reaches("expired", login)
            try await EndToEndTests.eventually("no profile is left") { world.profileNames == [] }
            let third = try await world.person.call("POST", "/v1/ai/account/login", [:])
            let other = try #require(third["login"]?["id"]?.integer, "\(third.text)")
            let given = try await world.person.call("DELETE", "/v1/ai/account/login/\(other)")
            #expect(given["state"]?.string == "cancelled")
            #expect(world.profileNames == [] && world.processes == [])
        }
    }

    @Test func aDeniedLoginSaysSoAndLeavesNothing() async throws {
        let services = CodexStandIn()
        services.login = .denied
        try await CodexServer.with(services) { world in
            let begun = try await world.person.call("POST", "/v1/ai/account/login", [:])
            let login = try #require(begun["login"]?["id"]?.integer, "\(begun.text)")
            try await world.reaches("failed", login)
            let shown = try await world.person.call("GET", "/v1/ai/account/login/\(login)")
            #expect(shown["reason"]?.string == "login_denied")
            try await EndToEndTests.eventually("nothing is left") {
                world.profileNames == [] && world.processes == []
            }
        }
    }

    @Test(arguments: ["server-before-turn-record", "server-after-turn-record"])
    func aServerThatDiesInACodexTurnGoesOnWithWhatIsRecorded(point: String) async throws {
        var number = 1
        while try await Self.dies(at: point, number) { number += 1 }
        // A call, a command and an answer have more steps than this; fewer would mean that nothing was tried.
        #expect(number > 5, "the turn was over after \(number) steps")
    }

    // MARK: Parts

    /// What came of a message: all events of its turn as text.
    private static func ask(_ text: String, _ person: Person) async throws -> String {
        let chat = try await person.makeChat()
        _ = try await person.say(text, in: chat)
        var events = ""
        try await person.follow(chat) { event in
            events += event.event + " " + event.data + "\n"
            return event.event == "turn.finished"
        }
        return events
    }

    /// Runs a turn that calls a tool with a kill at the nth time that a point is reached; says whether it was reached.
    private static func dies(at point: String, _ number: Int) async throws -> Bool {
        var died = false
        try await CodexServer.with { world in
            let (server, person) = (world.server, world.person)
            try await world.connect()
            let witness = server.folder.file("witness")
            let chat = try await person.makeChat()
            server.set("DECKHAND_KILL_AT", "\(point):\(number)")
            try await server.restart()
            var isOver = false
            var last: Int64 = 0
            var answer = ""
            while !isOver {
                do {
                    _ = try await person.say(
                        #"call shell {"command":"echo x >> \#(witness)"}"#,
                        in: chat,
                        key: "once"
                    )
                    try await person.decideAll()
                    try await person.follow(chat, after: last) { event in
                        last = Int64(event.id) ?? last
                        if event.data.contains(#""awaiting_approval""#) { try await person.decideAll() }
                        if event.event == "model.finished" { answer = event.data }
                        isOver = event.event == "turn.finished"
                        if isOver { #expect(event.data.contains(#""state":"completed""#), "\(event.data)") }
                        return isOver
                    }
                } catch {
                    let ended = try await server.child?.wait(within: .seconds(60))
                    guard ended == .signalled(SIGKILL), !died else { throw error }
                    died = true
                    server.set("DECKHAND_KILL_AT", "")
                    try await EndToEndTests.eventually("its program ends with it") { world.processes.isEmpty }
                    try await server.start()
                }
            }
            #expect(Files.lines(witness) == ["x"], "the command ran once, \(point):\(number)")
            #expect(answer.contains("Seen: "), "\(answer), \(point):\(number)")
            // The last request may be the one for a title.
            let results = world.services.requests.map { request in
                (request.body["input"]?.array ?? []).count { $0["type"]?.string == "function_call_output" }
            }
            #expect(results.max() == 1, "the model saw one result, \(point):\(number)")
        }
        return died
    }
}
