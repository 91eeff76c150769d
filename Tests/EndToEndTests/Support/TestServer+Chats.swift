import Core
import HTTPClient
import Testing

/// An operator who signed in at a server whose models play a script.
struct Person: Sendable {
    let server: TestServer
    let token: String

    func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        try await server.call(method, path, body, bearer: token)
    }

    /// Makes a chat and gives its number.
    func makeChat() async throws -> Int64 {
        let answer = try await call("POST", "/v1/chats", [:])
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(answer["id"]?.integer)
    }

    /// Sends a message; the same key again is the same turn.
    func say(_ text: String, in chat: Int64, key: String? = nil) async throws -> Answer {
        var body: [String: JSONValue] = ["message": .string(text)]
        body["key"] = key.map(JSONValue.string)
        let answer = try await call("POST", "/v1/chats/\(chat)/turns", .object(body))
        try #require(answer.status == 201 || answer.status == 200, "\(answer.text)")
        return answer
    }

    /// Answers everything that waits for a person.
    func decideAll(_ decision: String = "approve") async throws {
        let list = try await call("GET", "/v1/approvals?state=awaiting")
        for approval in list["approvals"]?.array ?? [] {
            guard let id = approval["id"]?.integer else { throw TestTrouble("no id in \(list.text)") }
            let shown = try await call("GET", "/v1/approvals/\(id)")
            guard let digest = shown["digest"]?.string else {
                throw TestTrouble("no digest in \(shown.text)")
            }
            let answer = try await call(
                "POST",
                "/v1/approvals/\(id)/decide",
                ["decision": .string(decision), "digest": .string(digest)]
            )
            try #require(answer.status == 200, "\(answer.text)")
        }
    }

    /// Hands over the events of a chat with higher numbers, live, until `receive` says that it has enough.
    ///
    /// Throws when the connection is lost before.
    func follow(
        _ chat: Int64,
        after last: Int64 = 0,
        below root: String = "/v1",
        _ receive: (ServerSentEvent) async throws -> Bool
    ) async throws {
        var headers = [(name: "Authorization", value: "Bearer \(token)")]
        if last > 0 { headers.append(("Last-Event-ID", String(last))) }
        let url = server.baseURL + "\(root)/chats/\(chat)/events"
        let response = try await TestServer.client.send(HTTPClientRequest("GET", url, headers: headers))
        try #require(response.status == 200)
        var events = response.body.events().makeAsyncIterator()
        while let event = try await events.next() {
            if try await receive(event) { return }
        }
        throw TestTrouble("the stream of events ended")
    }
}

extension TestServer {
    /// A server whose only provider plays `script`, and its first operator signed in.
    static func withScript<Value: Sendable>(
        _ script: String,
        settings: String = "",
        _ environment: [String: String] = [:],
        _ body: (TestServer, Person) async throws -> Value
    ) async throws -> Value {
        try await withScript({ _ in script }, settings: settings, environment, body)
    }

    /// The same with a script that names files of the server's folder.
    static func withScript<Value: Sendable>(
        _ script: (WorkFolder) -> String,
        settings: String = "",
        _ environment: [String: String] = [:],
        _ body: (TestServer, Person) async throws -> Value
    ) async throws -> Value {
        try await with(environment, starts: false) { server in
            let provider = "{ kind: \"scripted\", script: \(script(server.folder)) }"
            let file = "{ \(settings) providers: { demo: \(provider) } }"
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            return try await body(server, try await server.signInFirst())
        }
    }

    /// Signs in as the operator that the first start made.
    func signInFirst() async throws -> Person {
        let lines = Files.lines(folder.file("server.out")).map(\.trimmed)
        let line = try #require(lines.first { $0.hasPrefix("passphrase: ") }, "\(lines)")
        let body: JSONValue = [
            "username": "admin", "passphrase": .string(String(line.dropFirst("passphrase: ".count))),
            "kind": "client",
        ]
        let answer = try await send("POST", baseURL + "/v1/signin", body: body.bytes)
        return Person(server: self, token: try #require(answer["token"]?.string, "\(answer.text)"))
    }
}
