import Core
import SQL
import SQLite
import Synchronization
import TestSupport
import Testing

/// A database with a table `items`, in a directory of its own.
struct OpenDatabase {
    let folder: ScratchFolder
    let database: any FileDatabase

    init(readers: Int = 2) async throws {
        folder = try ScratchFolder()
        database = try await Self.open(folder.file("test.db"), readers: readers)
        try await database.write { db in
            try db.execute(
                script: "create table items (id integer primary key, name text unique, data blob) strict"
            )
        }
    }

    static func open(_ path: String, readers: Int = 2) async throws -> any FileDatabase {
        try await openSQLite(path: path, readers: readers, logger: Logger(level: .error, sink: NullLogSink()))
    }

    /// Takes the writer until so many writes wait behind; they end up in one batch.
    func holdWriter(until count: Int) async throws {
        let database = database
        try await database.write { _ in try wait { database.statistics.waitingWrites >= count } }
    }

    var names: [String] {
        get async throws {
            try await database.read { db in
                try db.all("select name from items order by id").map { try $0.get("name") }
            }
        }
    }

    func insert(_ name: String) async throws {
        try await database.write { db in _ = try db.execute("insert into items (name) values (\(name))") }
    }
}

extension FileDatabase {
    /// The first value of the first row.
    func value<Value: SQLConvertible & Sendable>(_ statement: SQLStatement) async throws -> Value? {
        try await read { db in try db.first(statement)?.get(0) }
    }
}

/// A condition did not come true in time.
struct DeadlinePassed: Error {}

/// Waits on a thread that may block, at most 20 s.
func wait(_ condition: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else { throw DeadlinePassed() }
    }
}

/// Waits in a task, at most 20 s.
func eventually(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw DeadlinePassed() }
        await Task.yield()
    }
}

/// Something that happened.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isRaised: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}
