import Core
import HTTPClient
import enum TestSupport.Pace
import class TestSupport.Recorder
import Testing

/// Open streams end with what let their readers in, within a second of the command that ended it.
@Suite struct StreamEndTests {
    /// A model that begins an answer and then says nothing more.
    private static let script = #"{ answers: [{ text: ["Well", ", I think"], hang: true }] }"#

    /// A stream: what it is asked with, and a word of what it says first.
    private struct Stream: Sendable {
        var path: String
        var body: JSONValue?
        var word: String
        var token: String
    }

    /// Opens streams, does something once all have begun, and gives when that was done and when each one ended.
    private static func ends(
        of streams: [Stream],
        at server: TestServer,
        after body: () async throws -> Void
    ) async throws -> (done: ContinuousClock.Instant, ends: [String: ContinuousClock.Instant]) {
        let begun = Recorder<String>()
        return try await withThrowingTaskGroup(of: (String, ContinuousClock.Instant).self) { group in
            for stream in streams {
                group.addTask {
                    (stream.path, try await follow(stream, at: server) { begun.record(stream.path) })
                }
            }
            defer { group.cancelAll() }
            try await eventually(within: .seconds(60), "streams") { begun.all.count == streams.count }
            try await body()
            let done = ContinuousClock.now
            var ends: [String: ContinuousClock.Instant] = [:]
            for try await (path, end) in group { ends[path] = end }
            return (done, ends)
        }
    }

    private static func follow(_ stream: Stream, at server: TestServer, _ begun: () -> Void) async throws
        -> ContinuousClock.Instant
    {
        let response = try await TestServer.client.send(
            HTTPClientRequest(
                stream.body == nil ? "GET" : "POST",
                server.baseURL + stream.path,
                headers: [
                    ("Authorization", "Bearer \(stream.token)"), ("Content-Type", "application/json"),
                ],
                body: stream.body?.bytes
            )
        )
        try #require(response.status == 200, "\(stream.path)")
        var isBegun = false
        do {
            for try await event in response.body.events() where !isBegun {
                guard event.data.contains(stream.word) else { continue }
                isBegun = true
                begun()
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {}
        return ContinuousClock.now
    }

    /// The streams of answers: the first seed's, the compatible ones, and the native one.
    private static func answers(_ chat: Int64, _ token: String, isSignIn: Bool) -> [Stream] {
        let said: JSONValue = ["role": "user", "content": "What now?"]
        let bodies: [(String, JSONValue)] = [
            ("/v1/chat/completions", ["messages": .array([said]), "stream": true]),
            ("/v1/responses", ["input": "What now?", "stream": true]),
            ("/v1/chats/\(chat)/turns", ["message": "What now?", "stream": true]),
        ]
        var streams = bodies.map { Stream(path: $0.0, body: $0.1, word: "Well", token: token) }
        if isSignIn {
            let seed: JSONValue = [
                "model": "scripted", "messages": .array([said]), "prompt": "What now?", "stream": true,
                "uniqueChatID": "float-admin", "serverUsername": "admin",
            ]
            streams.append(Stream(path: "/openai", body: seed, word: "Well", token: token))
        }
        return streams
    }

    /// How a sign-in is ended.
    enum Way: String, CaseIterable { case signOut, passphrase, disabling }

    @Test("answers end with the sign-in of who reads them", arguments: Way.allCases)
    func signIns(way: Way) async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let chat = try await person.makeChat()
            try server.folder.write("three other words here\n", to: "passphrase")
            let streams = Self.answers(chat, person.token, isSignIn: true)
            let result = try await Self.ends(of: streams, at: server) {
                switch way {
                case .signOut: #expect(try await person.call("DELETE", "/v1/signin").status == 204)
                case .passphrase:
                    let input = server.folder.file("passphrase")
                    let run = try await server.deckhand("user", "passwd", "admin", input: input)
                    #expect(run.code == 0, "\(run.errors)")
                case .disabling:
                    let run = try await server.deckhand("user", "disable", "admin")
                    #expect(run.code == 0, "\(run.errors)")
                }
            }
            let limit = try await Pace.stretched(.seconds(1))
            #expect(result.ends.count == 4)
            for (path, end) in result.ends { #expect(end - result.done < limit, "\(path)") }
            #expect(try await person.call("GET", "/v1/chats").status == 401)
        }
    }

    @Test("streams of a token end when it is revoked")
    func tokens() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let allow = "shell.read,shell.run,chat"
            let made = try await Tool(
                ["token", "create", "--json", "--name", "t", "--allow", allow],
                of: server
            ).finish()
            let id = try #require(made.json["id"]?.integer, "\(made.errors)")
            let token = try #require(made.json["token"]?.string)
            let other = try await server.token(allowing: allow)
            let chat = try #require(
                try await server.call("POST", "/v1/chats", [:], bearer: token)["id"]?.integer
            )
            let ticket = try await server.submit("echo ready; sleep 300")
            try await server.wait(ticket, toPrint: "ready")
            let events = ticket.path + "/events"
            let follow = "/v1/events?tickets=\(ticket.session)/\(ticket.number)"
            let streams =
                Self.answers(chat, token, isSignIn: false)
                + [events, follow].map { Stream(path: $0, word: "ready", token: token) }
            // Another token's stream stays.
            let stays = Stream(path: events, word: "ready", token: other)
            let isOver = Recorder<Bool>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let begun = Recorder<Bool>()
                group.addTask {
                    _ = try await Self.follow(stays, at: server) { begun.record(true) }
                    isOver.record(true)
                }
                try await eventually(within: .seconds(60), "the other stream") { !begun.all.isEmpty }
                let result = try await Self.ends(of: streams, at: server) {
                    let run = try await server.deckhand("token", "revoke", "\(id)")
                    #expect(run.code == 0, "\(run.errors)")
                }
                let limit = try await Pace.stretched(.seconds(1))
                #expect(result.ends.count == streams.count)
                for (path, end) in result.ends { #expect(end - result.done < limit, "\(path)") }
                #expect(isOver.all.isEmpty)
                #expect(try await server.state(ticket) == "running")
                _ = try await server.call("POST", ticket.path + "/cancel")
                try await group.waitForAll()
            }
        }
    }
}
