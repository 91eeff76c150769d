import Application
import CLinux
import Core
import Crypto
import Domain
import Testing

@testable import deckhand

@Suite("An export of the audit log is verified with the file and the public key")
struct AuditVerificationTests {
    private let folder = TemporaryFolder()
    private let signer = makeCheckpointSigner(seed: Secret([UInt8](repeating: 5, count: 32)))

    private func entry(_ id: Int64, _ detail: String = "{}") -> AuditEntry {
        AuditEntry(
            time: Timestamp(seconds: id),
            principal: PrincipalID("operator:1"),
            action: "a.b",
            subject: "thing/\(id)",
            detail: detail
        )
    }

    /// Rows behind a place, with a checkpoint behind every third and an end.
    private func export(
        after start: AuditLink = .origin,
        count: Int64 = 9,
        changing changed: Int64? = nil,
        by other: (any CheckpointSigner)? = nil
    ) -> [String] {
        let signer = other ?? signer
        var (link, lines) = (start, [AuditLine]())
        if start != .origin {
            lines.append(.checkpoint(AuditCheckpoint(.cut, start, at: Timestamp(seconds: 1), by: signer)))
        }
        for id in (start.id + 1)...(start.id + count) {
            let row = link.row(entry(id, id == changed ? "{\"other\":1}" : "{}"))
            link = row.link
            lines.append(.row(row))
            if id.isMultiple(of: 3) {
                lines.append(
                    .checkpoint(AuditCheckpoint(.checkpoint, link, at: Timestamp(seconds: id), by: signer))
                )
            }
        }
        lines.append(.checkpoint(AuditCheckpoint(.end, link, at: Timestamp(seconds: 99), by: signer)))
        return lines.map { String(decoding: $0.bytes.dropLast(), as: UTF8.self) }
    }

    private func verify(_ lines: [String], shipped: [String] = []) async throws -> (code: Int32, text: String)
    {
        let (log, key, known) = (folder.path + "/log", folder.path + "/key", folder.path + "/shipped")
        for path in [log, key, known] { _ = unsafe unlink(path) }
        try PrivateFile.create(log, Array((lines.joined(separator: "\n") + "\n").utf8))
        try PrivateFile.create(key, Array(signer.publicKey.utf8))
        var words = ["audit", "verify", log, "--key", key]
        if !shipped.isEmpty {
            try PrivateFile.create(known, Array(shipped.joined(separator: "\n").utf8))
            words += ["--checkpoints", known]
        }
        let console = MemoryConsole()
        let surroundings = Surroundings(
            environment: [:],
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/nonexistent/deckhand"
        )
        let code = await Program.run(
            Result { try Program.command(words[...]) },
            ProgramContext(surroundings: surroundings, console: console, signals: nil)
        )
        return (code, console.text + console.errorText)
    }

    private func expectFault(_ lines: [String], shipped: [String] = [], row: Int64) async throws {
        let found = try await verify(lines, shipped: shipped)
        #expect(found.code == 1 && found.text.hasPrefix("row \(row), at "), "\(found)")
    }

    @Test("one that is as it was written passes, also when earlier rows were pruned")
    func right() async throws {
        let whole = try await verify(export())
        #expect(whole.code == 0 && whole.text.contains("9 rows up to row 9"), "\(whole)")
        let rest = export(after: AuditLink(id: 40, hash: [UInt8](repeating: 3, count: 32)))
        let pruned = try await verify(rest)
        #expect(pruned.code == 0 && pruned.text.contains("9 rows up to row 49"), "\(pruned)")
        let shipped = export().filter { $0.contains("\"checkpoint\"") }
        #expect(try await verify(export(), shipped: shipped).text.contains("3 shipped checkpoints confirmed"))
    }

    @Test("the first row that was changed, removed, reordered, added or cut off is named")
    func wrong() async throws {
        let lines = export()
        // Lines 0, 1, 2 are the rows 1, 2, 3; line 3 is the checkpoint behind them; row 4 is line 4.
        var copy = lines
        copy[1] = copy[1].replacing("thing/2", with: "thing/9")
        try await expectFault(copy, row: 2)
        copy = lines
        copy[4] = copy[4].replacing("operator:1", with: "operator:2")
        try await expectFault(copy, row: 4)
        copy = lines
        copy[1] = copy[1].replacing(",\"subject\"", with: ", \"subject\"")
        try await expectFault(copy, row: 2)
        copy = lines
        copy.remove(at: 5)
        try await expectFault(copy, row: 5)
        copy = lines
        copy.remove(at: 0)
        try await expectFault(copy, row: 1)
        copy = lines
        copy.swapAt(1, 2)
        try await expectFault(copy, row: 2)
        copy = lines
        copy.insert(copy[4], at: 5)
        try await expectFault(copy, row: 4)
        // Behind a checkpoint, behind a row, and all but the end.
        try await expectFault(Array(lines.prefix(8)), row: 7)
        try await expectFault(Array(lines.prefix(6)), row: 6)
        try await expectFault(Array(lines.prefix(8)) + [lines[12]], row: 7)
        try await expectFault([], row: 1)
        let more = try await verify(lines + [lines[0]])
        #expect(more.code == 1 && more.text.hasPrefix("line 14: "), "\(more)")
    }

    @Test(
        "a chain that was computed anew does not agree with its checkpoints, whoever signs those that are new"
    )
    func recomputed() async throws {
        let (lines, forged) = (export(), export(changing: 2))
        // The rows of the forger between the checkpoints of the server.
        var mixed = forged
        for index in [3, 7, 11, 12] { mixed[index] = lines[index] }
        try await expectFault(mixed, row: 3)
        let other = makeCheckpointSigner(seed: Secret([UInt8](repeating: 6, count: 32)))
        try await expectFault(export(changing: 2, by: other), row: 3)
        // A cut cannot be made without the key either.
        try await expectFault(
            export(after: AuditLink(id: 4, hash: [UInt8](repeating: 3, count: 32)), by: other),
            row: 4
        )
        // Not even the server's own key makes another past of what was shipped.
        let shipped = lines.filter { $0.contains("\"checkpoint\"") }
        try await expectFault(forged, shipped: shipped, row: 3)
        try await expectFault(export(count: 4), shipped: shipped, row: 5)
    }
}
