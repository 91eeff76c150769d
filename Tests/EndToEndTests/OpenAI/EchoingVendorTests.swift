import Core
import Synchronization
import TestSupport
import Testing

/// A vendor that says the key of whoever asks, and a secret of theirs: in errors in place of an answer, in their head and
/// within a stream, and in its answers, thoughts and calls, cut anywhere.
private final class EchoingVendor: Sendable {
    /// What it knows beside the key.
    static let secret = "planted-registered-secret-13579"
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
        case "leak":
            begin(peer)
            for piece in pieces("I think of \(secret), and of \(key).") {
                send(delta(["reasoning_content": .string(piece)]), to: peer)
            }
            for piece in pieces("Your key is \(key), in hex \(hex(secret)); and \(secret)") {
                send(delta(["content": .string(piece)]), to: peer)
            }
            let arguments: JSONValue = ["command": .string("echo \(key) \(secret) > /dev/null")]
            call("shell", String(decoding: arguments.bytes, as: UTF8.self), to: peer)
        // Titles and what follows a call are asked for in other words.
        default: say("I am well, \(secret); \(key).", to: peer)
        }
    }

    private static func pieces(_ text: String) -> [String] {
        var rest = text[...]
        var pieces: [String] = []
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(5)))
            rest = rest.dropFirst(5)
        }
        return pieces
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Calls a function, with its arguments in pieces.
    private static func call(_ name: String, _ arguments: String, to peer: Peer) {
        func send(_ function: JSONValue, _ more: [String: JSONValue] = [:]) {
            let entry = JSONValue.object(["index": 0, "function": function].merging(more) { $1 })
            self.send(delta(["tool_calls": .array([entry])]), to: peer)
        }
        send(["name": .string(name), "arguments": ""], ["id": "call_1", "type": "function"])
        for piece in pieces(arguments) { send(["arguments": .string(piece)]) }
        end("tool_calls", to: peer)
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

/// A key of a provider and a registered secret come back from nowhere, even if the vendor says them.
@Suite struct EchoingVendorTests {
    private static let key = "sk-planted-vendor-key-0123456789abcdef"

    @Test func whatAVendorKnowsIsServedByNoDoor() async throws {
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
            try server.folder.write(EchoingVendor.secret, to: "secret")
            let input = server.folder.file("secret")
            let set = try await server.deckhand("secret", "set", "PLANTED", input: input)
            #expect(set.code == 0, "\(set.errors)")
            let marked = try await server.submit("echo $PLANTED", ["secrets": ["PLANTED"]])
            #expect(try await server.end(of: marked)["output"]?.string == "[redacted]\n")
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
            #expect(text.contains("in hex [redacted]; and [redacted]"), "its answers, too")
            let search = LeakSearch([("provider key", Self.key), ("secret", EchoingVendor.secret)])
            #expect(search.finds(in: served).isEmpty, "served: \(Self.context(text))")
            for file in Files.all(below: server.data) where !file.contains("/keys/") {
                #expect(search.finds(in: Files.bytes(file) ?? []).isEmpty, "\(file)")
            }
        }
    }

    private static func context(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.contains("planted-") }.map { $0.prefix(400) }
    }

    /// Turns of the native door, and what is read of them.
    private static func chats(_ admin: Person) async throws -> [UInt8] {
        var served: [UInt8] = []
        for words in ["answer", "fail", "break", "leak"] {
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
        for words in ["answer", "fail", "break", "leak"] {
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
        for words in ["answer", "fail", "break", "leak"] {
            _ = try await client.ask(words, ["stream": true, "model": "m"])
            _ = try await client.ask(words, ["model": "m"])
            let picture: JSONValue = ["imgOutput": true, "model": "m"]
            _ = try await client.ask(words, picture.object ?? [:])
        }
        _ = try await client.send("/check", [:], ["authorization": "Bearer \(admin.token)"])
        return served.withLock { $0 }
    }
}
