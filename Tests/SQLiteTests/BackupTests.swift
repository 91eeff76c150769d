import Core
import SQL
import TestSupport
import Testing

@Suite("Backups are complete and of one moment")
struct BackupTests {
    /// Many steps long: a copy that every commit starts again would not end while others write.
    @Test(
        "a backup while others write ends, and is a sound database with all that was stored before",
        .timeLimit(.minutes(1))
    )
    func whileWriting() async throws {
        let open = try await OpenDatabase()
        let data = [UInt8](repeating: 1, count: 20_000)
        try await open.database.write { db in
            for _ in 0..<3_000 { try db.execute("insert into items (data) values (\(data))") }
        }
        let target = open.folder.file("copy.db")
        let done = Flag()
        async let written = {
            var count = 0
            while !done.isRaised {
                // Pairs: a copy of half a transaction would have an odd number of rows.
                try await open.database.write { db in
                    for _ in 0..<2 { try db.execute("insert into items (data) values (\(data))") }
                }
                count += 2
            }
            return count
        }()
        try await eventually { open.database.statistics.writes > 5 }
        try await open.database.backup(to: target)
        done.raise()
        let total = try await written + 3_000
        let copy = try await OpenDatabase.open(target)
        let count: Int = try #require(try await copy.value("select count(*) from items"))
        #expect(try await copy.value("pragma integrity_check") == "ok")
        #expect((3_003...total).contains(count))
        #expect(count % 2 == 0)
        await copy.close()
    }

    @Test("an existing file is not overwritten, an impossible place is a clear error")
    func refused() async throws {
        let open = try await OpenDatabase()
        let target = open.folder.file("copy.db")
        try await open.database.backup(to: target)
        for path in [target, open.folder.file("test.db"), open.folder.file("none/copy.db")] {
            await #expect {
                try await open.database.backup(to: path)
            } throws: { error in
                (error as? SQLError)?.kind == .inaccessible
            }
        }
    }
}
