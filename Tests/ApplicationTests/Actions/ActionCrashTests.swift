import Core
import Domain
import Glibc
import SQL
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("An action is paid for if, and only if, it is said to have succeeded")
struct ActionCrashTests {
    /// Where the server is killed.
    enum Point: String, Sendable, CaseIterable, Codable {
        case beforeExecuting, afterExecuting, beforeEnd, afterEnd
    }

    private static func actions() throws -> [Action] {
        [try ActionBench.action { $0.price = Credits(minor: 30) }]
    }

    @Test(
        "killed at any point of it, the ledger says what the history says, and the next server ends it",
        arguments: Point.allCases
    )
    func killed(point: Point) async throws {
        let folder = try ScratchFolder()
        let path = folder.file("deckhand.db")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, point = point as Point] in
            let bench = try await ActionBench(actions: ActionCrashTests.actions(), on: path) {
                KilledStore(store: $0, point: point)
            }
            let ann = try await bench.person()
            _ = try await bench.fund(100, for: ann)
            _ = try await bench.run(bench.turn(of: ann))
        }
        let bench = try await ActionBench(actions: Self.actions(), on: path)
        let ann = try await bench.person()
        let wallet = try #require(try await bench.credits.list(after: nil, limit: 9).elements.first).id
        let turn = try await bench.unfinished(of: ann)
        let state = try await bench.newest(turn).state
        let expected: (state: ActionState, money: [Int64], usage: [String]) =
            switch point {
            case .beforeExecuting: (.confirmed, [100, 30], [])
            case .afterExecuting, .beforeEnd: (.executing, [100, 30], [])
            case .afterEnd: (.succeeded, [70, 0], ["action/create_job 30"])
            }
        #expect(state == expected.state)
        #expect(try await bench.money(wallet) == expected.money)
        #expect(try await bench.usage() == expected.usage)
        let outcome = try await bench.run(turn, isRepeated: true)
        #expect(!outcome.isError, "\(outcome)")
        #expect(try await bench.newest(turn).state == .succeeded)
        #expect(try await bench.money(wallet) == [70, 0])
        #expect(try await bench.usage() == ["action/create_job 30"])
        #expect(try await bench.credits.verify(wallet).mistakes == [])
        await bench.database.close()
    }

    @Test(
        "one that ends while the application answers is not charged, and one that fails gives back what it held"
    )
    func ended() async throws {
        let bench = try await ActionBench(actions: Self.actions())
        let ann = try await bench.person()
        let wallet = try await bench.fund(100, for: ann)
        let turn = try await bench.turn(of: ann)
        let id = try await bench.proposed(in: turn, price: 30)
        _ = try await bench.actions.change(id, ActionChange([.proposed], to: .confirmed))
        let item = ModelReference(provider: try ProviderID("action"), model: "create_job")
        _ = try await bench.credits.hold(
            Credits(minor: 30),
            for: item,
            key: "action-\(id)",
            at: try #require(turn.place),
            by: turn.principal.id
        )
        _ = try await bench.actions.change(id, ActionChange([.confirmed], to: .executing))
        #expect(try await bench.money(wallet) == [100, 30])
        // Only the store is asked: there is no second step that could be left out.
        let failed = ActionChange([.executing], to: .failed, reason: "x")
        _ = try await bench.stores.actions.change(id, failed, at: bench.clock.now())
        #expect(try await bench.money(wallet) == [100, 0])
        let late = ActionChange([.executing], to: .succeeded)
        #expect(try await bench.stores.actions.change(id, late, at: bench.clock.now()) == nil)
        #expect(try await bench.money(wallet) == [100, 0])
        #expect(try await bench.usage() == [])
    }
}

/// A store whose process ends at a point.
private struct KilledStore: ActionStore {
    let store: any ActionStore
    let point: ActionCrashTests.Point

    func change(_ id: ActionID, _ change: ActionChange, at now: Timestamp) async throws -> ActionProposal? {
        if point == .beforeExecuting, change.to == .executing { kill(getpid(), SIGKILL) }
        if point == .beforeEnd, change.to == .succeeded { kill(getpid(), SIGKILL) }
        let changed = try await store.change(id, change, at: now)
        if point == .afterExecuting, change.to == .executing { kill(getpid(), SIGKILL) }
        if point == .afterEnd, change.to == .succeeded { kill(getpid(), SIGKILL) }
        return changed
    }

    func propose(_ draft: ActionDraft, at now: Timestamp) async throws -> ActionProposal {
        try await store.propose(draft, at: now)
    }
    func proposal(_ id: ActionID) async throws -> ActionProposal? { try await store.proposal(id) }
    func proposal(_ id: ActionID, owner: PrincipalID, in scope: Scope) async throws -> ActionProposal? {
        try await store.proposal(id, owner: owner, in: scope)
    }
    func proposals(of owner: PrincipalID, in scope: Scope, before id: ActionID?, limit: Int) async throws
        -> Page<ActionProposal>
    {
        try await store.proposals(of: owner, in: scope, before: id, limit: limit)
    }
    func endAbandoned(of turn: TurnID?, limit: Int, at now: Timestamp) async throws -> [ActionProposal] {
        try await store.endAbandoned(of: turn, limit: limit, at: now)
    }
    func keep(_ reading: ContextReading) async throws -> ContextReading { try await store.keep(reading) }
    func readings(of turn: TurnID) async throws -> [ContextReading] { try await store.readings(of: turn) }
    func hasUntrusted(_ chat: ChatID) async throws -> Bool { try await store.hasUntrusted(chat) }
}
