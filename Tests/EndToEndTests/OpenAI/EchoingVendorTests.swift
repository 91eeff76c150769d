import Core
import Synchronization
import TestSupport
import Testing

/// A vendor whose errors say the key of whoever asks: those in place of an answer, in its head, and within a stream.
private final class EchoingVendor: Sendable {
    let server = LoopbackServer { EchoingVendor.serve($0) }

    deinit { server.stop() }

    private static func serve(_ peer: Peer) {
        guard let head = peer.readHead() else { return }
        var fields: [String: String] = [:]
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1]).trimmed }
        }
        let key = fields["authorization"] ?? "no key"
        let body = peer.readExactly(Int(fields["content-length"] ?? "") ?? 0) ?? []
        guard head.hasPrefix("POST"), let json = try? JSONValue(parsing: body) else {
            return fail(key, to: peer)
        }
        let last = json["messages"]?.array?.last
        let words = last?["content"]?.string ?? last?["content"]?.array?.first?["text"]?.string ?? ""
        switch words {
        case "fail": fail(key, to: peer)
        case "break":
            begin(peer)
            send(delta(["content": "Well"]), to: peer)
            send(#"{"error":{"message":"no more for \#(key)","type":"server_error"}}"#, to: peer)
            peer.write("0\r\n\r\n")
        default: say("I am well.", to: peer)
        }
    }

    private static func fail(_ key: String, to peer: Peer) {
        peer.respond(
            #"{"error":{"message":"Incorrect API key provided: \#(key)","type":"invalid_request_error","code":null}}"#,
            status: "400 Bad Request",
            headers: "Content-Type: application/json\r\nx-request-id: \(key)\r\nConnection: close\r\n"
        )
    }

    private static func say(_ text: String, to peer: Peer) {
        begin(peer)
        send(delta(["content": .string(text)]), to: peer)
        end("stop", to: peer)
    }

    private static func delta(_ delta: JSONValue) -> String {
        let choice: JSONValue = ["index": 0, "delta": delta, "finish_reason": .null]
        return String(decoding: JSONValue.object(["choices": .array([choice])]).bytes, as: UTF8.self)
    }

    private static func begin(_ peer: Peer) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        peer.write("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    }

    private static func end(_ reason: String, to peer: Peer) {
        send(#"{"choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"#, to: peer)
        send("[DONE]", to: peer)
        peer.write("0\r\n\r\n")
    }

    private static func send(_ data: String, to peer: Peer) {
        let event = "data: \(data)\n\n"
        peer.write(String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n")
    }
}

/// A key of a provider comes back from nowhere, even if the vendor's errors say it.
@Suite struct EchoingVendorTests {
    private static let key = "sk-planted-vendor-key-0123456789abcdef"

    @Test func theKeyOfAProviderIsServedByNoDoor() async throws {
        let vendor = EchoingVendor()
        try await TestServer.with(["WIRE_KEY": Self.key, "DECKHAND_LOG_LEVEL": "trace"], starts: false) {
            server in
            let provider =
                "{kind: \"openai-chat\", baseURL: \"\(vendor.server.url)/v1\", defaultModel: \"m\", "
                + "key: {env: \"WIRE_KEY\"}, retries: 0}"
            try server.folder.write("{providers: {wire: \(provider)}}", to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            let admin = try await server.signInFirst()
            let token = try await server.token(allowing: "chat,chat.tools,shell.read,shell.run")

            var served = try await Self.chats(admin)
            served += try await Self.compatible(server, token)
            served += try await Self.panel(server, admin)
            for path in ["/v1/models", "/v1/approvals", "/v1/admin/overview", "/v1/tickets", "/metrics"] {
                served += try await admin.call("GET", path).everything.utf8
            }
            served += try await server.deckhand("check").output
            served += Array(Files.text(server.log).utf8)

            let text = String(decoding: served, as: UTF8.self)
            #expect(text.contains("Incorrect API key provided: "), "the vendor was heard")
            let search = LeakSearch([("provider key", Self.key)])
            #expect(search.finds(in: served).isEmpty, "served: \(Self.context(text))")
            for file in Files.all(below: server.data) where !file.contains("/keys/") {
                #expect(search.finds(in: Files.bytes(file) ?? []).isEmpty, "\(file)")
            }
        }
    }

    private static func context(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.contains("planted-vendor") }.map { $0.prefix(400) }
    }

    /// Turns of the native door, and what is read of them.
    private static func chats(_ admin: Person) async throws -> [UInt8] {
        var served: [UInt8] = []
        for words in ["answer", "fail", "break"] {
            let chat = try await admin.makeChat()
            let body: JSONValue = ["message": .string(words), "stream": true]
            let turn = try await admin.call("POST", "/v1/chats/\(chat)/turns", body)
            #expect(turn.text.contains("turn.finished"), "\(turn.text)")
            served += turn.everything.utf8
            let share = try await admin.call(
                "POST",
                "/v1/shares",
                ["chat": .integer(chat), "includes_output": true]
            )
            #expect(share.status == 201, "\(share.text)")
            let link = try #require(share["token"]?.string)
            for path in [
                "/v1/chats/\(chat)/events?format=json", "/v1/chats/\(chat)/export?format=markdown",
                "/v1/chats/\(chat)/export?format=json", "/v1/chats/\(chat)", "/v1/chats/\(chat)/turns",
                "/v1/shared/\(link)",
            ] {
                let answer = try await admin.call("GET", path)
                #expect(answer.status == 200, "\(path): \(answer.text)")
                served += answer.everything.utf8
            }
            let url = try #require(share["url"]?.string)
            served += try await admin.server.send("GET", url).everything.utf8
        }
        return served
    }

    /// The OpenAI-compatible door.
    private static func compatible(_ server: TestServer, _ token: String) async throws -> [UInt8] {
        var served: [UInt8] = []
        for words in ["answer", "fail", "break"] {
            for streams in [false, true] {
                let message: JSONValue = ["role": "user", "content": .string(words)]
                let chat: JSONValue = ["messages": .array([message]), "stream": .bool(streams)]
                let answer = try await server.call("POST", "/v1/chat/completions", chat, bearer: token)
                served += answer.everything.utf8
                let input: JSONValue = ["input": .string(words), "stream": .bool(streams)]
                served += try await server.call("POST", "/v1/responses", input, bearer: token).everything.utf8
            }
        }
        return served
    }

    /// The first seed's door.
    private static func panel(_ server: TestServer, _ admin: Person) async throws -> [UInt8] {
        let served = Mutex<[UInt8]>([])
        let client = PanelClient(user: "admin") { path, headers, body in
            let answer = try await server.send(
                "POST",
                server.baseURL + path,
                headers: headers.map { (name: $0.key, value: $0.value) },
                body: body
            )
            served.withLock { $0 += Array(answer.everything.utf8) }
            return PanelClient.Reply(status: answer.status, body: answer.body)
        }
        await client.use(token: admin.token)
        for words in ["answer", "fail", "break"] {
            _ = try await client.ask(words, ["stream": true, "model": "m"])
            _ = try await client.ask(words, ["model": "m"])
            let picture: JSONValue = ["imgOutput": true, "model": "m"]
            _ = try await client.ask(words, picture.object ?? [:])
        }
        _ = try await client.send("/check", [:], ["authorization": "Bearer \(admin.token)"])
        return served.withLock { $0 }
    }
}
