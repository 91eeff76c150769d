import Core
import enum TestSupport.Pace
import struct TestSupport.OpenSSLTool
import Testing

/// What a vendor counts is what the usage rows say, whichever door the calls came through.
@Suite struct MeteredDoorsTests {
    private struct Row: Hashable {
        var door: String
        var outcome: String
        var input: Int
        var output: Int
    }

    @Test("calls on the wire and usage rows are the same, at every door")
    func everyDoor() async throws {
        let vendor = CountingVendor()
        let openssl = try OpenSSLTool()
        let publicKey = try await openssl.makeKey("shop", "ED25519")
        try await TestServer.with(["WIRE_KEY": "sk-counted-0123456789"], starts: false) { server in
            let provider = vendor.settings.dropLast() + ", key: {env: \"WIRE_KEY\"} }"
            let file = """
                { settings: { shell: true }, assistant: { contextBytes: 10000, titles: "model" },
                  providers: { wire: \(provider) },
                  \(try HostApplication.section(server.folder, publicKey)) }
                """
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            let admin = try await server.signInFirst()
            let shop = HostApplication(server: server, openssl: openssl)
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)

            try await Self.compatible(admin)
            try await Self.panel(admin)
            try await Self.users(try await shop.user("ann", brands: ["north"]))
            try await Self.chats(admin)

            // Titles come after the turns.
            let rows = try await eventually("a row for each call") { () -> [Row]? in
                let rows = try await Self.rows(server)
                let isWhole = rows.count == vendor.seen.count && !rows.contains { $0.outcome == "open" }
                let doors = Set(rows.map(\.door))
                return isWhole && doors.isSuperset(of: ["title", "summary"]) ? rows : nil
            }
            #expect(Set(rows.map(\.door)) == ["chat", "seed", "openai", "title", "summary"])
            #expect(rows.count { $0.outcome != "succeeded" } == 1, "the one that was asked again")
            // What failed has no count.
            let counted = rows.filter { $0.outcome == "succeeded" }.map { [$0.input, $0.output] }
            let billed = vendor.seen.dropFirst().map { [$0.input, $0.output] }
            #expect(Set(counted) == Set(billed) && counted.count == billed.count)
            #expect(vendor.seen.contains { $0.path.hasSuffix("/images/generations") })
            #expect(vendor.seen.contains { $0.path.hasSuffix("/images/edits") })
        }
    }

    /// /v1/chat/completions and /v1/responses, streamed and whole; the first call is refused once.
    private static func compatible(_ admin: Person) async throws {
        let said: JSONValue = .array([["role": "user", "content": "How are you?"]])
        for streams in [false, true] {
            let bodies: [(String, JSONValue)] = [
                ("/v1/chat/completions", ["messages": said, "stream": .bool(streams)]),
                ("/v1/responses", ["input": "How are you?", "stream": .bool(streams)]),
            ]
            for (path, body) in bodies {
                let answer = try await admin.call("POST", path, body)
                #expect(answer.status == 200 && answer.text.contains("well"), "\(answer.text)")
            }
        }
        let token = try await admin.server.token(allowing: "chat,chat.tools,shell.read,shell.run")
        let asked: JSONValue = ["input": "Please look once."]
        let tools = try await admin.server.call("POST", "/v1/responses", asked, bearer: token)
        #expect(tools.status == 200 && tools.text.contains("well"), "\(tools.text)")
    }

    /// /openai: streamed, whole, pictures made and changed.
    private static func panel(_ admin: Person) async throws {
        let said: JSONValue = .array([["role": "user", "content": "How are you?"]])
        let picture: JSONValue = .string("data:image/png;base64,iVBORw0KGgo=")
        let wishes: [[String: JSONValue]] = [
            ["stream": true], [:], ["imgOutput": true], ["imgOutput": true, "images": .array([picture])],
        ]
        for wish in wishes {
            let body: [String: JSONValue] = [
                "model": "m", "messages": said, "prompt": "How are you?", "uniqueChatID": "float-admin",
                "serverUsername": "admin",
            ]
            let answer = try await admin.call("POST", "/openai", .object(body.merging(wish) { $1 }))
            #expect(answer.status == 200, "\(wish): \(answer.text)")
        }
    }

    /// POST /v1/ai/chat and turns of a user.
    private static func users(_ ann: Person) async throws {
        let once = try await ann.call("POST", "/v1/ai/chat", ["message": "How are you?"])
        #expect(once.status == 200, "\(once.text)")
        let chat = try #require(try await ann.call("POST", "/v1/ai/chats", [:])["id"]?.integer)
        let body: JSONValue = ["message": "How are you?", "stream": true]
        let turn = try await ann.call("POST", "/v1/ai/chats/\(chat)/turns", body)
        #expect(turn.text.contains("turn.finished"), "\(turn.text)")
    }

    /// Turns of an operator: with a tool, and so long that a summary is asked for; titles come by themselves.
    private static func chats(_ admin: Person) async throws {
        let chat = try await admin.makeChat()
        let long = String(repeating: "Many words. ", count: 600)
        for message in ["Please look once.", long + "1", long + "2", long + "3"] {
            let body: JSONValue = ["message": .string(message), "stream": true]
            let turn = try await admin.call("POST", "/v1/chats/\(chat)/turns", body)
            #expect(turn.text.contains("turn.finished"), "\(turn.text)")
        }
    }

    private static func rows(_ server: TestServer) async throws -> [Row] {
        let output = server.folder.file("usage")
        let process = try ChildProcess(
            [
                "/usr/bin/sqlite3", "-readonly", "-separator", " ", server.data + "/deckhand.sqlite",
                """
                select door, coalesce(outcome, 'open'), coalesce(input_tokens, 0), coalesce(output_tokens, 0)
                from usage order by id
                """,
            ],
            environment: [:],
            directory: server.folder.path,
            standardOutput: output,
            standardError: server.folder.file("usage.err")
        )
        _ = try await process.wait()
        let lines = Files.lines(output).map { $0.split(separator: " ").map(String.init) }
        return lines.filter { $0.count == 4 }.map { words in
            Row(door: words[0], outcome: words[1], input: Int(words[2]) ?? 0, output: Int(words[3]) ?? 0)
        }
    }
}
