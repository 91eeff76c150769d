import Core
import Domain
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("What an action costs, and how often the application is asked")
struct ActionPriceTests {
    private static func priced(_ change: (inout Action) -> Void = { _ in }) throws -> Action {
        try ActionBench.action { action in
            action.price = Credits(minor: 30)
            change(&action)
        }
    }

    @Test("what was confirmed and done is charged once, with a usage row")
    func confirmed() async throws {
        let bench = try await ActionBench(actions: [Self.priced { $0.confirmation = .always }])
        let ann = try await bench.person()
        let wallet = try await bench.fund(100, for: ann)
        let turn = try await bench.turn(of: ann)
        bench.host.answer(.accepted(Array(#"{"job":3}"#.utf8)))
        let outcome = try await bench.run(turn, saying: true)
        #expect(!outcome.isError && outcome.text.contains(#"{"job":3}"#), "\(outcome)")
        #expect(try await bench.money(wallet) == [70, 0])
        #expect(try await bench.usage() == ["action/create_job 30"])
        #expect(
            try await bench.audited() == [
                "action.propose", "action.confirm", "action.execute", "action.succeed",
            ]
        )
        // After a restart the step comes again: nothing is asked or charged once more.
        _ = try await bench.run(turn, isRepeated: true)
        #expect(bench.host.calls.count == 1)
        #expect(try await bench.money(wallet) == [70, 0])
    }

    @Test("what was declined, refused or not answered costs nothing, and nothing stays held")
    func failed() async throws {
        let bench = try await ActionBench(actions: [Self.priced { $0.confirmation = .always }])
        let ann = try await bench.person()
        let wallet = try await bench.fund(100, for: ann)
        let declined = try await bench.run(bench.turn(of: ann), saying: false)
        #expect(declined.isError && declined.text.contains("declined"))
        #expect(bench.host.calls.isEmpty)

        bench.host.answer(.refused(422, Array(#"{"error":"closed"}"#.utf8)))
        let refused = try await bench.run(bench.turn(of: ann), saying: true)
        #expect(refused.isError && refused.text.contains("(422)"), "\(refused)")
        #expect(bench.host.calls.count == 1)

        let silence = HostAnswer.unreachable("not finished in time")
        bench.host.answer(silence, silence, silence)
        let turn = try await bench.turn(of: ann)
        let silent = try await bench.run(turn, saying: true)
        #expect(silent.isError && silent.text.contains("whether it was done is not known"), "\(silent)")
        #expect(bench.host.calls.count == 4)
        #expect(Set(bench.host.calls.dropFirst().map(\.key)).count == 1)
        #expect(try await bench.newest(turn).state == .failed)
        // That the last try did nothing says nothing about the first.
        bench.host.answer(silence, .notDone("cannot connect"), .notDone("cannot connect"))
        let doubtful = try await bench.run(bench.turn(of: ann), saying: true)
        #expect(doubtful.text.contains("whether it was done is not known"), "\(doubtful)")
        #expect(try await bench.money(wallet) == [100, 0])
        #expect(try await bench.usage() == [])
    }

    @Test("an application that answers in the end is asked with one key, and paid once")
    func retried() async throws {
        let bench = try await ActionBench(actions: [Self.priced()])
        let ann = try await bench.person()
        let wallet = try await bench.fund(100, for: ann)
        bench.host.answer(.unreachable("it answered 503"), .notDone("it answered 429"))
        let outcome = try await bench.run(bench.turn(of: ann))
        #expect(!outcome.isError, "\(outcome)")
        #expect(bench.host.calls.count == 3)
        #expect(Set(bench.host.calls.map(\.key)).count == 1)
        #expect(Set(bench.host.calls.map(\.body)).count == 1)
        #expect(try await bench.money(wallet) == [70, 0])
        #expect(try await bench.usage() == ["action/create_job 30"])
    }

    @Test("a server that died while the application was asked asks again with the same key, and charges once")
    func crashed() async throws {
        let bench = try await ActionBench(actions: [Self.priced()])
        let ann = try await bench.person()
        let wallet = try await bench.fund(100, for: ann)
        let turn = try await bench.turn(of: ann)
        // What such a server leaves: a held price, and the state.
        let id = try await bench.proposed(in: turn, price: 30)
        _ = try await bench.credits.hold(
            Credits(minor: 30),
            for: ModelReference(provider: try ProviderID("action"), model: "create_job"),
            key: "action-\(id)",
            at: try #require(turn.place),
            by: turn.principal.id
        )
        for state in [ActionState.confirmed, .executing] {
            let from: ActionState = state == .confirmed ? .proposed : .confirmed
            _ = try await bench.actions.change(id, ActionChange([from], to: state))
        }
        let outcome = try await bench.run(turn, isRepeated: true)
        #expect(!outcome.isError, "\(outcome)")
        #expect(bench.host.calls.map(\.key) == ["action-\(id)"])
        #expect(try await bench.money(wallet) == [70, 0])
        #expect(try await bench.usage() == ["action/create_job 30"])
    }

    @Test(
        "what was reserved and expired while no server was there is reserved anew before the application is asked"
    )
    func expired() async throws {
        let bench = try await ActionBench(actions: [Self.priced()])
        let ann = try await bench.person()
        let wallet = try await bench.fund(100, for: ann)
        for (state, rest) in [(ActionState.confirmed, 70), (.executing, 40)] {
            let turn = try await bench.turn(of: ann)
            let id = try await bench.proposed(in: turn, price: 30)
            _ = try await bench.actions.change(id, ActionChange([.proposed], to: .confirmed))
            try await hold(id, turn, bench)
            if state == .executing {
                _ = try await bench.actions.change(id, ActionChange([.confirmed], to: .executing))
            }
            bench.clock.advance(by: .seconds(4_000))
            #expect(try await bench.stores.wallets.expireHolds(at: bench.clock.now(), limit: 9) == 1)
            let outcome = try await bench.run(turn, isRepeated: true)
            #expect(!outcome.isError, "\(outcome)")
            #expect(try await bench.money(wallet) == [Int64(rest), 0])
            let kinds = try await bench.stores.wallets.transfers(of: wallet, before: nil, limit: 4).elements
            #expect(kinds.map(\.step.kind) == [.settle, .hold, .expire, .hold])
            #expect(try await bench.credits.verify(wallet).mistakes == [])
        }
        // Somebody else has spent it meanwhile.
        for state in [ActionState.confirmed, .executing] {
            let turn = try await bench.turn(of: ann)
            let id = try await bench.proposed(in: turn, price: 30)
            _ = try await bench.actions.change(id, ActionChange([.proposed], to: .confirmed))
            try await hold(id, turn, bench)
            if state == .executing {
                _ = try await bench.actions.change(id, ActionChange([.confirmed], to: .executing))
            }
            bench.clock.advance(by: .seconds(4_000))
            #expect(try await bench.stores.wallets.expireHolds(at: bench.clock.now(), limit: 9) == 1)
            let other = try await bench.turn(of: ann)
            try await hold(try await bench.proposed(in: other, price: 30), other, bench)
            let count = bench.host.calls.count
            let outcome = try await bench.run(turn, isRepeated: true)
            #expect(outcome.isError && bench.host.calls.count == count, "\(outcome)")
            #expect(outcome.text.contains("not known") == (state == .executing), "\(outcome)")
            #expect(try await bench.money(wallet) == [40, 30])
            _ = try await bench.credits.release("action-\(try await bench.newest(other).id)")
        }
    }

    private func hold(_ id: ActionID, _ turn: ToolContext, _ bench: ActionBench) async throws {
        _ = try await bench.credits.hold(
            Credits(minor: 30),
            for: ModelReference(provider: try ProviderID("action"), model: "create_job"),
            key: "action-\(id)",
            at: try #require(turn.place),
            by: turn.principal.id
        )
    }

    @Test("without enough credits the application is not asked")
    func unaffordable() async throws {
        let bench = try await ActionBench(actions: [Self.priced()])
        let ann = try await bench.person()
        let wallet = try await bench.fund(29, for: ann)
        let turn = try await bench.turn(of: ann)
        let outcome = try await bench.run(turn)
        #expect(outcome.isError)
        #expect(bench.host.calls.isEmpty)
        #expect(try await bench.newest(turn).executed == nil)
        #expect(try await bench.money(wallet) == [29, 0])
    }

    @Test("what costs nothing leaves a usage row all the same, once")
    func unpriced() async throws {
        let bench = try await ActionBench(actions: [ActionBench.action()])
        let turn = try await bench.turn(of: bench.person())
        #expect(try await !bench.run(turn).isError)
        _ = try await bench.run(turn, isRepeated: true)
        #expect(try await bench.usage() == ["action/create_job 0"])
        bench.host.answer(.refused(422, []))
        _ = try await bench.run(turn, saying: true, call: "c2")
        #expect(try await bench.usage() == ["action/create_job 0"])
    }

    @Test("what the application may do twice is not asked for again unless it was certainly not done")
    func notIdempotent() async throws {
        let bench = try await ActionBench(
            actions: [
                ActionBench.action { action in
                    action.isIdempotent = false
                    action.hasDryRun = true
                    action.confirmation = .always
                }
            ]
        )
        let ann = try await bench.person()
        // A dry run changes nothing, so that it may be repeated.
        bench.host.answer(.unreachable("no answer"), .accepted([]), .unreachable("no answer"))
        let silent = try await bench.run(bench.turn(of: ann), saying: true)
        #expect(silent.text.contains("whether it was done is not known"), "\(silent)")
        #expect(bench.host.bodies.map { $0["dry_run"]?.bool } == [true, true, false])
        bench.host.answer(.accepted([]), .notDone("cannot connect"))
        #expect(try await !bench.run(bench.turn(of: ann), saying: true).isError)
        #expect(bench.host.calls.count == 6)
        bench.host.answer(.accepted([]), .notDone("a"), .notDone("b"), .notDone("c"))
        let unreached = try await bench.run(bench.turn(of: ann), saying: true)
        #expect(unreached.isError && unreached.text.contains("nothing was done"), "\(unreached)")
        // Taken up after a crash it is not asked for again.
        let turn = try await bench.turn(of: ann)
        let id = try await bench.proposed(in: turn, price: 0)
        _ = try await bench.actions.change(id, ActionChange([.proposed], to: .confirmed))
        _ = try await bench.actions.change(id, ActionChange([.confirmed], to: .executing))
        let count = bench.host.calls.count
        let taken = try await bench.run(turn, isRepeated: true)
        #expect(taken.isError && taken.text.contains("not known"), "\(taken)")
        #expect(bench.host.calls.count == count)
    }
}
