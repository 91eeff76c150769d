import CLinux
import Core
import FoundationEssentials
import HTTPClient
import struct TestSupport.OpenSSLTool
import enum TestSupport.Pace
import Testing

/// A business application at a server of the built program: it signs with the openssl program, and asks over HTTP.
@Suite("The AI layer of a business application")
struct AILayerTests {
    private static let answers = #"{ answers: [{ text: ["We ", "open at nine."] }] }"#
    private static let hanging = #"{ answers: [{ hang: true }] }"#
    /// What was said before a kill counts as an answer, so that the call that is made again may get the second one.
    private static let slow =
        #"{ answers: [{ text: ["Late ", "but there."], pace_ms: 2500 }, { text: ["Again."] }] }"#

    @Test("a user comes with a signed token, chats, and finds the chat again after a kill")
    func walk() async throws {
        try await HostApplication.with(script: Self.answers) { server, shop in
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
            let ann = try await shop.user("ann", brands: ["north"])
            let me = try await ann.call("GET", "/v1/ai/session")
            #expect(me["user"]?["role"]?.string == "brand_admin" && me["client"]?["ai"]?.bool == true)
            let made = try await ann.call("POST", "/v1/ai/chats", ["title": "Hours"])
            #expect(made.status == 201 && made["brand"]?.string == "north", "\(made.text)")
            let chat = try #require(made["id"]?.integer)
            let turn = try await ann.call(
                "POST",
                "/v1/ai/chats/\(chat)/turns",
                ["message": "When do you open?", "stream": true]
            )
            #expect(turn.text.contains("open at nine."), "\(turn.text)")
            try await server.restart()
            let events = try await ann.call("GET", "/v1/ai/chats/\(chat)/events?format=json")
            #expect(events.text.contains("We open at nine.") && events.text.contains("turn.finished"))
            let search = try await ann.call("GET", "/v1/ai/chats?search=nine")
            #expect(search["chats"]?.array?.count == 1)
            let markdown = try await ann.call("GET", "/v1/ai/chats/\(chat)/export")
            #expect(markdown.text.contains("We open at nine."))
            let once = try await ann.call("POST", "/v1/ai/chat", ["message": "Once more?"])
            #expect(once["message"]?["content"]?.string == "We open at nine.", "\(once.text)")

            let bob = try await shop.user("bob", brands: ["north"])
            #expect(try await bob.call("GET", "/v1/ai/chats/\(chat)").status == 404)
            #expect(try await bob.call("GET", "/v1/ai/chats")["chats"]?.array == [])
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["state": "suspended"]).status == 200)
            let suspended = try await ann.call("POST", "/v1/ai/chats/\(chat)/turns", ["message": "And now?"])
            #expect(suspended.status == 403 && suspended["code"]?.string == "client_suspended")
            #expect(try await ann.call("GET", "/v1/ai/chats/\(chat)").status == 200)
            #expect(try await ann.call("DELETE", "/v1/ai/session").status == 204)
            #expect(try await ann.call("GET", "/v1/ai/chats")["code"]?.string == "session_ended")
        }
    }

    @Test("nothing of the shell is there as soon as a business application is configured")
    func noShell() async throws {
        try await HostApplication.with(script: Self.answers) { server, shop in
            let paths = [
                "/shell?cmd=true&session=s", "/callback?session=s&ticket=1", "/history?session=s",
                "/terminal?session=s&ticket=1", "/v1/sessions", "/v1/sessions/s", "/v1/sessions/s/tickets",
                "/v1/sessions/s/tickets/1", "/v1/sessions/s/tickets/1/output", "/v1/secrets",
            ]
            let ann = try await shop.user("ann", brands: ["north"])
            for path in paths {
                let answer = try await server.call("GET", path)
                #expect(answer.status == 404, "\(path): \(answer.status)")
                #expect(try await ann.call("GET", path).status == 404, "\(path)")
            }
            let submitted = try await server.call("POST", "/v1/sessions/s/tickets", ["command": "true"])
            #expect(submitted.status == 404)
            let document = try await server.send("GET", server.baseURL + "/openapi.json").text
            #expect(!document.contains("/v1/sessions") && document.contains("/v1/ai/session"))
        }
        let settings = "settings: { shell: true },"
        try await HostApplication.with(script: Self.answers, settings: settings) { server, _ in
            let sessions = try await server.call("GET", "/v1/sessions")
            #expect(sessions.status == 200)
        }
    }

    @Test("what the application revokes ends within a second, streams and turns included")
    func revocation() async throws {
        try await HostApplication.with(script: Self.hanging) { _, shop in
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
            let ann = try await shop.user("ann", brands: ["north"])
            let chat = try #require(try await ann.call("POST", "/v1/ai/chats", [:])["id"]?.integer)
            let turn = try await ann.call("POST", "/v1/ai/chats/\(chat)/turns", ["message": "Wait."])
            let id = try #require(turn["id"]?.integer)
            let clock = ContinuousClock()
            let ended = try await withThrowingTaskGroup(of: ContinuousClock.Instant.self) { group in
                group.addTask {
                    // Cut, or ended with an event that says why.
                    _ = try? await ann.call("GET", "/v1/ai/chats/\(chat)/events")
                    return clock.now
                }
                try await Task.sleep(for: .milliseconds(300))
                let before = clock.now
                let answer = try await shop.call("DELETE", "/v1/ai/users/ann/sessions")
                #expect(answer["ended"]?.integer == 1)
                return try #require(try await group.next()) - before
            }
            #expect(ended < (try await Pace.stretched(.seconds(1))))
            #expect(try await ann.call("GET", "/v1/ai/session").status == 401)
            let again = try await shop.user("ann", brands: ["north"])
            try await eventually("the turn is over") {
                try await again.call("GET", "/v1/ai/turns/\(id)")["state"]?.string == "cancelled"
            }
        }
    }

    @Test("a turn goes on after a kill with today's rights, and not without them", arguments: [true, false])
    func resumption(isAllowed: Bool) async throws {
        try await HostApplication.with(script: Self.slow) { server, shop in
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
            let ann = try await shop.user("ann", brands: ["north"])
            let chat = try #require(try await ann.call("POST", "/v1/ai/chats", [:])["id"]?.integer)
            let turn = try await ann.call("POST", "/v1/ai/chats/\(chat)/turns", ["message": "Wait."])
            let id = try #require(turn["id"]?.integer)
            try await eventually("the model is called") {
                try await ann.call("GET", "/v1/ai/chats/\(chat)/events?format=json").text.contains(
                    "model.started"
                )
            }
            try await server.kill()
            if !isAllowed {
                // As if it had happened at another server of the same installation.
                _ = try await server.sqlite("update clients set state = 'suspended'")
            }
            try await server.start()
            try await eventually("the turn is over") {
                let state = try await ann.call("GET", "/v1/ai/turns/\(id)")["state"]?.string
                return state == (isAllowed ? "completed" : "failed")
            }
        }
    }
}

/// A business application: its key, and its server.
struct HostApplication: Sendable {
    static let issuer = "https://shop.example"

    let server: TestServer
    let openssl: OpenSSLTool

    /// A server at which the application is configured, with a provider that plays a script.
    static func with(
        script: String,
        settings: String = "",
        _ prepare: (TestServer) throws -> Void = { _ in },
        _ body: (TestServer, HostApplication) async throws -> Void
    ) async throws {
        let openssl = try OpenSSLTool()
        let publicKey = try await openssl.makeKey("shop", "ED25519")
        try await TestServer.with(starts: false) { server in
            let file = """
                { \(settings)
                  providers: { demo: { kind: "scripted", script: \(script) } },
                  \(try section(server.folder, publicKey)) }
                """
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try prepare(server)
            try await server.start()
            try await body(server, HostApplication(server: server, openssl: openssl))
        }
    }

    /// The section of the configuration that lets the application in.
    static func section(_ folder: WorkFolder, _ publicKey: String) throws -> String {
        try folder.write(publicKey, to: "shop.pem")
        return """
            hosts: { shop: { issuer: "\(issuer)", audience: "deckhand",
              keys: [{ id: "1", algorithm: "EdDSA", publicKeyFile: "\(folder.file("shop.pem"))" }] } }
            """
    }

    /// A token that the application signs.
    func token(_ claims: [String: JSONValue]) async throws -> String {
        let now = Int64(Date().timeIntervalSince1970)
        var members = claims
        members["iss"] = .string(Self.issuer)
        members["aud"] = "deckhand"
        members["iat"] = .integer(now)
        members["exp"] = .integer(now + 60)
        members["jti"] = .string(TextCoding.hex((0..<16).map { _ in UInt8.random(in: 0...255) }))
        return try await openssl.token(
            header: #"{"alg":"EdDSA","kid":"1","typ":"JWT"}"#,
            claims: String(decoding: JSONValue.object(members).bytes, as: UTF8.self),
            algorithm: "EdDSA",
            key: "shop"
        )
    }

    /// A call of the application's own backend.
    func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        let token = try await token(["sub": "backend", "use": "service"])
        return try await server.call(method, path, body, bearer: token)
    }

    /// A user who exchanged a token for a session.
    func user(_ subject: String, client: String = "acme", brands: [String], role: String = "brand_admin")
        async throws -> Person
    {
        let token = try await token([
            "sub": .string(subject), "client": .string(client), "role": .string(role),
            "brands": .array(brands.map(JSONValue.string)),
        ])
        let body = JSONValue.object(["token": .string(token)]).bytes
        let answer = try await server.send("POST", server.baseURL + "/v1/ai/session", body: body)
        return Person(server: server, token: try #require(answer["token"]?.string, "\(answer.text)"))
    }
}

extension TestServer {
    /// Runs a statement in the database of a server that is stopped; what it printed.
    func sqlite(_ statement: String) async throws -> String {
        let output = folder.file("sqlite-\(UInt32.random(in: 0...UInt32.max))")
        let process = try ChildProcess(
            ["/usr/bin/sqlite3", data + "/deckhand.sqlite", statement],
            environment: [:],
            directory: folder.path,
            standardOutput: output,
            standardError: folder.file("sqlite.err")
        )
        _ = try await process.wait()
        return Files.text(output)
    }
}
