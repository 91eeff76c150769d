import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// Walks the tables of docs/compatibility.md that are about LLM Chatter.
@Suite("Compatibility with LLM Chatter")
struct ChatterCompatibilityTests {
    private func rows(_ heading: String) throws -> [[String]] {
        try CompatibilityTests().rows("LLM Chatter: \(heading)")
    }

    @Test("every route is served and documented, or has a reason")
    func routes() async throws {
        let harness = try await AssistantHarness()
        let served = Set(Edge.routes(harness.services).map { "\($0.method) \($0.template)" })
        let documented = try await harness.send(.get, "/openapi.json")["paths"]
        let rows = try rows("routes")
        #expect(rows.count == 8)
        for row in rows where !row[1].contains("no effect, because") {
            #expect(served.contains(row[1]), "\(row)")
            let path = String(row[1].dropFirst("POST ".count))
            #expect(documented?[path]?["post"] != nil, "\(row)")
        }
        #expect(served.contains("POST /loader_ajax.php"))
    }

    @Test("every field is documented on its route, or has a reason")
    func fields() async throws {
        let paths = try await AssistantHarness().send(.get, "/openapi.json")["paths"]
        let rows = try rows("fields")
        #expect(rows.count == 34)
        for row in rows where !row[2].contains("no effect, because") {
            let body = paths?[row[1]]?["post"]?["requestBody"]?["content"]?["application/json"]
            #expect(body?["schema"]?["properties"]?[row[2]] != nil, "\(row)")
            #expect(row[0] == row[2], "\(row)")
        }
    }

    @Test("every key and event of its answers is there")
    func answers() async throws {
        let harness = try await AssistantHarness(
            [
                ChatterTests.shell("call_1", "uptime", saying: "I look."), .text("Fine."),
                .failure(Failure(.unavailable, code: "provider_unreachable", message: "It is away.")),
            ],
            capabilities: ModelCapabilities(shellTool: true)
        )
        let ann = try await harness.person()
        let client = ChatterTests.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        var seen: [String: String] = [:]
        try await harness.running {
            seen["stream"] = try await client.ask("How?", ["stream": .bool(true)]).text
            seen["response"] = try await client.ask("And now?", [:]).text
            seen["stream", default: ""] += try await client.ask("Then?", ["stream": .bool(true)]).text
            seen["bridge"] = try await client.run("uptime").text
        }
        seen["share"] = try await ann.api(.post, "/mkshr", json: #"{"chatId":"float-ann"}"#).text
        let checkIn = try await client.checkIn(AssistantHarness.passphrase)
        seen["check-in"] = checkIn.text
        seen["history"] = checkIn.text
        let rows = try rows("answers")
        #expect(rows.count == 25)
        for row in rows where !row[2].contains("no effect, because") && row[1] != "picture" {
            let text = try #require(seen[row[1]], "\(row)")
            #expect(text.contains("\"\(row[2])\"") || text.contains("data: \(row[2])\n"), "\(row): \(text)")
        }
        #expect(seen["response"]?.contains("\"shell_call\"") == false)
    }

    @Test("every error text is still given, with its status")
    func errors() async throws {
        let harness = try await AssistantHarness([
            .failure(Failure(.unavailable, code: "provider_unreachable", message: "It is away."))
        ])
        let ann = try await harness.person()
        let client = ChatterTests.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        var attempts: [String: Answer] = [:]
        for (path, body) in [
            ("/openai", "{}"), ("/openai", #"{"model":7,"messages":[]}"#), ("/mkshr", "{}"),
            ("/chkshr", #"{"shareToken":"0123456789abcdef0123456789abcdef"}"#), ("/bridge", "{"),
            ("/bridge", "[]"), ("/bridge", "{}"),
            (
                "/checkin",
                #"{"serverUsername":"ann","serverPassphrase":"no","sessionHash":""}"#
            ),
        ] {
            let answer = try await ann.api(.post, path, json: body)
            attempts[answer["error"]?.string ?? ""] = answer
        }
        let nobody = try await harness.send(.post, "/openai", body: Array("{}".utf8))
        attempts[nobody["error"]?.string ?? ""] = nobody
        try await harness.running {
            let answer = try await ann.api(
                .post,
                "/openai",
                json: #"{"model":"model","messages":[],"prompt":"How?"}"#
            )
            attempts[answer["error"]?.string ?? ""] = answer
        }
        let rows = try rows("errors and statuses")
        #expect(Set(rows.map { $0[0] }) == Set(attempts.keys))
        for row in rows {
            let answer = try #require(attempts[row[0]], "\(row)")
            #expect(row[1].contains("\(answer.status)"), "\(row): \(answer.status)")
        }
    }

    @Test("every configuration name is one of ours, or has a reason")
    func configuration() throws {
        let rows = try rows("configuration")
        #expect(rows.count == 24)
        let sources = try ["General", "Network", "SignIn", "Limits", "Providers"].map {
            try Golden.read("Sources/deckhand/Configuration/ConfigurationOption+\($0).swift")
        }
        let sections = try Golden.read("docs/configuration.md")
        for row in rows {
            let name = row[1]
            guard name.contains("_"), name.allSatisfy({ $0.isUppercase || $0 == "_" }) else { continue }
            #expect(sources.contains { $0.contains("\"\(name)\"") } || sections.contains(name), "\(row)")
        }
        for name in ["LLM_CHATTER_PASSPHRASE", "SECRET_RANDOM", "OPENAI_API_KEY"] {
            #expect(rows.contains { $0[0] == name && $0[1] == name }, "\(name)")
        }
        let limits = try Golden.read("Sources/deckhand/Configuration/ConfigurationOption+Limits.swift")
        #expect(limits.contains("\"DECKHAND_BRIDGE_TIME_LIMIT\""))
    }

    @Test("every row says what becomes of it")
    func complete() throws {
        for heading in [
            "routes", "fields", "answers", "errors and statuses", "configuration",
            "cookies, rates, files and behaviour",
        ] {
            let rows = try rows(heading)
            #expect(!rows.isEmpty, "\(heading)")
            for row in rows {
                #expect(row.count >= 3 && !row[0].isEmpty && !row[1].isEmpty, "\(heading): \(row)")
                for cell in row where cell.hasPrefix("no effect") {
                    #expect(cell.contains("because"), "\(heading): \(row)")
                }
            }
        }
    }
}
