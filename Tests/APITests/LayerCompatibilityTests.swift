import Core
import FoundationEssentials
import TestSupport
import Testing

@testable import API

/// Walks the tables of docs/compatibility.md that are about the concept of the AI layer.
@Suite("Compatibility with the concept of the AI layer")
struct LayerCompatibilityTests {
    private func rows(_ heading: String) throws -> [[String]] {
        try CompatibilityTests().rows("AI layer: \(heading)")
    }

    @Test("every rule is met somewhere, and names a test that is there")
    func rules() throws {
        let rows = try rows("rules")
        #expect(rows.count == 32)
        for row in rows {
            #expect(row.count == 3 && row.allSatisfy { !$0.isEmpty }, "\(row)")
            let path = "/\(Golden.root)/\(row[2])"
            let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
            #expect(text?.contains("@Test") == true, "\(row)")
        }
    }

    @Test("every route is served and documented, or has a reason")
    func routes() async throws {
        let harness = try await AssistantHarness()
        let served = Set(Edge.routes(harness.services).map { "\($0.method) \($0.template)" })
        let rows = try rows("routes")
        #expect(rows.count == 21)
        for row in rows where !row[1].hasPrefix("stays in the host application, because") {
            #expect(served.contains(row[1]), "\(row)")
        }
    }

    @Test("every configuration name is one of ours")
    func configuration() throws {
        let source = try Golden.read("Sources/deckhand/Configuration/ConfigurationOption+Codex.swift")
        let rows = try rows("configuration")
        #expect(rows.count == 6)
        for row in rows {
            #expect(row[0] == row[1] && source.contains("key: \"\(row[1])\""), "\(row)")
        }
    }

    @Test("every phase and decision says what becomes of it, and why what is left out is")
    func phases() throws {
        let rows = try rows("first implementation, phases and open decisions")
        #expect(rows.count == 13)
        for row in rows {
            #expect(row.count == 3 && !row[0].isEmpty && !row[1].isEmpty, "\(row)")
            for words in ["stays in the host application", "for a later round"] where row[1].contains(words) {
                #expect(row[1].contains("\(words), because"), "\(row)")
            }
        }
        #expect(rows.filter { $0[0].hasPrefix("Phase") }.count == 4)
        #expect(rows.filter { $0[0].hasPrefix("open") }.count == 6)
    }
}
