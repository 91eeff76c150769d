import Application
import Core
import Domain
import HTTPServer
import SQL
import Storage
import TestSupport
import Testing

@testable import API

@Suite("Verifying the audit log where it is")
struct AuditInspectionTests {
    private static let path = "/v1/admin/audit-verification"

    /// Signs where the log is now.
    private static func sign(_ harness: AssistantHarness) async throws {
        let head = try await harness.stores.auditTrail.head()
        harness.checkpoints.recorder.record(
            AuditCheckpoint(.checkpoint, head, at: harness.clock.now(), by: PlainSeal())
        )
    }

    @Test(
        "a log that is as it was written is found so, with its checkpoints, and that somebody looked is in it"
    )
    func intact() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        try await Self.sign(harness)
        let verdict = try await ann.api(.post, Self.path)
        #expect(verdict["intact"]?.bool == true && verdict["fault"] == .null, "\(verdict.text)")
        #expect(verdict["checkpoints"]?.integer == 1 && verdict["first"]?.integer == 1)
        #expect(verdict["rows"]?.integer == verdict["last"]?.integer)
        let newest = try await ann.api(.get, "/v1/admin/audit", [("limit", "1")])
        #expect(newest["entries"]?.array?.first?["action"]?.string == "audit.verify")
        let again = try await ann.api(.post, Self.path)
        #expect(again["last"]?.integer == (verdict["last"]?.integer ?? 0) + 1)
    }

    @Test("the first row that was changed is named")
    func changed() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        try await harness.database.write { db in
            try db.execute("drop trigger audit_stays")
            try db.execute("update audit set subject = 'another' where id = 2")
        }
        let verdict = try await ann.api(.post, Self.path)
        #expect(verdict["intact"]?.bool == false && verdict["fault"]?["row"]?.integer == 2)
        #expect(verdict["last"]?.integer == 1 && verdict["rows"]?.integer == 1)
    }

    @Test("rows that a checkpoint vouches for and that are not there any more are missed")
    func cutOff() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let head = try await harness.stores.auditTrail.head()
        let later = AuditLink(id: head.id + 100, hash: head.hash)
        harness.checkpoints.recorder.record(
            AuditCheckpoint(.checkpoint, later, at: harness.clock.now(), by: PlainSeal())
        )
        let verdict = try await ann.api(.post, Self.path)
        #expect(verdict["fault"]?["row"]?.integer == head.id + 2)
        #expect(verdict["fault"]?["reason"]?.string?.contains("row \(head.id + 100)") == true)
    }

    @Test("a checkpoint that the key did not sign is no checkpoint")
    func unsigned() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let head = try await harness.stores.auditTrail.head()
        harness.checkpoints.recorder.record(
            AuditCheckpoint(.checkpoint, head, at: harness.clock.now(), signature: [1, 2, 3])
        )
        #expect(try await ann.api(.post, Self.path)["fault"]?["row"]?.integer == head.id)
    }

    @Test("checkpoints and key are files that the command line reads")
    func files() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        for _ in 0..<3 {
            try await Self.sign(harness)
            _ = try await ann.api(.post, Self.path)
        }
        let response = await ann.respond(.get, "/v1/admin/audit-checkpoints")
        #expect(response.headers["Content-Disposition"]?.contains("checkpoints.jsonl") == true)
        let lines = await MatrixAnswer(response).bytes.split(separator: 10)
        let read = lines.compactMap { AuditLine(Array($0)) }
        #expect(read == harness.checkpoints.recorder.all.map { .checkpoint($0) } && read.count == 3)
        #expect(try await ann.api(.get, "/v1/admin/audit-key").text.hasPrefix("-----BEGIN PUBLIC KEY"))
        let ben = try await harness.person("ben", Set(Permission.allCases).subtracting([.admin]))
        for path in ["/v1/admin/audit-checkpoints", "/v1/admin/audit-key"] {
            #expect(try await ben.api(.get, path).status == 403)
        }
    }
}
