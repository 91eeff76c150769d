/// What an engine does for a transaction's body; implemented by engines only.
public protocol StatementRunner: AnyObject {
    /// Runs a statement and hands each row to `body` until it returns false; returns how many rows were changed.
    func run(_ statement: SQLStatement, _ body: (SQLRow) throws -> Bool) throws -> Int
    /// Runs the statements of a script one after the other, without binds.
    func run(script: String) throws
}

/// The database as the body of one transaction sees it.
///
/// It cannot be copied or kept: it is lent to the body and gone afterwards. Every verb throws `SQLError`, of kind
/// `interrupted` as soon as the caller was cancelled.
public struct Connection: ~Copyable {
    private let runner: any StatementRunner

    /// Lends an engine to a body; for engines.
    public init(_ runner: any StatementRunner) { self.runner = runner }

    /// Runs a statement; returns how many rows it inserted, changed or deleted.
    @discardableResult
    public func execute(_ statement: SQLStatement) throws -> Int {
        try runner.run(statement) { _ in true }
    }

    /// Hands the rows to `body`, one at a time, until it returns false.
    public func forEach(_ statement: SQLStatement, _ body: (SQLRow) throws -> Bool) throws {
        _ = try runner.run(statement, body)
    }

    /// All rows.
    ///
    /// For results that are bounded by the statement.
    public func all(_ statement: SQLStatement) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        _ = try runner.run(statement) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// The first row, or nil.
    ///
    /// The statement is not run further than that, so one that changes rows must not be used here unless it changes
    /// at most one: see ``all(_:)``.
    public func first(_ statement: SQLStatement) throws -> SQLRow? {
        var found: SQLRow?
        _ = try runner.run(statement) { row in
            found = row
            return false
        }
        return found
    }

    /// Runs the statements of a script, which comes from the program; for migrations.
    public func execute(script: String) throws { try runner.run(script: script) }
}

/// A connection belongs to the thread that runs the body.
@available(*, unavailable)
extension Connection: Sendable {}
