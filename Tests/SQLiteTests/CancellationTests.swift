import Core
import SQL
import SQLite
import TestSupport
import Testing

@Suite("Cancellation stops one statement and undoes its body")
struct CancellationTests {
    /// Would take minutes.
    private static let endless: SQLStatement = """
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000000000)
        select count(*) from n
        """

    @Test("a long query is interrupted, those beside and after it are not", .timeLimit(.minutes(1)))
    func reading() async throws {
        let open = try await OpenDatabase(readers: 2)
        for _ in 0..<20 {
            let flag = Flag()
            let task = Task {
                try await open.database.read { db in
                    flag.raise()
                    _ = try db.first(Self.endless)
                }
            }
            try await eventually { flag.isRaised }
            task.cancel()
            for _ in 0..<5 { #expect(try await open.names.isEmpty) }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("a write is interrupted and undone; the others of its batch are stored", .timeLimit(.minutes(1)))
    func writing() async throws {
        let open = try await OpenDatabase()
        let statistics: @Sendable () -> DatabaseStatistics = { open.database.statistics }
        let (held, running) = (Flag(), Flag())
        let hold = Task {
            try await open.database.write { _ in
                held.raise()
                try wait { statistics().waitingWrites == 3 }
            }
        }
        try await eventually { held.isRaised }
        async let before: Void = open.insert("before")
        try await eventually { statistics().waitingWrites == 1 }
        let victim = Task {
            try await open.database.write { db in
                _ = try db.execute("insert into items (name) values ('victim')")
                running.raise()
                _ = try db.execute(
                    """
                    insert into items (id)
                    with recursive n (i) as (select 1000 union all select i + 1 from n where i < 1000000000)
                    select i from n where i % 1000000007 = 0
                    """
                )
            }
        }
        try await eventually { statistics().waitingWrites == 2 }
        async let after: Void = open.insert("after")
        try await hold.value
        try await eventually { running.isRaised }
        victim.cancel()
        await #expect(throws: CancellationError.self) { try await victim.value }
        _ = try await (before, after)
        #expect(try await open.names == ["before", "after"])
    }

    @Test("what waits is taken back at once; what was cancelled before is not run", .timeLimit(.minutes(1)))
    func waiting() async throws {
        let open = try await OpenDatabase()
        let (gate, held) = (Flag(), Flag())
        let hold = Task {
            try await open.database.write { _ in
                held.raise()
                try wait { gate.isRaised }
            }
        }
        try await eventually { held.isRaised }
        let waiting = Task { try await open.insert("waiting") }
        try await eventually { open.database.statistics.waitingWrites == 1 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.raise()
        try await hold.value
        let late = Task {
            unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
            try await open.insert("late")
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(try await open.names.isEmpty)
    }

    @Test("a cancelled body cannot hide it by catching the error", .timeLimit(.minutes(1)))
    func swallowing() async throws {
        let open = try await OpenDatabase()
        let flag = Flag()
        let task = Task {
            try await open.database.write { db in
                _ = try db.execute("insert into items (name) values ('x')")
                flag.raise()
                _ = try? db.first(Self.endless)
            }
        }
        try await eventually { flag.isRaised }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await open.names.isEmpty)
    }
}
