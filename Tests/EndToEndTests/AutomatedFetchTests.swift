import Core
import Testing

/// Requests that nobody meant run nothing.
@Suite struct AutomatedFetchTests {
    private static let headers: [(name: String, value: String)] = [
        ("Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("Sec-Purpose", "prefetch"),
        ("X-Moz", "prefetch"), ("X-Purpose", "preview"), ("Last-Event-ID", "0"), ("Last-Event-ID", "12"),
        ("User-Agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
        ("User-Agent", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"),
        ("User-Agent", "TelegramBot (like TwitterBot)"), ("User-Agent", "WhatsApp/2.23.20.0"),
        ("User-Agent", "facebookexternalhit/1.1"), ("User-Agent", "LinkedInBot/1.0"),
        ("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"), ("User-Agent", "Iframely/1.3.1"),
    ]

    @Test func prefetchesPreviewsAndReconnectionsRunNothing() async throws {
        try await TestServer.with { server in
            let witness = server.folder.file("witness")
            let items = [("session", "f"), ("cmd", "echo ran >> \(witness)")]
            for header in Self.headers {
                let answer = try await server.get("/shell", items, headers: [header])
                #expect(answer.status == 403, "\(header)")
                #expect(answer["next"]?.string?.isEmpty == false)
            }
            let target = "/shell?hash=\(server.hash)&" + Escaping.query(items)
            #expect(try await Wire.get(port: server.port, target: target, method: "HEAD").status == 405)
            #expect(try await Wire.get(port: server.port, target: target, method: "OPTIONS").status == 204)
            #expect(try await server.ticketCount() == 0)
            // The links that the refusals speak of stay followable for the same agents.
            let (ticket, meant) = try await server.shell(items[1].1, session: "f")
            _ = try await server.end(of: ticket)
            let callback = try #require(meant["callback"]?.string)
            for header in Self.headers {
                #expect(try await server.send("GET", callback, headers: [header])["type"]?.string == "result")
            }
            #expect(try await server.ticketCount() == 1)
            #expect(Files.lines(witness) == ["ran"])
        }
    }

    @Test func aReconnectingEventSourceOfTheStreamRunsNothing() async throws {
        try await TestServer.with { server in
            let (ticket, answer) = try await server.shell("echo streamed", session: "r")
            _ = try await server.end(of: ticket)
            let stream = try #require(answer["stream"]?.string)
            for offset in [0, 4, 9] {
                let followed = try await server.send("GET", stream, headers: [("Last-Event-ID", "\(offset)")])
                #expect(followed.status == 200)
                #expect(followed.header("Content-Type")?.hasPrefix("text/event-stream") == true)
                #expect(followed.header("X-Accel-Buffering") == "no")
            }
            #expect(try await server.ticketCount() == 1)
            #expect(
                try await Wire.get(
                    port: server.port,
                    target: "/stream?hash=\(server.hash)&session=r&ticket=1",
                    method: "HEAD"
                ).status == 405
            )
        }
    }
}
