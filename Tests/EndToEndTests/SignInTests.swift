import Core
import HTTPClient
import enum TestSupport.Pace
import Testing

/// Operators who sign in at a server of the built program.
@Suite struct SignInTests {
    private static func firstPassphrase(_ server: TestServer) throws -> String {
        let lines = Files.lines(server.folder.file("server.out")).map(\.trimmed)
        let line = try #require(lines.first { $0.hasPrefix("passphrase: ") }, "\(lines)")
        return String(line.dropFirst("passphrase: ".count))
    }

    private static func signIn(_ server: TestServer, _ passphrase: String, _ kind: String) async throws
        -> Answer
    {
        let body: JSONValue = [
            "username": "admin", "passphrase": .string(passphrase), "kind": .string(kind),
        ]
        return try await server.send("POST", server.baseURL + "/v1/signin", body: body.bytes)
    }

    @Test func theFirstPassphraseSignsInAndTheSignInOutlivesTheServer() async throws {
        try await TestServer.with { server in
            let passphrase = try Self.firstPassphrase(server)
            #expect(try await Self.signIn(server, passphrase + "x", "browser").status == 401)
            let begun = try await Self.signIn(server, passphrase, "browser")
            #expect(begun.status == 200)
            let cookie = try #require(begun.header("Set-Cookie")).prefix { $0 != ";" }
            let headers = [(name: "Cookie", value: String(cookie))]
            let token = try #require(try await Self.signIn(server, passphrase, "client")["token"]?.string)
            try await server.restart()
            let current = try await server.send("GET", server.baseURL + "/v1/signin", headers: headers)
            #expect(current["operator"]?["name"]?.string == "admin")
            #expect(current["csrf_token"]?.string == begun["csrf_token"]?.string)
            #expect(try await server.call("GET", "/v1/sessions", bearer: token).status == 200)

            // The passphrase was told once; it and what was given for it stay out of logs and files.
            let told = Files.text(server.folder.file("server.out"))
            #expect(told.split(separator: passphrase, omittingEmptySubsequences: false).count == 2)
            let log = Files.text(server.log)
            for secret in [passphrase, String(cookie.drop { $0 != "=" }.dropFirst()), token] {
                #expect(!log.contains(secret))
                for name in Files.names(in: server.data) {
                    let bytes = Files.bytes(server.data + "/" + name) ?? []
                    #expect(!bytes.contains(Array(secret.utf8)), "\(name)")
                }
            }
        }
    }

    @Test func whoIsShutOutFromTheCommandLineLosesOpenStreams() async throws {
        try await TestServer.with { server in
            let passphrase = try Self.firstPassphrase(server)
            let token = try #require(try await Self.signIn(server, passphrase, "client")["token"]?.string)
            let ticket = try await server.submit("echo ready; sleep 300")
            try await server.wait(ticket, toPrint: "ready")
            let url = server.baseURL + ticket.path + "/events"
            let mine = HTTPClientRequest("GET", url, headers: [("Authorization", "Bearer \(token)")])
            let response = try await TestServer.client.send(mine)
            #expect(response.status == 200)
            async let ended = Self.end(of: response)
            let run = try await server.deckhand("user", "disable", "admin")
            let disabled = ContinuousClock.now
            #expect(run.code == 0, "\(run.errors)")
            let refused = try await server.call("GET", "/v1/sessions", bearer: token)
            #expect(refused.status == 401 && refused["code"]?.string == "sign_in_ended")
            let time = try await ended - disabled
            #expect(time < (try await Pace.stretched(.seconds(1))), "after the command that changed it")
            #expect(try await server.state(ticket) == "running")
            #expect(try await Self.signIn(server, passphrase, "client").status == 401)

            #expect(try await server.deckhand("user", "enable", "admin").code == 0)
            #expect(try await server.call("GET", "/v1/sessions", bearer: token).status == 401)
            #expect(try await Self.signIn(server, passphrase, "client").status == 200)
            _ = try await server.call("POST", ticket.path + "/cancel")
        }
    }

    @Test func aNewPassphraseEndsWhatWasOpenWithTheOldOne() async throws {
        try await TestServer.withScript(#"{ answers: [{ text: ["Hello."] }] }"#) { server, person in
            let chat = try await person.makeChat()
            let headers = [("Authorization", "Bearer \(person.token)")]
            var streams: [HTTPClientResponse] = []
            for path in ["/v1/chats/\(chat)/events", "/v1/events?chats=\(chat)"] {
                let url = server.baseURL + path
                streams.append(
                    try await TestServer.client.send(HTTPClientRequest("GET", url, headers: headers))
                )
            }
            #expect(streams.map(\.status) == [200, 200])
            let (first, second) = (streams[0], streams[1])
            async let firstEnd = Self.end(of: first)
            async let secondEnd = Self.end(of: second)
            try server.folder.write("three other words here\n", to: "passphrase")
            let input = server.folder.file("passphrase")
            let run = try await server.deckhand("user", "passwd", "admin", input: input)
            let changed = ContinuousClock.now
            #expect(run.code == 0, "\(run.errors)")
            let limit = try await Pace.stretched(.seconds(1))
            #expect(try await firstEnd - changed < limit)
            #expect(try await secondEnd - changed < limit)
            #expect(try await person.call("GET", "/v1/chats").status == 401)
            #expect(try await Self.signIn(server, "three other words here", "client").status == 200)
        }
    }

    /// When a stream ended, whether in order or cut off.
    private static func end(of response: HTTPClientResponse) async throws -> ContinuousClock.Instant {
        do { for try await _ in response.body.events() {} } catch is CancellationError {
            throw CancellationError()
        } catch {}
        return ContinuousClock.now
    }
}
