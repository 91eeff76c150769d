import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// Walks the tables of docs/compatibility.md.
@Suite("Compatibility with LLMASS")
struct CompatibilityTests {
    /// The rows of the table below a heading, cells without backquotes.
    func rows(_ heading: String) throws -> [[String]] {
        let text = try Golden.read("docs/compatibility.md")
        let section = try #require(text.components(after: "## \(heading)\n"), "\(heading)")
        let rows = section.split(separator: "\n").prefix { !$0.hasPrefix("## ") }.filter { $0.hasPrefix("|") }
        return rows.dropFirst(2).map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { String($0).replacing("`", with: "").trimmed }
        }
    }

    @Test("every route of the predecessor is served, or has a reason")
    func routes() async throws {
        let served = Set(Edge.routes(EdgeHarness().services).map { "\($0.method) \($0.template)" })
        let rows = try rows("Routes")
        #expect(rows.count == 7)
        for row in rows {
            #expect(served.contains(row[1]) || row[1].contains("no effect, because"), "\(row)")
        }
        #expect(
            Set(rows.map { $0[0] }).isSuperset(of: [
                "GET /shell", "GET /callback", "GET /history", "GET /context", "GET /",
            ])
        )
    }

    @Test("every parameter of the predecessor is documented on its route")
    func parameters() async throws {
        let document = try await EdgeHarness().send(.get, "/openapi.json").json
        let rows = try rows("Parameters")
        #expect(rows.count == 9)
        for row in rows where row[0] != "hash" {
            let operation = try #require(document["paths"]?[row[1]]?["get"], "\(row)")
            let names = (operation["parameters"]?.array ?? []).map { value -> String? in
                let key = value["$ref"]?.string?.split(separator: "/").last.map(String.init)
                return key.flatMap { document["components"]?["parameters"]?[$0]?["name"]?.string }
                    ?? value["name"]?.string
            }
            #expect(names.contains(row[2]), "\(row)")
        }
        for row in rows where row[0] == "hash" {
            let refused = try await EdgeHarness().send(
                .get,
                row[1],
                query: [("session", "s"), ("ticket", "1"), ("cmd", "true")]
            )
            #expect(refused.status == 401, "\(row)")
        }
    }

    @Test("every key of the predecessor's answers is there")
    func keys() async throws {
        let harness = EdgeHarness()
        _ = try await harness.plantFinished(
            [(.stdout, Array("total 32\n".utf8))],
            session: "my_session",
            command: "ls -la"
        )
        let submission = try await harness.get("/shell", [("session", "my_session"), ("cmd", "sleep 5")])
        let answers: [String: JSONValue] = [
            "submission": submission.json,
            "working": try await harness.get("/callback", [("session", "my_session"), ("ticket", "2")]).json,
            "result": try await harness.get("/callback", [("session", "my_session"), ("ticket", "1")]).json,
        ]
        let rows = try rows("Keys of answers")
        #expect(rows.count == 15)
        for row in rows where row[1] != "history" {
            #expect(answers[row[1]]?[row[2]] != nil, "\(row)")
        }
        #expect(answers["submission"]?["type"]?.string == "submission")
        #expect(answers["working"]?["status"]?.string == "working")
        #expect(answers["working"]?["message"]?.string?.hasPrefix("No output for ticket 2 yet. ") == true)
        #expect(answers["result"]?["type"]?.string == "result")
        #expect(answers["result"]?["output"]?.string == "total 32\n")
        #expect(answers["result"]?["input"]?.string == "ls -la")

        let history = try await harness.get("/history", [("session", "my_session")])
        let list = try #require(history.json.array)
        #expect(list.compactMap { $0["ticket"]?.integer } == [1, 2])
        for key in ["type", "ticket", "session", "input", "output"] { #expect(list[0][key] != nil, "\(key)") }
        #expect(list[1]["status"]?.string == "working")
        #expect(history.body.last == 10)
    }

    @Test("every error text of the predecessor is still given, with a true status")
    func errors() async throws {
        let harness = EdgeHarness()
        let attempts: [String: Answer] = [
            "Invalid or missing 'hash' parameter": try await harness.get(
                "/history",
                [("session", "s")],
                hash: nil
            ),
            "Invalid or missing 'cmd' parameter": try await harness.get("/shell", [("session", "s")]),
            "Invalid or missing 'session' parameter": try await harness.get("/history"),
            "Invalid or missing 'ticket' parameter": try await harness.get("/callback", [("session", "s")]),
            "Method not allowed": try await harness.send(.post, "/shell"),
        ]
        let rows = try rows("Errors and statuses").filter { !$0[0].hasPrefix("405") && !$0[0].hasPrefix("{") }
        #expect(Set(rows.map { $0[0] }) == Set(attempts.keys))
        for row in rows {
            let answer = try #require(attempts[row[0]])
            #expect(answer["error"]?.string == row[0])
            #expect(row[1].contains("\(answer.status)"), "\(row)")
            #expect(row[2].contains(try #require(answer.code)), "\(row)")
            #expect(answer.body.last == 10)
        }
    }

    @Test("every configuration name of the predecessor is a name of ours")
    func configuration() throws {
        let rows = try rows("Configuration")
        for name in ["HASH", "FQDN", "PORT", "SESSIONS_DIR"] {
            #expect(rows.contains { $0[0] == name && $0[1] == name }, "\(name)")
            let sources = try ["General", "Network"].map {
                try Golden.read("Sources/deckhand/Configuration/ConfigurationOption+\($0).swift")
            }
            #expect(sources.contains { $0.contains("key: \"\(name)\"") }, "\(name)")
        }
        let overrides = try Golden.read("Sources/API/Operations/PageRoutes.swift")
        for row in rows where row[0].hasSuffix(".md") {
            #expect(overrides.contains("\"\(row[0])\""), "\(row)")
        }
    }

    @Test("every row says what becomes of it")
    func complete() throws {
        for heading in [
            "Routes", "Keys of answers", "Errors and statuses", "Configuration", "Files and behaviour",
        ] {
            for row in try rows(heading) {
                #expect(row.count >= 3 && !row[0].isEmpty && !row[1].isEmpty, "\(heading): \(row)")
                if row[1].hasPrefix("no effect") { #expect(row[1].contains("because"), "\(row)") }
            }
        }
    }
}

extension String {
    /// What follows the first occurrence of a text.
    fileprivate func components(after text: String) -> String? {
        firstRange(of: text).map { String(self[$0.upperBound...]) }
    }
}
