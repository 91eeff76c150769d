import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

/// A turn belongs to the session in which it was asked for, whatever else its user has.
@Suite("Turns and the sessions that asked for them")
struct AskingSessionTests {
    private let hanging = ScriptedAnswer([.hang])

    private func ask(_ person: AssistantCaller) async throws -> TurnID {
        let chat = try await person.userChat()
        let turn = try await person.api(.post, "/v1/ai/chats/\(chat)/turns", json: #"{"message":"x"}"#)
        return TurnID(try #require(turn["id"]?.integer, "\(turn.text)"))
    }

    private func turn(_ id: TurnID, _ harness: AssistantHarness) async throws -> Turn? {
        let subject = try TenantKey("ann")
        let owner = try #require(try await harness.stores.tenants.user(subject, of: AssistantHarness.issuer))
        return try await harness.stores.chats.turn(id, owner: owner.id.principal)
    }

    @Test(
        "the end of a session ends its turns, and not those of the user's others",
        arguments: [true, false]
    )
    func ends(_ byItself: Bool) async throws {
        let harness = try await AssistantHarness([hanging, hanging])
        let bench = UserBench(harness)
        let first = try await bench.user("ann")
        harness.clock.advance(by: .seconds(60))
        let second = try await bench.user("ann")
        let watch = UserSessionWatch(
            hub: harness.hosts.sessions.hub,
            store: harness.stores.userSessions,
            clock: harness.clock,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        try await harness.running {
            let turns = [try await ask(first), try await ask(second)]
            try await eventually("both are at work") { harness.model.requests.count == 2 }
            if byItself {
                harness.clock.advance(by: .seconds(43_150))
                try await watch.check()
            } else {
                #expect(try await first.api(.delete, "/v1/ai/session").status == 204)
            }
            try await eventually("the turn is over") {
                try await turn(turns[0], harness)?.state == .cancelled
            }
            #expect(try await turn(turns[1], harness)?.state == .working)
        }
        #expect(harness.model.cancelledCalls == 2, "one with its session, one with the server")
    }

    @Test(
        "after a restart a turn goes on with the session that asked, and with no other",
        arguments: [true, false]
    )
    func restart(_ isLive: Bool) async throws {
        let harness = try await AssistantHarness([.text("Here I am.")])
        let bench = UserBench(harness)
        let asking = try await bench.user("ann")
        let known = try await harness.hosts.sessions.session(bearer: asking.bearer, from: "192.0.2.1")
        // What an earlier server stored of a turn.
        let model = ModelReference(provider: try ProviderID("fake"), model: "model")
        var draft = TurnDraft(message: [.text("x")], options: TurnOptions(model: model))
        draft.session = known.session.id
        let id = try await harness.stores.chats.begin(
            draft,
            in: ChatID(try await asking.userChat()),
            owner: known.user.id.principal,
            above: 0,
            at: harness.clock.now()
        ).turn.id
        // A newer session of the same person sees the same place.
        _ = try await bench.user("ann")
        if !isLive {
            let now = harness.clock.now()
            #expect(try await harness.stores.userSessions.endSession(known.session.id, at: now))
        }
        try await harness.running {
            try await eventually("the turn is over") { try await turn(id, harness)?.state.isOver == true }
        }
        let over = try #require(try await turn(id, harness))
        #expect(over.session == known.session.id && over.state == (isLive ? .completed : .failed), "\(over)")
        #expect(over.reason == (isLive ? nil : "owner_gone"))
        #expect(harness.model.requests.count == (isLive ? 1 : 0))
    }
}
