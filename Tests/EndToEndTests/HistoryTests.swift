import Core
import Testing

/// /history and /terminal.
@Suite struct HistoryTests {
    @Test func ticketsStandInNumericOrderWithTheRunningOnes() async throws {
        try await TestServer.with { server in
            for number in 1...12 {
                _ = try await server.shell("echo number-\(number)", session: "h", [("wait", "20")])
            }
            let running = try await server.shell("echo started; sleep 60", session: "h")
            try await server.wait(running.ticket, for: "running")
            let answer = try await server.get("/history", [("session", "h")])
            #expect(answer.status == 200)
            #expect(answer.body.last == 10)
            let entries = try #require(answer.json.array)
            #expect(entries.compactMap { $0["ticket"]?.integer } == Array(1...13))
            for (index, entry) in entries.dropLast().enumerated() {
                #expect(entry["type"]?.string == "result")
                #expect(entry["output"]?.string == "number-\(index + 1)\n")
                #expect(entry["input"]?.string == "echo number-\(index + 1)")
                #expect(entry["session"]?.string == "h")
            }
            #expect(entries.last?["state"]?.string == "running")
            #expect(entries.last?["status"]?.string == "working")
        }
    }

    @Test func historyComesInPages() async throws {
        try await TestServer.with { server in
            for number in 1...7 { _ = try await server.submit("echo \(number)", session: "p") }
            for number in 1...7 { _ = try await server.end(of: TicketName(session: "p", number: number)) }
            var seen: [Int64] = []
            var url = server.baseURL + "/history?session=p&limit=3&hash=" + server.hash
            for page in 0..<3 {
                let answer = try await server.send("GET", url)
                seen += answer.json.array?.compactMap { $0["ticket"]?.integer } ?? []
                guard let link = answer.header("Link") else {
                    #expect(page == 2)
                    break
                }
                #expect(!link.contains(server.hash))
                url = String(link.dropFirst().prefix { $0 != ">" })
            }
            #expect(seen == Array(1...7))
            let after = try await server.get("/history", [("session", "p"), ("after", "5")])
            #expect(after.json.array?.compactMap { $0["ticket"]?.integer } == [6, 7])
            #expect(try await server.get("/history", [("session", "p"), ("limit", "0")]).status == 400)
        }
    }

    @Test func historyIsCappedAsAWhole() async throws {
        try await TestServer.with(["DECKHAND_ANSWER_LIMIT": "65536"]) { server in
            for _ in 0..<6 { _ = try await server.run("seq 1 20000", session: "c") }
            let small = try await server.run("echo small", session: "c")
            let answer = try await server.get("/history", [("session", "c")])
            #expect(answer.body.count < 65_536 * 2)
            let entries = try #require(answer.json.array)
            #expect(entries.count == 7)
            for entry in entries.dropLast() {
                #expect(entry["truncated"]?.bool == true)
                #expect((entry["omitted_bytes"]?.integer ?? 0) > 0)
            }
            #expect(entries.last?["output"]?.string == String(decoding: small.output, as: UTF8.self))
        }
    }

    @Test func theTerminalShowsPromptCommandOutputAndExitCode() async throws {
        try await TestServer.with { server in
            _ = try await server.shell("echo '<b>&amp;</b>'", session: "t", [("wait", "20")])
            _ = try await server.shell("printf 'no newline'; exit 5", session: "t", [("wait", "20")])
            _ = try await server.shell("kill -9 $$", session: "t", [("wait", "20")])
            let text = try await server.get("/terminal", [("session", "t")])
            #expect(text.header("Content-Type")?.hasPrefix("text/plain") == true)
            let lines = text.text.split(separator: "\n").map(String.init)
            #expect(lines[0] == "[1] $ echo '<b>&amp;</b>'")
            #expect(lines[1] == "<b>&amp;</b>")
            #expect(lines[2].hasPrefix("[exit code 0"))
            #expect(lines[3] == "[2] $ printf 'no newline'; exit 5")
            #expect(lines[4] == "no newline")
            #expect(lines[5].hasPrefix("[exit code 5"))
            #expect(lines[7].hasPrefix("[killed by signal 9"))
            let html = try await server.get("/terminal", [("session", "t"), ("format", "html")])
            #expect(html.header("Content-Type")?.hasPrefix("text/html") == true)
            #expect(html.text.contains("&lt;b&gt;&amp;amp;&lt;/b&gt;"))
            #expect(!html.text.contains("<b>"))
            #expect(html.text.contains("exit code 5"))
        }
    }
}
