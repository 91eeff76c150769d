import Core
import HTTPClient
import Testing

/// A person and the assistant of the built program: asking, watching, deciding, coming back.
@Suite struct AssistantTests {
    /// A command that leaves a mark, then an answer in two pieces.
    private static func script(_ folder: WorkFolder) -> String {
        """
        { answers: [
            { calls: [{ commands: ["echo changed >> \(folder.file("mark")); cat \(folder.file("mark"))"] }] },
            { text: ["It is ", "done."] },
        ] }
        """
    }

    private struct Told: Equatable {
        var id: String
        var event: String
        var data: String

        init(_ event: ServerSentEvent) { (id, self.event, data) = (event.id, event.event, event.data) }

        var json: JSONValue { (try? JSONValue(parsing: Array(data.utf8))) ?? .null }
    }

    /// Events of a stream until one is the last that is wanted.
    private static func events(
        _ person: Person,
        _ path: String,
        posting body: JSONValue? = nil,
        after last: String? = nil,
        until isLast: (Told) async throws -> Bool
    ) async throws -> [Told] {
        var headers = [(name: "Authorization", value: "Bearer \(person.token)")]
        if let last { headers.append(("Last-Event-ID", last)) }
        let response = try await TestServer.client.send(
            HTTPClientRequest(
                body == nil ? "GET" : "POST",
                person.server.baseURL + path,
                headers: headers,
                body: body?.bytes
            )
        )
        try #require(response.status == 200)
        var all: [Told] = []
        var events = response.body.events().makeAsyncIterator()
        while let event = try await events.next() {
            all.append(Told(event))
            if try await isLast(Told(event)) { return all }
        }
        throw TestTrouble("the stream ended after \(all.map(\.event))")
    }

    @Test("an answer streams, its command waits for a yes, and who comes back gets exactly the rest")
    func wholeTurn() async throws {
        try await TestServer.withScript(Self.script) { _, person in
            let chat = try await person.makeChat()
            let all = try await Self.events(
                person,
                "/v1/chats/\(chat)/turns",
                posting: ["message": "Change it.", "stream": true]
            ) { event in
                if event.event == "tool.ticket", event.json["approval"] != nil {
                    try await person.decideAll()
                }
                return event.event == "turn.finished"
            }
            #expect(all.first?.event == "turn.started")
            let result = try #require(all.first { $0.event == "tool.finished" })
            #expect(result.json["stdout"]?.string == "changed\n" && result.json["exit_code"]?.integer == 0)
            let said = all.filter { $0.event == "text" }.compactMap { $0.json["text"]?.string }.joined()
            #expect(said == "It is done.")
            #expect(all.map(\.id) == (1...all.count).map(String.init))
            for index in all.indices {
                let wanted = Array(all[(index + 1)...])
                guard let last = wanted.last else { break }
                let path = "/v1/chats/\(chat)/events"
                let rest = try await Self.events(person, path, after: all[index].id) { $0 == last }
                #expect(rest == wanted, "after \(all[index].id)")
            }
        }
    }

    @Test("a server that is killed while a command waits goes on when it is back; the stream has no gap")
    func killedWhileWaiting() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let chat = try await person.makeChat()
            let path = "/v1/events?chats=\(chat)&approvals=1"
            _ = try await person.say("Change it.", in: chat)
            var seen = try await Self.events(person, path) { event in
                event.event == "chat" && event.json["data"]?["approval"] != nil
            }
            try await server.restart()
            try await person.decideAll()
            seen += try await Self.events(person, path, after: seen.last?.id) { event in
                event.json["event"]?.string == "turn.finished"
            }
            let numbers = seen.filter { $0.event == "chat" }.compactMap { $0.json["number"]?.integer }
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
            let kinds = seen.compactMap { $0.json["event"]?.string }
            #expect(kinds.filter { $0 == "tool.finished" }.count == 1)
            let page = try await person.call("GET", "/v1/chats/\(chat)/events?format=json&limit=1000")
            #expect(page["events"]?.array?.compactMap { $0["number"]?.integer } == numbers)
            let result = page["events"]?.array?.first { $0["event"]?.string == "tool.finished" }
            #expect(result?["data"]?["stdout"]?.string == "changed\n", "it ran once")
        }
    }

    /// Exports what would change a plain `ls`, then runs it without and with a person's yes.
    private static func exports(_ folder: WorkFolder) -> String {
        let ls = folder.file("bin/ls")
        let attack = """
            mkdir -p \(folder.file("bin")); printf 'echo planted' > \(ls); chmod +x \(ls); cd /usr; export MARK=1
            export PATH=\(folder.file("bin")):$PATH BASH_ENV=\(ls); ls() { echo function; }; export -f ls
            """
        let commands = [attack, "ls -d /etc/passwd", "pwd; echo $MARK; ls -d /etc/passwd"]
        let calls = commands.map { command in
            let list = String(decoding: JSONValue.array([.string(command)]).bytes, as: UTF8.self)
            return "{ calls: [{ commands: \(list) }] },"
        }
        return "{ answers: [\(calls.joined()) { text: [\"Done.\"] }] }"
    }

    @Test("what an approved command exported does not change what an allowed one runs")
    func exported() async throws {
        try await TestServer.withScript(Self.exports) { _, person in
            let chat = try await person.makeChat()
            var asked: Set<Int64> = []
            let all = try await Self.events(
                person,
                "/v1/chats/\(chat)/turns",
                posting: ["message": "Look.", "stream": true]
            ) { event in
                if event.event == "tool.ticket", let approval = event.json["approval"]?.integer {
                    asked.insert(approval)
                    try await person.decideAll()
                }
                return event.event == "turn.finished"
            }
            let outputs = all.filter { $0.event == "tool.finished" }.map { $0.json["stdout"]?.string }
            #expect(outputs == ["", "/etc/passwd\n", "/usr\n1\n/etc/passwd\n"])
            #expect(asked.count == 2, "a rule allows the second")
        }
    }

    @Test("a person who has only the link signs in there, sees the command and approves it")
    func approvalPage() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let chat = try await person.makeChat()
            var hasDecided = false
            let all = try await Self.events(
                person,
                "/v1/chats/\(chat)/turns",
                posting: ["message": "Change it.", "stream": true]
            ) { event in
                if event.event == "tool.ticket", !hasDecided, let id = event.json["approval"]?.integer {
                    hasDecided = true
                    try await Self.approve(server, "\(server.baseURL)/approve/\(id)")
                }
                return event.event == "turn.finished"
            }
            #expect(all.last?.json["state"]?.string == "completed")
            #expect(all.first { $0.event == "tool.finished" }?.json["stdout"]?.string == "changed\n")
        }
    }

    private static func approve(_ server: TestServer, _ link: String) async throws {
        let lines = Files.lines(server.folder.file("server.out")).map(\.trimmed)
        let line = try #require(lines.first { $0.hasPrefix("passphrase: ") })
        let stranger = try await server.send("GET", link)
        #expect(stranger.text.contains("Sign in to decide") && !stranger.text.contains("changed"))
        let signedIn = try await post(
            server,
            link + "/signin",
            [("username", "admin"), ("passphrase", String(line.dropFirst("passphrase: ".count)))]
        )
        #expect(signedIn.status == 303)
        let cookie = String(try #require(signedIn.header("Set-Cookie")).prefix { $0 != ";" })
        let page = try await server.send("GET", link, headers: [("Cookie", cookie)])
        let mark = server.folder.file("mark")
        #expect(page.text.contains("<pre>echo changed &gt;&gt; \(mark); cat \(mark)</pre>"))
        let fields = [
            ("csrf_token", try field("csrf_token", page)), ("digest", try field("digest", page)),
            ("decision", "approve"),
        ]
        let decided = try await post(server, link, fields, cookie: cookie)
        #expect(decided.status == 303 && decided.header("Location")?.hasPrefix("/approve/") == true)
        let after = try await server.send("GET", link, headers: [("Cookie", cookie)])
        #expect(after.text.contains("Decided by you at"))
    }

    private static func post(
        _ server: TestServer,
        _ url: String,
        _ fields: [(String, String)],
        cookie: String? = nil
    ) async throws -> Answer {
        var headers = [
            (name: "Content-Type", value: "application/x-www-form-urlencoded"),
            (name: "Origin", value: server.baseURL),
        ]
        if let cookie { headers.append(("Cookie", cookie)) }
        return try await server.send("POST", url, headers: headers, body: Array(Escaping.query(fields).utf8))
    }

    private static func field(_ name: String, _ page: Answer) throws -> String {
        let start = try #require(page.text.firstRange(of: "name=\"\(name)\" value=\"")).upperBound
        return String(page.text[start...].prefix { $0 != "\"" })
    }
}
