import Core
import FoundationEssentials
import Glibc
import SQL
import SQLite
import TestSupport
import Testing

@Suite("What was acknowledged is stored")
struct DurabilityTests {
    @Test("writes that returned survive SIGKILL in the middle of others")
    func killed() async throws {
        let folder = try ScratchFolder()
        let path = folder.file("test.db")
        let acknowledged = folder.file("acknowledged")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, acknowledged = acknowledged as String] in
            try await DurabilityTests.writeUntilKilled(path, acknowledged: acknowledged)
        }
        let said = try String(decoding: Data(contentsOf: URL(filePath: acknowledged)), as: UTF8.self)
            .split(separator: "\n")
        #expect(said.count >= 200)
        let database = try await OpenDatabase.open(path)
        let stored = Set(
            try await database.read { db in
                try db.all("select name from items").map { try $0.get("name", as: String.self) }
            }
        )
        #expect(said.allSatisfy { stored.contains(String($0)) })
        #expect(try await database.value("pragma integrity_check") == "ok")
        await database.close()
    }

    /// Eight tasks write and say so in a file; then the process kills itself.
    private static func writeUntilKilled(_ path: String, acknowledged: String) async throws {
        let database = try await OpenDatabase.open(path)
        try await database.write { db in
            try db.execute(script: "create table items (name text primary key) strict")
        }
        let file = unsafe open(acknowledged, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<10_000 {
                        let name = "\(task)-\(index)"
                        try await database.write { db in
                            _ = try db.execute("insert into items (name) values (\(name))")
                        }
                        let line = Array("\(name)\n".utf8)
                        _ = unsafe line.withUnsafeBytes { bytes in
                            unsafe Glibc.write(file, bytes.baseAddress, bytes.count)
                        }
                        if database.statistics.writes > 300 { kill(getpid(), SIGKILL) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("files are readable by their owner only, and the log is gone after close")
    func files() async throws {
        let open = try await OpenDatabase()
        for name in ["test.db", "test.db-wal", "test.db-shm"] {
            #expect(Self.status(open.folder.file(name))?.st_mode == S_IFREG | 0o600, "\(name)")
        }
        await open.database.close()
        #expect(Self.status(open.folder.file("test.db-wal")) == nil)
    }

    @Test("the log does not grow without bound")
    func checkpoints() async throws {
        let open = try await OpenDatabase()
        let data = [UInt8](repeating: 7, count: 100_000)
        for _ in 0..<1_200 {
            try await open.database.write { db in
                _ = try db.execute("insert into items (data) values (\(data))")
            }
        }
        // Commits wait for a checkpoint at 16,000 pages.
        let size = try #require(Self.status(open.folder.file("test.db-wal"))?.st_size)
        #expect(size < 70_000_000)
    }

    @Test("nor does it while commits never pause, and nothing is lost on its way")
    func checkpointsBesideCommits() async throws {
        let open = try await OpenDatabase()
        let data = [UInt8](repeating: 7, count: 3_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<3_000 {
                        try await open.database.write { db in
                            _ = try db.execute("insert into items (data) values (\(data))")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let size = try #require(Self.status(open.folder.file("test.db-wal"))?.st_size)
        #expect(size < 70_000_000)
        let count: Int64? = try await open.database.read { db in
            try db.first("select count(*) from items where length(data) = 3000")?.get(0)
        }
        #expect(count == 24_000)
        let verdict: String? = try await open.database.read { db in
            try db.first("pragma integrity_check")?.get(0)
        }
        #expect(verdict == "ok")
    }

    @Test("a folder that is missing, and a file that is no database, are clear errors")
    func cannotOpen() async throws {
        let folder = try ScratchFolder()
        await #expect {
            _ = try await OpenDatabase.open(folder.file("none/test.db"))
        } throws: { error in
            (error as? SQLError)?.kind == .inaccessible
        }
        let path = folder.file("text.db")
        try Data(String(repeating: "no database ", count: 1_000).utf8).write(to: URL(filePath: path))
        await #expect {
            _ = try await OpenDatabase.open(path)
        } throws: { error in
            (error as? SQLError)?.kind == .corrupt
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }
}
