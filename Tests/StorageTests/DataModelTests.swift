import Core
import Domain
import FoundationEssentials
import SQL
import SQLite
import Storage
import TestSupport
import Testing

/// Compares docs/data-model.md with what the migrations make.
@Suite("The page about the data model")
struct DataModelTests {
    /// The first cells of tables whose head says `Table`, without backquotes.
    private static func described() throws -> [String] {
        let root = #filePath.dropLast("Tests/StorageTests/DataModelTests.swift".count)
        let page = String(
            decoding: try Data(contentsOf: URL(filePath: "\(root)docs/data-model.md")),
            as: UTF8.self
        )
        var names: [String] = []
        var isOfTables = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("| Table |") { isOfTables = true }
            if !line.hasPrefix("|") { isOfTables = false }
            let cell = line.split(separator: "|").first.map { String($0).trimmed } ?? ""
            if isOfTables, cell.hasPrefix("`") { names.append(cell.filter { $0 != "`" }) }
        }
        return names
    }

    /// The tables of a schema; those that belong to a virtual table or to SQLite are left out.
    private static func tables(_ database: any FileDatabase) async throws -> Set<String> {
        let rows = try await database.read { db in
            try db.all(
                "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite_%'"
            ).map {
                (name: try $0.get("name", as: String.self), sql: try $0.get("sql", as: String?.self) ?? "")
            }
        }
        let virtual = rows.filter { $0.sql.lowercased().hasPrefix("create virtual") }.map(\.name)
        return Set(rows.map(\.name).filter { name in !virtual.contains { name.hasPrefix($0 + "_") } })
    }

    @Test("describes every table once, and no other")
    func complete() async throws {
        let installation = try await Installation()
        let deltas = try await openSQLite(
            path: installation.folder.file("deltas.db"),
            readers: 1,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        try await migrateDeltas(deltas, at: Timestamp(seconds: 1))
        let described = try Self.described()
        #expect(described.count == Set(described).count, "a table is described twice")
        let known = try await Self.tables(installation.database).union(Self.tables(deltas))
        #expect(Set(described).subtracting(known) == [], "no migration makes these")
        #expect(known.subtracting(described) == [], "the page does not describe these")
        await deltas.close()
        await installation.database.close()
    }
}
