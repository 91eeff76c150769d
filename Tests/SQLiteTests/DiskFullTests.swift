import Core
import SQL
import SQLite
import TestSupport
import Testing

@Suite("A full disk refuses writes and harms nothing")
struct DiskFullTests {
    @Test(
        "what was stored stays, the rest is refused, and it works again with space",
        .enabled(if: SmallDisk.isPossible, "only root can mount a small disk")
    )
    func full() async throws {
        let disk = try SmallDisk(bytes: 2 << 20)
        let database = try await OpenDatabase.open(disk.path + "/test.db")
        try await database.write { db in
            try db.execute(script: "create table items (id integer primary key, data blob) strict")
        }
        let (stored, refused) = try await fill(database)
        #expect(refused == 8)
        #expect(stored > 10)
        #expect(try await database.value("select count(*) from items") == stored)
        try disk.resize(bytes: 16 << 20)
        try await database.write { db in
            _ = try db.execute("insert into items (data) values (\([UInt8](repeating: 1, count: 50_000)))")
        }
        #expect(try await database.value("select count(*) from items") == stored + 1)
        #expect(try await database.value("pragma integrity_check") == "ok")
        await database.close()
    }

    /// Eight tasks write until each was refused once.
    private func fill(_ database: any FileDatabase) async throws -> (stored: Int, refused: Int) {
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for task in 0..<8 {
                group.addTask {
                    let data = [UInt8](repeating: UInt8(task), count: 20_000)
                    for stored in 0..<1_000 {
                        do {
                            try await database.write { db in
                                _ = try db.execute("insert into items (data) values (\(data))")
                            }
                        } catch let error as SQLError where error.kind == .full || error.kind == .inputOutput
                        {
                            return (stored, 1)
                        }
                    }
                    return (1_000, 0)
                }
            }
            return try await group.reduce(into: (0, 0)) { sum, next in
                sum.0 += next.0
                sum.1 += next.1
            }
        }
    }
}
