import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

/// Ratios of medians with wide margins: they show a scan, not a slow machine.
@Suite("What a verb costs does not depend on how many tickets exist", .serialized)
struct CostTests {
    private let now = Timestamp(seconds: 1_700_000_000)

    @Test("an append after 20,000 tickets costs what the first ones cost")
    func append() async throws {
        let (few, many) = (try await Installation(), try await Installation())
        _ = try await appendTime(many)
        try await fill(many, session: 1, count: 20_000)
        try await compare(few, many, atMost: 4) { try await appendTime($0) }
    }

    @Test("what a start reads does not grow with finished tickets")
    func start() async throws {
        let (few, many) = (try await Installation(), try await Installation())
        for installation in [few, many] { _ = try await appendTime(installation) }
        try await fill(many, session: 1, count: 200_000)
        try await compare(few, many, atMost: 8) { try await startTime($0) }
    }

    @Test("a ticket's rows of the audit log cost the same behind 200,000 earlier ones")
    func audit() async throws {
        let (few, many) = (try await Installation(), try await Installation())
        for installation in [few, many] { _ = try await appendTime(installation) }
        _ = try await many.database.write { db in
            try db.execute(
                """
                insert into audit (time, principal, action, subject, detail, hash)
                with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000)
                select i, 'hash', 'ticket.end', 'session/1/ticket/' || i, '{"state":"exited"}', zeroblob(32) from n
                """
            )
        }
        try await compare(few, many, atMost: 4) { try await ticketTime($0) }
    }

    /// From the submission to the stored end.
    private func ticketTime(_ installation: Installation) async throws -> Duration {
        let tickets = installation.stores.tickets
        let name = try SessionName("audited")
        return try await median(61) { _ in
            let draft = TicketDraft(command: "true", origin: .get, submittedBy: .hash)
            let id = try await tickets.append(draft, to: .named(name), maximumQueued: 10_000, at: now).ticket
                .id
            _ = try await tickets.markStarting([id], bootID: "b", at: now)
            _ = try await tickets.finish(id, as: .exited(code: 0), run: nil, inlineOutput: nil, at: now)
        }
    }

    private func compare(
        _ few: Installation,
        _ many: Installation,
        atMost factor: Int,
        _ time: (Installation) async throws -> Duration
    ) async throws {
        try await compare(atMost: factor) { (try await time(few), try await time(many)) }
    }

    /// One quiet moment is enough to see that the costs are alike; a scan never looks like it.
    private func compare(atMost factor: Int, _ times: () async throws -> (Duration, Duration)) async throws {
        var seen: [String] = []
        for _ in 0..<8 {
            let (before, after) = try await times()
            if after < before * factor { return }
            seen.append("\(before) and \(after)")
        }
        Issue.record("\(seen)")
    }

    @Test("what a turn asks of the store costs the same in a chat with 5,000 turns, of whatever length")
    func turns() async throws {
        let installation = try await Installation()
        try await compare(atMost: 4) {
            let short = try await turnTime(installation, earlier: 1)
            return (short, try await turnTime(installation, earlier: 5_000))
        }
    }

    /// A turn as the engine has it once it knows what came before: begun, looked up, recorded to its end.
    private func turnTime(_ installation: Installation, earlier: Int) async throws -> Duration {
        let chats = installation.stores.chats
        let owner = PrincipalID("operator:1")
        let model = ModelReference(provider: try ProviderID("p"), model: "m")
        let chat = try await chats.create(ChatDraft(), owner: owner, at: now).id
        try await installation.database.write { db in
            let last: Int64 = try db.first("select max(id) from turns")?.get(0) ?? 0
            try db.execute(
                """
                insert into turns (id, chat_id, owner, model, created, first_event, last_event, state, place,
                    context_bytes)
                with recursive n (i) as (select 1 union all select i + 1 from n where i < \(earlier))
                select \(last) + i, \(chat.rawValue), 'operator:1', 'p/m', 0, i, i, 'completed', i, 900 from n
                """
            )
            try db.execute(
                """
                insert into chat_events (id, turn_id, time, kind, json)
                with recursive n (i) as (select 1 union all select i + 1 from n where i < \(earlier))
                select \(chat.rawValue) * 4294967296 + i, \(last) + i, 0, 'turn.started', zeroblob(900) from n
                """
            )
            try db.execute("update chats set last_event = \(earlier) where id = \(chat.rawValue)")
        }
        return try await median(41) { _ in
            let draft = TurnDraft(message: [.text("x")], options: TurnOptions(model: model))
            let begun = try await chats.begin(draft, in: chat, owner: owner, above: 0, at: now)
            let turn = begun.turn
            #expect(try await chats.lastShownTurn(of: chat, owner: owner, before: turn.id) != nil)
            let end = ChatEvent(
                .turnFinished(.completed, usage: TokenUsage(), failure: nil),
                number: begun.event.number + 1,
                turn: turn.id,
                at: now
            )
            let change = TurnChange(state: .completed, reason: nil, usage: TokenUsage())
            try await chats.record([end], of: turn, change, reserving: 0, at: now)
        }
    }

    private func median(_ count: Int, _ body: (Int) async throws -> Void) async throws -> Duration {
        var times: [Duration] = []
        for index in 0..<count {
            let start = ContinuousClock.now
            try await body(index)
            times.append(ContinuousClock.now - start)
        }
        return times.sorted()[count / 2]
    }

    private func appendTime(_ installation: Installation) async throws -> Duration {
        let name = try SessionName("s")
        return try await median(101) { index in
            let draft = TicketDraft(
                command: "echo \(index)",
                origin: .get,
                submittedBy: .hash,
                repeatWindow: .seconds(60)
            )
            _ = try await installation.stores.tickets.append(
                draft,
                to: .named(name),
                maximumQueued: 10_000,
                at: now
            )
        }
    }

    private func startTime(_ installation: Installation) async throws -> Duration {
        try await median(31) { _ in
            #expect(try await migrate(installation.database, at: now).isEmpty)
            _ = try await installation.stores.tickets.unfinishedTickets()
            _ = try await installation.stores.tickets.queuedCount()
            let old = try await installation.stores.tickets.prunable(
                finishedBefore: Timestamp(microseconds: 0),
                maximumBytes: .max,
                limit: 100
            )
            #expect(old.isEmpty)
        }
    }

    /// Finished tickets, after those that the session has.
    private func fill(_ installation: Installation, session: Int64, count: Int) async throws {
        try await installation.database.write { db in
            let last: Int =
                try db.first("select last_number from sessions where id = \(session)")?.get(0) ?? 0
            try db.execute(
                """
                insert into tickets (id, session_id, number, state, exit_code, command, origin, submitted_by, created,
                    ended)
                with recursive n (i) as (select \(last + 1) union all select i + 1 from n where i < \(last + count))
                select \(session) * 4294967296 + i, \(session), i, 'exited', 0, 'echo ' || i, 'get', 'hash', i, i from n
                """
            )
            try db.execute("update sessions set last_number = \(last + count) where id = \(session)")
        }
    }
}
