import Core
import SQL
import TestSupport
import Testing

@Suite("Statements and rows")
struct StatementTests {
    @Test("interpolated values become binds, in either style of placeholder")
    func placeholders() {
        let columns: SQLStatement = "a, \(7) as b"
        let statement: SQLStatement =
            "select \(columns) from t where c = \("x' or 1=1") and d = \(Int64?.none)"
        #expect(statement.text(.question) == "select a, ? as b from t where c = ? and d = ?")
        #expect(statement.text(.numbered) == "select a, $1 as b from t where c = $2 and d = $3")
        #expect((0..<3).map { statement.value(at: $0) } == [.integer(7), .text("x' or 1=1"), .null])
    }

    @Test(
        "values come back as they were stored, byte for byte",
        arguments: [
            .null, .integer(.min), .integer(.max), .integer(0), .real(0.1), .real(-.infinity), .text(""),
            .text("ä日\u{0}z"), .text("e\u{301}"), .blob([]), .blob([0, 255, 0]),
        ] as [SQLValue]
    )
    func roundTrip(_ value: SQLValue) async throws {
        let open = try await OpenDatabase()
        let row = try await open.database.read { db in
            try db.first("select \(value) as v, typeof(\(value)) as t")
        }
        let stored: SQLValue = try #require(row).get("v")
        #expect(stored == value)
        if case .text(let expected) = value, case .text(let text) = stored {
            #expect(Array(text.utf8) == Array(expected.utf8))
        }
        let type: String? = try row?.get("t")
        switch value {
        case .null: #expect(type == "null")
        case .integer: #expect(type == "integer")
        case .real: #expect(type == "real")
        case .text: #expect(type == "text")
        case .blob: #expect(type == "blob")
        }
    }

    @Test("a column of another type, or that is not there, is a clear error without the value")
    func shapes() async throws {
        let open = try await OpenDatabase()
        let row = try #require(
            try await open.database.read { db in
                try db.first("select \("hidden") as v, null as n, 2 as two")
            }
        )
        #expect(throws: SQLError(.shape, message: "column v holds text, not Int")) {
            try row.get("v", as: Int.self)
        }
        #expect(throws: SQLError(.shape, message: "column n holds null, not String")) {
            try row.get("n", as: String.self)
        }
        #expect(throws: SQLError(.shape, message: "the row has no column w")) {
            try row.get("w", as: Int.self)
        }
        #expect(throws: SQLError(.shape, message: "the row has no column at 3")) {
            try row.get(3, as: Int.self)
        }
        #expect(throws: SQLError.self) { try row.get("two", as: Bool.self) }
        #expect(try row.get("n", as: Int?.self) == nil)
    }

    @Test(
        "input cannot become SQL",
        arguments: ["'; drop table items; --", "\" or \"\"=\"", "?1", "$1", "\\'; select 1"]
    )
    func injection(_ input: String) async throws {
        let open = try await OpenDatabase()
        try await open.insert(input)
        try await open.database.write { db in
            _ = try db.execute("delete from items where name = \(input + "x")")
        }
        #expect(try await open.names == [input])
    }

    @Test("more than one statement, or a missing value, is refused")
    func oneStatement() async throws {
        let open = try await OpenDatabase()
        await #expect(throws: SQLError.self) {
            try await open.database.write { db in
                _ = try db.execute("delete from items; delete from items")
            }
        }
        await #expect(
            throws: SQLError(.statement, message: "the statement has 1 placeholders and 0 values")
        ) {
            try await open.database.write { db in _ = try db.execute("delete from items where id = ?") }
        }
    }

    @Test("errors name the constraint and never a bound value")
    func constraintErrors() async throws {
        let open = try await OpenDatabase()
        let secret = "hunter2-\(UInt32.random(in: 0...9_999))"
        try await open.insert(secret)
        await #expect {
            try await open.insert(secret)
        } throws: { error in
            (error as? SQLError)?.kind == .uniqueViolation && !"\(error)".contains(secret)
                && "\(error)".contains("items.name")
        }
        await #expect {
            try await open.database.write { db in
                _ = try db.execute("insert into items (id) values (\(secret))")
            }
        } throws: { error in
            error is SQLError && !"\(error)".contains(secret)
        }
    }

    @Test("statements can be nested, also with the same text")
    func nesting() async throws {
        let open = try await OpenDatabase()
        for index in 0..<3 { try await open.insert("\(index)") }
        let pairs = try await open.database.read { db in
            var pairs = 0
            try db.forEach("select id from items") { _ in
                pairs += try db.all("select id from items").count
                return true
            }
            return pairs
        }
        #expect(pairs == 9)
    }

    @Test("statements have one shape if they are of one place and text, whatever their values")
    func shape() {
        func select(_ column: SQLStatement, _ table: String, _ id: Int) -> SQLStatement.Shape {
            let statement: SQLStatement = "select \(column) from \(unsafeSQL: table) where id = \(id)"
            return statement.shape
        }
        let (name, place): (SQLStatement, SQLStatement) = ("name", "place")
        #expect(select(name, "items", 1) == select(name, "items", 2))
        #expect(select(name, "items", 1).hashValue == select(name, "items", 2).hashValue)
        #expect(select(name, "items", 1) != select(place, "items", 1))
        #expect(select(name, "items", 1) != select(name, "others", 1))
        #expect(select(name, "items", 1) != select("\(7)", "items", 1))
    }

    @Test("each connection keeps a bounded number of prepared statements")
    func cacheBound() async throws {
        let open = try await OpenDatabase(readers: 1)
        try await open.database.read { db in
            for index in 0..<500 { _ = try db.first("select \(unsafeSQL: "\(index)") as n") }
        }
        let kept = open.database.statistics.keptStatements
        #expect(kept > 60)
        #expect(kept <= 2 * 64)
    }
}
