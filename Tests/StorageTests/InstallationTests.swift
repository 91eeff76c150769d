import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

@Suite("The stores of an installation")
struct InstallationTests {
    private let now = Timestamp(seconds: 1_700_000_000)

    private func open(_ path: String) async throws -> any FileDatabase {
        try await openSQLite(path: path, logger: Logger(level: .error, sink: NullLogSink()))
    }

    @Test("migrating twice does nothing, and all is there after opening again")
    func again() async throws {
        let first = try await Installation()
        #expect(try await migrate(first.database, at: now).isEmpty)
        let appended = try await first.stores.tickets.append(
            TicketDraft(command: "x", origin: .cli, submittedBy: .hash),
            to: .named(try SessionName("s")),
            maximumQueued: 1,
            at: now
        )
        await first.database.close()
        let database = try await open(first.folder.file("deckhand.db"))
        #expect(try await migrate(database, at: now).isEmpty)
        let stores = makeStores(on: database)
        #expect(try await stores.tickets.ticket(appended.ticket.id) == appended.ticket)
        #expect(try await stores.tickets.queuedCount() == 1)
    }

    @Test("a schema of a newer program is refused")
    func newer() async throws {
        let installation = try await Installation()
        let known = try embeddedMigrations().count
        try await installation.database.write { db in
            _ = try db.execute(
                "insert into schema_history values (\(known + 1), 'later.sql', 'select 1', 0)"
            )
        }
        await #expect(throws: MigrationError.newer(stored: known + 1, known: known)) {
            try await migrate(installation.database, at: now)
        }
    }

    @Test("facts are stored once, or replaced on purpose")
    func meta() async throws {
        let meta = try await Installation().stores.meta
        #expect(try await meta.value("id") == nil)
        #expect(try await meta.establish("id", as: "a") == "a")
        #expect(try await meta.establish("id", as: "b") == "a")
        try await meta.set("id", to: "c")
        #expect(try await meta.value("id") == "c")
    }

    @Test("a closed database is unavailable, with a hint")
    func closed() async throws {
        let installation = try await Installation()
        await installation.database.close()
        await #expect {
            try await installation.stores.tickets.queuedCount()
        } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.code == "storage_unavailable" && failure.kind == .unavailable
                && failure.hint != nil
        }
    }

    @Test(
        "on a full disk a submission is refused as storage_full, what was acknowledged stays, and numbers have no gap",
        .enabled(if: SmallDisk.isPossible, "only root can mount a small disk")
    )
    func full() async throws {
        let disk = try SmallDisk(bytes: 2 << 20)
        let database = try await open(disk.path + "/deckhand.db")
        _ = try await migrate(database, at: now)
        let tickets = makeStores(on: database).tickets
        let session = SessionReference.named(try SessionName("s"))
        let draft = TicketDraft(
            command: String(repeating: "x", count: 20_000),
            origin: .api,
            submittedBy: .hash
        )
        var acknowledged: [Ticket] = []
        var refusal: Failure?
        while refusal == nil, acknowledged.count < 1_000 {
            do {
                acknowledged.append(
                    try await tickets.append(draft, to: session, maximumQueued: 10_000, at: now).ticket
                )
            } catch let failure as Failure {
                refusal = failure
            }
        }
        #expect(refusal?.code == "storage_full")
        #expect(refusal?.kind == .unavailable)
        #expect(acknowledged.count > 5)
        for ticket in acknowledged { #expect(try await tickets.ticket(ticket.id) == ticket) }
        try disk.resize(bytes: 16 << 20)
        let next = try await tickets.append(draft, to: session, maximumQueued: 10_000, at: now)
        #expect(next.ticket.id.number == acknowledged.count + 1)
        #expect(try await tickets.queuedCount() == acknowledged.count + 1)
    }

    @Test("a backup holds the tickets")
    func backup() async throws {
        let installation = try await Installation()
        let appended = try await installation.stores.tickets.append(
            TicketDraft(command: "x", origin: .cli, submittedBy: .hash),
            to: .named(try SessionName("s")),
            maximumQueued: 1,
            at: now
        )
        let path = installation.folder.file("copy.db")
        try await installation.database.backup(to: path)
        let copy = makeStores(on: try await open(path))
        #expect(try await copy.tickets.ticket(appended.ticket.id) == appended.ticket)
    }
}
