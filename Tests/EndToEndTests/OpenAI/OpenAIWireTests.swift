import Core
import Testing

/// The OpenAI-compatible routes between a client and a vendor, both of which only know the wire.
@Suite struct OpenAIWireTests {
    private static func body(_ words: String, streams: Bool = false) -> JSONValue {
        .object([
            "messages": .array([.object(["role": .string("user"), "content": .string(words)])]),
            "stream": .bool(streams),
        ])
    }

    @Test func everyCallOfEveryDoorHasItsRow() async throws {
        let vendor = WireVendor()
        try await TestServer.with(providers: "wire: \(vendor.settings)") { server in
            let plain = try await server.token(allowing: "chat")
            let tools = try await server.token(allowing: "chat,chat.tools,shell.read,shell.run")
            for streams in [false, true] {
                for path in ["chat/completions", "responses"] {
                    var body = Self.body("answer", streams: streams)
                    if path == "responses" { body = .object(["input": "answer", "stream": .bool(streams)]) }
                    let answer = try await server.call("POST", "/v1/\(path)", body, bearer: plain)
                    #expect(answer.status == 200 && answer.text.contains("lo"), "\(answer.text)")
                }
            }
            let again = try await server.call(
                "POST",
                "/v1/chat/completions",
                Self.body("refuse"),
                bearer: plain
            )
            #expect(again.json["choices"]?.array?.first?["message"]?["content"]?.string == "At last.")
            #expect(vendor.requests.count == 6)

            // A turn of a chat, and a turn behind this door: two calls of the model each.
            let chat = try #require(try await server.call("POST", "/v1/chats", bearer: plain)["id"]?.integer)
            let turn = try await server.call(
                "POST",
                "/v1/chats/\(chat)/turns",
                ["message": "answer", "stream": true],
                bearer: plain
            )
            #expect(turn.text.contains("turn.finished"), "\(turn.text)")
            let ran = try await server.call(
                "POST",
                "/v1/chat/completions",
                Self.body("run id"),
                bearer: tools
            )
            #expect(ran.json["choices"]?.array?.first?["message"]?["content"]?.string == "Seen.")
            #expect(ran.json["usage"]?["total_tokens"]?.integer == 10)

            try await eventually("no row is open") {
                try await !server.usageRows().contains { $0.hasSuffix("open") }
            }
            let rows = try await server.usageRows()
            #expect(rows.count == vendor.requests.count)
            #expect(rows.count { $0 == "openai failed" } == 1)
            #expect(rows.count { $0 == "openai succeeded" } == 7)
            #expect(rows.count { $0 == "chat succeeded" } == 1)
        }
    }

    @Test(arguments: [true, false]) func aClientThatLeavesEndsTheVendorsCall(streams: Bool) async throws {
        let vendor = WireVendor()
        try await TestServer.with(providers: "wire: \(vendor.settings)") { server in
            let token = try await server.token(allowing: "chat")
            let body = String(decoding: Self.body("hold", streams: streams).bytes, as: UTF8.self)
            do {
                let connection = try WireConnection(port: server.port)
                try connection.send(
                    Array(
                        """
                        POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\
                        Authorization: Bearer \(token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
                        """.utf8
                    )
                )
                try await eventually("the vendor is asked") { vendor.requests.count == 1 }
                withExtendedLifetime(connection) {}
            }
            // Long before the next heartbeat would find out.
            try await eventually(within: .seconds(6), "the vendor's client leaves") { vendor.left == 1 }
            try await eventually("the row says so") { try await server.usageRows() == ["openai cancelled"] }
        }
    }

    @Test func serverSideToolsNeedTheirPermissionAndAPersonsYes() async throws {
        let vendor = WireVendor()
        try await TestServer.with(providers: "wire: \(vendor.settings)") { server in
            // Without the permission the model is offered nothing, and its call goes to the caller.
            let plain = try await server.token(allowing: "chat,shell.read,shell.run")
            let passed = try await server.call(
                "POST",
                "/v1/chat/completions",
                Self.body("run id"),
                bearer: plain
            )
            let call = passed.json["choices"]?.array?.first?["message"]?["tool_calls"]?.array?.first
            #expect(call?["function"]?["name"]?.string == "shell")
            #expect(vendor.requests.last?["tools"] == nil)

            // The caller's own tools win.
            let tools = try await server.token(allowing: "chat,chat.tools,shell.read,shell.run")
            var own = Self.body("run id").object ?? [:]
            own["tools"] = .array([
                .object(["type": "function", "function": .object(["name": "shell"])])
            ])
            let kept = try await server.call("POST", "/v1/chat/completions", .object(own), bearer: tools)
            #expect(kept.json["choices"]?.array?.first?["finish_reason"]?.string == "tool_calls")

            let streamed = try await server.call(
                "POST",
                "/v1/chat/completions",
                Self.body("run touch never", streams: true),
                bearer: tools
            )
            #expect(streamed.text.contains("Seen.") && streamed.text.hasSuffix("data: [DONE]\n\n"))
            let told = try #require(vendor.requests.last?["messages"]?.array?.last?["content"]?.string)
            #expect(told.contains("\(server.baseURL)/approve/"), "\(told)")
            #expect(!Files.exists(server.folder.file("work/never")))
        }
    }
}
