import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@Suite("Actions and what was read")
struct ActionStoreTests {
    private let now = Timestamp(seconds: 1_000)

    private func draft(_ client: ClientID, step: Int = 0) throws -> ActionDraft {
        ActionDraft(
            chat: ChatID(1),
            turn: TurnID(1),
            step: ToolStepID(call: "call", index: step),
            owner: PrincipalID("user:1"),
            place: Place(client: client),
            issuer: "https://app.example",
            action: "act",
            arguments: #"{"a":1}"#,
            price: Credits(minor: 5),
            expires: now + .seconds(60)
        )
    }

    @Test("a step proposes once, and each change happens once")
    func changes() async throws {
        let installation = try await Installation()
        let store = installation.stores.actions
        let client = try await installation.stores.tenants.putClient(
            try TenantKey("acme"),
            of: "https://app.example",
            ClientChange(),
            at: now
        ).id
        let first = try await store.propose(try draft(client), at: now)
        #expect(try await store.propose(try draft(client), at: now + .seconds(1)).id == first.id)
        #expect(try await store.propose(try draft(client, step: 1), at: now).id != first.id)
        let ask = ActionChange([.proposed], to: .awaitingConfirmation, preview: "{}")
        #expect(try await store.change(first.id, ask, at: now)?.preview == "{}")
        #expect(try await store.change(first.id, ask, at: now) == nil)
        // Ten people who press at once are one yes.
        let confirmed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    let change = ActionChange([.awaitingConfirmation], to: .confirmed)
                    return try await store.change(first.id, change, at: Timestamp(seconds: 1_001)) != nil
                }
            }
            var count = 0
            for try await isFirst in group where isFirst { count += 1 }
            return count
        }
        #expect(confirmed == 1)
        let found = try #require(try await store.proposal(first.id))
        #expect(found.state == .confirmed && found.decided == Timestamp(seconds: 1_001))
        #expect(found.draft.arguments == #"{"a":1}"# && found.draft.price == Credits(minor: 5))
        #expect(try await store.hasUntrusted(ChatID(1)) == false)
        _ = try await store.change(first.id, ActionChange([.confirmed], to: .executing), at: now)
        let done = ActionChange([.executing], to: .succeeded, result: "{}")
        #expect(try await store.change(first.id, done, at: now)?.finished == now)
        #expect(try await store.hasUntrusted(ChatID(1)))
        await installation.database.close()
    }

    @Test("a turn reads a source once")
    func readings() async throws {
        let installation = try await Installation()
        let store = installation.stores.actions
        let fact = ContextFact(id: "1", text: "\"x\"\n", link: nil, rule: "client acme")
        var reading = ContextReading(
            chat: ChatID(1),
            turn: TurnID(2),
            source: "jobs",
            time: now,
            facts: [fact]
        )
        #expect(try await store.keep(reading) == reading)
        let first = reading
        reading.facts = []
        #expect(try await store.keep(reading) == first)
        #expect(try await store.readings(of: TurnID(2)) == [first])
        #expect(try await store.hasUntrusted(ChatID(1)))
        #expect(try await store.hasUntrusted(ChatID(2)) == false)
        await installation.database.close()
    }
}
