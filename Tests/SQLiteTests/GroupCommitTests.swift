import Core
import SQL
import SQLite
import TestSupport
import Testing

@Suite("Writes share commits and nothing else")
struct GroupCommitTests {
    private struct Refused: Error {}

    /// Runs bodies that all wait for the writer at the same time; returns their errors.
    private func together(
        _ open: OpenDatabase,
        _ count: Int,
        _ body: @escaping @Sendable (borrowing Connection, Int) throws -> Void
    ) async throws -> [Int: any Error] {
        let held = Flag()
        return try await withThrowingTaskGroup(of: (Int, (any Error)?).self) { group in
            group.addTask {
                try await open.database.write { _ in
                    held.raise()
                    try wait { open.database.statistics.waitingWrites >= count }
                }
                return (-1, nil)
            }
            try await eventually { held.isRaised }
            for index in 0..<count {
                group.addTask {
                    do {
                        try await open.database.write { db in try body(db, index) }
                        return (index, nil)
                    } catch {
                        return (index, error)
                    }
                }
            }
            return try await group.reduce(into: [:]) { errors, next in errors[next.0] = next.1 }
        }
    }

    @Test("writes that wait together are committed together")
    func sharing() async throws {
        let open = try await OpenDatabase()
        let before = open.database.statistics
        let errors = try await together(open, 20) { db, index in
            _ = try db.execute("insert into items (name) values (\("n\(index)"))")
        }
        let after = open.database.statistics
        #expect(errors.isEmpty)
        #expect(after.writes - before.writes == 21)
        #expect(after.commits - before.commits == 2)
        #expect(try await open.names.count == 20)
    }

    @Test("a body that fails is undone alone")
    func failureAlone() async throws {
        let open = try await OpenDatabase()
        let errors = try await together(open, 9) { db, index in
            _ = try db.execute("insert into items (name) values (\("n\(index)"))")
            if index % 3 == 1 { throw Refused() }
            if index % 3 == 2 { _ = try db.execute("insert into items (name) values (\("n\(index)"))") }
        }
        #expect(errors.keys.sorted() == [1, 2, 4, 5, 7, 8])
        #expect(errors.values.count { $0 is Refused } == 3)
        #expect(errors.values.count { ($0 as? SQLError)?.kind == .uniqueViolation } == 3)
        #expect(Set(try await open.names) == ["n0", "n3", "n6"])
        await #expect(throws: Refused.self) {
            try await open.database.write { db in
                _ = try db.execute("insert into items (name) values ('alone')")
                throw Refused()
            }
        }
        #expect(try await open.names.count == 3)
    }

    @Test("a body that ends the transaction fails; those around it are stored all the same")
    func transactionLost() async throws {
        let open = try await OpenDatabase()
        let errors = try await together(open, 5) { db, index in
            _ = try db.execute("insert into items (name) values (\("n\(index)"))")
            if index == 2 { _ = try db.execute("rollback") }
        }
        #expect(Array(errors.keys) == [2])
        #expect(Set(try await open.names) == ["n0", "n1", "n3", "n4"])
    }

    @Test("a read sees every write that returned before, and cannot write")
    func reading() async throws {
        let open = try await OpenDatabase()
        for index in 0..<50 {
            try await open.insert("\(index)")
            #expect(try await open.names.count == index + 1)
        }
        await #expect {
            try await open.database.read { db in _ = try db.execute("delete from items") }
        } throws: { error in
            (error as? SQLError)?.kind == .inaccessible
        }
    }

    @Test("one read sees one moment")
    func snapshot() async throws {
        let open = try await OpenDatabase(readers: 1)
        let database = open.database
        let started = Flag()
        async let counts = database.read { db in
            let first: Int = try db.first("select count(*) from items")?.get(0) ?? -1
            let writes = database.statistics.writes
            started.raise()
            try wait { database.statistics.writes > writes }
            return [first, try db.first("select count(*) from items")?.get(0) ?? -1]
        }
        try await eventually { started.isRaised }
        try await open.insert("later")
        #expect(try await counts == [0, 0])
        #expect(try await open.names == ["later"])
    }

    @Test("after close everything is refused; closing twice is no error")
    func closing() async throws {
        let open = try await OpenDatabase()
        try await open.insert("a")
        await open.database.close()
        await open.database.close()
        await #expect(throws: SQLError(.closed, message: "the database is closed")) {
            try await open.database.read { _ in }
        }
        await #expect(throws: SQLError(.closed, message: "the database is closed")) {
            try await open.database.write { _ in }
        }
        let again = try await OpenDatabase.open(open.folder.file("test.db"))
        #expect(try await again.value("select count(*) from items") == 1)
    }

    @Test("close lets what waits end")
    func closingLate() async throws {
        let open = try await OpenDatabase()
        let (held, gate) = (Flag(), Flag())
        async let hold: Void = open.database.write { _ in
            held.raise()
            try wait { gate.isRaised }
        }
        try await eventually { held.isRaised }
        async let waiting: Void = open.insert("waited")
        try await eventually { open.database.statistics.waitingWrites == 1 }
        async let closed: Void = open.database.close()
        gate.raise()
        _ = try await (hold, waiting, closed)
        let again = try await OpenDatabase.open(open.folder.file("test.db"))
        #expect(try await again.value("select name from items") == "waited")
    }
}
