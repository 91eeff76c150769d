internal import Core
internal import Domain
internal import SQL

struct SQLShellTreeStore: ShellTreeStore {
    /// The newest so many are kept.
    static let most: Int64 = 250_000
    let gate: StorageGate

    func parses(_ digests: [[UInt8]]) async throws -> [[UInt8]: ShellParse] {
        guard !digests.isEmpty else { return [:] }
        return try await gate.read { db in
            var found: [[UInt8]: ShellParse] = [:]
            for digest in digests {
                guard let row = try db.first("select parse from shell_trees where digest = \(digest)") else {
                    continue
                }
                found[digest] = Self.parse(try row.get("parse"))
            }
            return found
        }
    }

    func store(_ parses: [(digest: [UInt8], parse: ShellParse)]) async throws {
        let rows = parses.compactMap { entry in Self.bytes(entry.parse).map { (entry.digest, $0) } }
        guard !rows.isEmpty else { return }
        try await gate.write { db in
            for (digest, bytes) in rows {
                _ = try db.execute(
                    "insert into shell_trees (digest, parse) values (\(digest), \(bytes)) on conflict (digest) do nothing"
                )
            }
            _ = try db.execute(
                "delete from shell_trees where id <= (select max(id) from shell_trees) - \(Self.most)"
            )
        }
    }

    private static func bytes(_ parse: ShellParse) -> [UInt8]? {
        switch parse {
        case .tree(let tree): [0] + tree.encoded
        case .unparsable(let reason): [1] + Array(reason.utf8)
        case .unavailable: nil
        }
    }

    private static func parse(_ bytes: [UInt8]) -> ShellParse? {
        switch bytes.first {
        case 0: ShellTree(encoded: Array(bytes.dropFirst())).map(ShellParse.tree)
        case 1: .unparsable(String(decoding: bytes.dropFirst(), as: UTF8.self))
        default: nil
        }
    }
}
