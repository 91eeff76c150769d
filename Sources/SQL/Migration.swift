/// One step of a schema's history: a numbered file that is never changed once released.
public struct Migration: Sendable, Equatable {
    /// From 1, without gaps.
    public let number: Int
    /// The file's name.
    public let name: String
    /// The statements.
    public let script: String

    /// Makes a step.
    public init(number: Int, name: String, script: String) {
        self.number = number
        self.name = name
        self.script = script
    }

    /// Makes a step from an embedded file such as `0001_initial.sql`.
    public init(file name: String, bytes: [UInt8]) throws(MigrationError) {
        guard let number = Int(name.prefix { $0 != "_" }), number > 0,
            let script = String(validating: bytes, as: UTF8.self)
        else { throw .misnamed(name) }
        self.init(number: number, name: name, script: script)
    }
}

/// Why a schema cannot be brought up to date.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's name does not begin with a number and an underscore, or its bytes are no UTF-8.
    case misnamed(String)
    /// The numbers are not 1, 2, 3, …
    case gap(expected: Int, found: Int)
    /// The database was made by a newer program.
    case newer(stored: Int, known: Int)
    /// A step that was applied is not the one that the program has.
    case changed(number: Int, name: String)
    /// A step failed; nothing of it was kept.
    case failed(number: Int, name: String, cause: SQLError)

    /// A sentence that says what to do.
    public var description: String {
        switch self {
        case .misnamed(let name):
            "The migration file \(name) needs a name such as 0001_subject.sql and UTF-8 text."
        case .gap(let expected, let found):
            "The migrations have a gap: number \(expected) was expected, \(found) was found."
        case .newer(let stored, let known):
            "The database has schema \(stored), but this program knows schemas up to \(known). "
                + "Use the newer program, or restore a backup made with this one."
        case .changed(let number, let name):
            "Migration \(number) (\(name)) is not the one that was applied to this database. "
                + "Applied migrations must not be edited; use the program that made the database."
        case .failed(let number, let name, let cause):
            "Migration \(number) (\(name)) failed and was rolled back: \(cause)"
        }
    }
}
