import Core
import SQL
import TestSupport
import Testing

@Suite("The migrator only goes forward")
struct MigratorTests {
    private let now = Timestamp(seconds: 1)

    private func step(_ number: Int, _ script: String) -> Migration {
        Migration(number: number, name: "000\(number)_test.sql", script: script)
    }

    @Test("steps are applied once, in the order of their numbers")
    func order() async throws {
        let open = try await OpenDatabase()
        let steps = [
            step(2, "insert into a values (2);"),
            step(1, "create table a (n integer); insert into a values (1);"),
        ]
        #expect(try await Migrator(steps).migrate(open.database, at: now).map(\.number) == [1, 2])
        #expect(try await Migrator(steps).migrate(open.database, at: now).isEmpty)
        let more = steps + [step(3, "insert into a values (3)")]
        #expect(try await Migrator(more).migrate(open.database, at: now).map(\.number) == [3])
        let values = try await open.database.read { db in
            try db.all("select n from a order by rowid").map { try $0.get("n", as: Int.self) }
        }
        #expect(values == [1, 2, 3])
    }

    @Test("a newer schema is refused")
    func newer() async throws {
        let open = try await OpenDatabase()
        let steps = [step(1, "create table a (n integer)"), step(2, "create table b (n integer)")]
        _ = try await Migrator(steps).migrate(open.database, at: now)
        await #expect(throws: MigrationError.newer(stored: 2, known: 1)) {
            try await Migrator([steps[0]]).migrate(open.database, at: now)
        }
    }

    @Test("an edited step is refused")
    func edited() async throws {
        let open = try await OpenDatabase()
        _ = try await Migrator([step(1, "create table a (n integer)")]).migrate(open.database, at: now)
        await #expect(throws: MigrationError.changed(number: 1, name: "0001_test.sql")) {
            try await Migrator([step(1, "create table a (m integer)")]).migrate(open.database, at: now)
        }
    }

    @Test("a failing step leaves nothing, those before it stay")
    func failing() async throws {
        let open = try await OpenDatabase()
        let good = step(1, "create table a (n integer)")
        let bad = step(2, "create table b (n integer); insert into missing values (1);")
        await #expect {
            try await Migrator([good, bad]).migrate(open.database, at: now)
        } throws: { error in
            guard case .failed(2, _, let cause) = error as? MigrationError else { return false }
            return cause.message.contains("missing")
        }
        let tables = try await open.database.read { db in
            try db.all("select name from sqlite_schema where name in ('a', 'b')")
                .map { try $0.get(0, as: String.self) }
        }
        #expect(tables == ["a"])
        let mended = [good, step(2, "create table b (n integer)")]
        #expect(try await Migrator(mended).migrate(open.database, at: now).map(\.number) == [2])
    }

    @Test("gaps and misnamed files are refused before anything is done")
    func names() throws {
        #expect(throws: MigrationError.gap(expected: 2, found: 3)) {
            try Migrator([step(1, ""), step(3, "")])
        }
        #expect(throws: MigrationError.gap(expected: 2, found: 1)) {
            try Migrator([step(1, ""), step(1, "")])
        }
        for name in ["tickets.sql", "0000_x.sql", "-1_x.sql", ""] {
            #expect(throws: MigrationError.misnamed(name)) { try Migration(file: name, bytes: []) }
        }
        #expect(throws: MigrationError.misnamed("0001_x.sql")) {
            try Migration(file: "0001_x.sql", bytes: [0xFF])
        }
        #expect(try Migration(file: "0012_x.sql", bytes: [59]).number == 12)
    }
}
