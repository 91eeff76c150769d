import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

@Suite("The audit log's chain")
struct AuditChainTests {
    private let now = Timestamp(seconds: 1_700_000_000)

    private func entry(_ action: String, at seconds: Int64 = 0, by principal: String = "hash") -> AuditEntry {
        AuditEntry(
            time: now + .seconds(seconds),
            principal: PrincipalID(principal),
            action: action,
            subject: "thing"
        )
    }

    private func draft(_ command: String, place: OfferedPlace? = nil) -> TicketDraft {
        var draft = TicketDraft(command: command, origin: .get, submittedBy: .hash)
        draft.place = place
        return draft
    }

    /// Each row hashes to what it says, from the place before the first one on.
    private func expectChain(_ trail: any AuditTrail, after: AuditLink = .origin, count: Int) async throws {
        var link = after
        let rows = try await trail.rows(after: after.id, limit: 100_000)
        for row in rows {
            #expect(row == link.row(row.entry))
            link = row.link
        }
        #expect(rows.count == count)
        #expect(try await trail.head() == link)
    }

    @Test("has every entry of concurrent writers, in one order, whatever stands in it")
    func concurrent() async throws {
        let installation = try await Installation()
        try await withThrowingTaskGroup { group in
            for index in 0..<50 {
                group.addTask { try await installation.stores.audit.record(entry("a'\u{0}ä\(index)")) }
            }
            try await group.waitForAll()
        }
        try await expectChain(installation.stores.auditTrail, count: 50)
        await installation.database.close()
    }

    @Test("cannot be changed, and loses no row but behind a cut")
    func append() async throws {
        let installation = try await Installation()
        let stores = installation.stores
        for index in 0..<5 { try await stores.audit.record(entry("a\(index)", at: Int64(index))) }
        for statement: SQLStatement in [
            "update audit set detail = '{}x' where id = 2",
            "update audit set hash = zeroblob(32) where id = 2",
            "delete from audit where id = 1", "delete from audit",
        ] {
            await #expect(throws: SQLError.self) {
                try await installation.database.write { db in _ = try db.execute(statement) }
            }
        }
        let link = try #require(try await stores.auditTrail.lastRow(before: now + .seconds(3)))
        #expect(link.id == 3)
        let cut = AuditCheckpoint(.cut, link, at: now, signature: [7])
        #expect(try await stores.auditTrail.prune(through: cut, entry("audit.prune", at: 9)) == 3)
        #expect(try await stores.auditTrail.cut() == cut)
        try await expectChain(stores.auditTrail, after: link, count: 3)
        // The newest row is never removed: the chain goes on from it.
        let last = try #require(try await stores.auditTrail.lastRow(before: now + .seconds(99)))
        #expect(last.id == 5)
        let wrong = AuditCheckpoint(.cut, AuditLink(id: 5, hash: link.hash), at: now, signature: [])
        #expect(try await stores.auditTrail.prune(through: wrong, entry("audit.prune")) == 0)
        await installation.database.close()
    }

    @Test("takes up the rows that were there before it, once")
    func earlier() async throws {
        let installation = try await Installation()
        _ = try await installation.database.write { db in
            try db.execute(
                """
                insert into audit (time, principal, action, subject, detail)
                with recursive n (i) as (select 1 union all select i + 1 from n where i < 2500)
                select i, 'hash', 'old', 'thing/' || i, '{}' from n
                """
            )
        }
        try await installation.stores.audit.record(entry("new"))
        try await expectChain(installation.stores.auditTrail, count: 2_501)
        await installation.database.close()
    }

    @Test("is asked by principal, action, family of actions and time, page by page")
    func filters() async throws {
        let installation = try await Installation()
        let (audit, trail) = (installation.stores.audit, installation.stores.auditTrail)
        for index in 0..<10 {
            let action = index.isMultiple(of: 2) ? "ticket.start" : "ticket.end"
            try await audit.record(entry(action, at: Int64(index), by: index < 5 ? "operator:1" : "user:2"))
        }
        try await audit.record(entry("tickets"))
        func ids(_ change: (inout AuditFilter) -> Void) async throws -> [Int64] {
            var filter = AuditFilter()
            change(&filter)
            var (found, next) = ([Int64](), Int64?.none)
            repeat {
                let page = try await trail.rows(filter, before: next, limit: 2)
                found += page.rows.map(\.id)
                next = page.next
            } while next != nil
            return found
        }
        #expect(try await ids { _ in } == Array((1...11).reversed()))
        #expect(try await ids { $0.principal = PrincipalID("user:2") } == [10, 9, 8, 7, 6])
        #expect(try await ids { $0.action = "ticket.end" } == [10, 8, 6, 4, 2])
        #expect(try await ids { $0.action = "ticket." } == Array((1...10).reversed()))
        let (from, until) = (now + .seconds(2), now + .seconds(4))
        let between = try await ids { filter in
            filter.from = from
            filter.until = until
        }
        #expect(between == [4, 3])
        #expect(try await trail.row(3)?.entry.action == "ticket.start")
        #expect(try await trail.row(12) == nil)
        await installation.database.close()
    }

    // MARK: Tickets

    @Test("says of each ticket when it started and how it ended, in the commits that there are anyway")
    func tickets() async throws {
        let installation = try await Installation()
        let tickets = installation.stores.tickets
        let name = try SessionName("s")
        let before = installation.database.statistics.commits
        let made = try await tickets.append(draft("echo"), to: .named(name), maximumQueued: 9, at: now)
        let id = made.ticket.id
        #expect(try await tickets.markStarting([id], bootID: "b", at: now) == [id])
        #expect(try await tickets.markStarting([id], bootID: "b", at: now) == [])
        for _ in 0..<2 {
            _ = try await tickets.finish(id, as: .exited(code: 3), run: nil, inlineOutput: nil, at: now)
        }
        // Both repetitions are transactions of their own, as they were.
        #expect(installation.database.statistics.commits - before <= 5)
        let entries = try await installation.stores.audit.entries(limit: 9).reversed()
        #expect(entries.map(\.action) == ["ticket.start", "ticket.end"])
        #expect(entries.map(\.subject) == ["session/1/ticket/1", "session/1/ticket/1"])
        #expect(entries.last?.detail == #"{"state":"exited","exit_code":3}"#)
        let digest = "092c79e8f80e559e404bcf660c48f3522b67aba9ff1484b0367e1a4ddef7431d"
        #expect(entries.first?.detail == "{\"command_sha256\":\"\(digest)\"}")
        let held = try await tickets.append(draft("two"), to: .named(name), maximumQueued: 9, at: now)
        _ = try await tickets.cancel(held.ticket.id, at: now)
        #expect(
            try await installation.stores.audit.entries(limit: 1).first?.detail == #"{"state":"cancelled"}"#
        )
        try await expectChain(installation.stores.auditTrail, count: 3)
        await installation.database.close()
    }

    @Test("starts no command whose row cannot be written")
    func refusal() async throws {
        let installation = try await Installation()
        let tickets = installation.stores.tickets
        let name = try SessionName("s")
        let made = try await tickets.append(draft("one"), to: .named(name), maximumQueued: 9, at: now)
        try await installation.database.write { db in
            try db.execute(
                script: """
                    create trigger full before insert on audit begin select raise(abort, 'no room'); end;
                    """
            )
        }
        await #expect(throws: (any Error).self) {
            try await tickets.markStarting([made.ticket.id], bootID: "b", at: now)
        }
        #expect(try await tickets.ticket(made.ticket.id)?.state == .queued)
        let place = OfferedPlace(bootID: "b", perSession: 9)
        let other = try SessionName("other")
        await #expect(throws: (any Error).self) {
            try await tickets.append(draft("two", place: place), to: .named(other), maximumQueued: 9, at: now)
        }
        #expect(try await tickets.session(named: other) == nil)
        await installation.database.close()
    }
}
