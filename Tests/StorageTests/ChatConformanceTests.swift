import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

@Suite("Chats on SQLite keep the promises of their ports")
struct ChatConformanceTests {
    @Test("chats", arguments: ChatStoreSuite.cases)
    func chats(_ promise: ChatStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.chats)
        await installation.database.close()
    }

    @Test("usage", arguments: UsageStoreSuite.cases)
    func usage(_ promise: UsageStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.usage)
        await installation.database.close()
    }

    @Test("deltas", arguments: ChatDeltaStoreSuite.cases)
    func deltas(_ promise: ChatDeltaStoreSuite.Case) async throws {
        let folder = try ScratchFolder()
        let database = try await openDeltas(folder.file("deltas.sqlite"))
        try await promise.run(makeDeltaStore(on: database))
        await database.close()
    }

    @Test("the fake: chats", arguments: ChatStoreSuite.cases)
    func fakeChats(_ promise: ChatStoreSuite.Case) async throws { try await promise.run(FakeChatStore()) }

    @Test("the fake: usage", arguments: UsageStoreSuite.cases)
    func fakeUsage(_ promise: UsageStoreSuite.Case) async throws { try await promise.run(FakeUsageStore()) }

    @Test("the fake: deltas", arguments: ChatDeltaStoreSuite.cases)
    func fakeDeltas(_ promise: ChatDeltaStoreSuite.Case) async throws {
        try await promise.run(FakeDeltaStore())
    }

    private func openDeltas(_ path: String) async throws -> any FileDatabase {
        let database = try await openSQLite(
            path: path,
            durability: .process,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        try await migrateDeltas(database, at: Timestamp(seconds: 1))
        return database
    }

    @Test("numbers are never given twice when deltas are lost, older, or newer than the last record")
    func lostDeltas() async throws {
        for stored in [[], [3, 4], [3, 4, 5, 6, 7, 8]] as [[Int64]] {
            let installation = try await Installation()
            let folder = try ScratchFolder()
            let database = try await openDeltas(folder.file("deltas.sqlite"))
            let (chats, deltas) = (installation.stores.chats, makeDeltaStore(on: database))
            let owner = PrincipalID("operator:1")
            let model = ModelReference(provider: try ProviderID("p"), model: "m")
            let now = Timestamp(seconds: 5)
            let chat = try await chats.create(ChatDraft(), owner: owner, at: now).id
            let draft = TurnDraft(message: [.text("x")], options: TurnOptions(model: model))
            let turn = try await chats.begin(draft, in: chat, owner: owner, above: 0, at: now).turn
            let working = TurnChange(state: .working, reason: nil, usage: TokenUsage())
            let began = ChatEvent(.modelStarted(call: 1), number: 2, turn: turn.id, at: now)
            try await chats.record([began], of: turn, working, reserving: 8, at: now)
            for number in stored {
                let delta = ChatEvent(.text(call: 1, "a"), number: number, turn: turn.id, at: now)
                try await deltas.append([delta], to: chat)
            }
            // What a server does after its start: whatever 3 to 8 were given, the next number is none of them.
            let last = try await deltas.lastNumber(of: chat)
            let next = max(try await chats.reservedNumber(of: chat), last) + 1
            #expect(next == 9)
            let over = ChatEvent(
                .modelInterrupted(call: 1, text: "", failure: nil),
                number: next,
                turn: turn.id,
                at: now
            )
            let failed = TurnChange(state: .failed, reason: nil, usage: TokenUsage())
            try await chats.record([over], of: turn, failed, reserving: 0, at: now)
            let second = try await chats.begin(draft, in: chat, owner: owner, above: 0, at: now)
            #expect(second.event.number == 10)
            await installation.database.close()
            await database.close()
        }
    }

    @Test("an event of a kind that only a newer program knows is refused, by its name")
    func newerEvents() async throws {
        let installation = try await Installation()
        let owner = PrincipalID("operator:1")
        let chats = installation.stores.chats
        let chat = try await chats.create(ChatDraft(), owner: owner, at: Timestamp(seconds: 5)).id
        try await installation.database.write { db in
            _ = try db.execute(
                """
                insert into chat_events (id, turn_id, time, kind, json)
                values (\(chat.rawValue * 4_294_967_296 + 1), 1, 0, 'dream.began', x'7b7d')
                """
            )
        }
        await #expect {
            try await chats.events(of: chat, owner: owner, after: 0, limit: 9)
        } throws: {
            let text = ($0 as? ChatEventError)?.description ?? ""
            return text.contains("dream.began") && text.contains("newer")
        }
        await installation.database.close()
    }

    @Test("a second working turn is refused by the database itself")
    func workingIndex() async throws {
        let installation = try await Installation()
        await #expect {
            try await installation.database.write { db in
                for _ in 0..<2 {
                    try db.execute(
                        """
                        insert into turns (chat_id, owner, model, created, first_event, last_event, state, place,
                            context_bytes) values (1, 'a', 'p/m', 0, 1, 1, 'working', 1, 0)
                        """
                    )
                }
            }
        } throws: { ($0 as? SQLError)?.kind == .uniqueViolation }
        await installation.database.close()
    }
}
