internal import Core
internal import Domain
internal import Testing

extension WalletStoreSuite {
    static var holdCases: [Case] {
        [
            Case("a hold is made once for each key, and only of what is available") { stores in
                let id = try await funded(stores, 100)
                let hold = try await stores.wallets.hold(draft(70, "a"), at: now)
                #expect(hold.state == .open && hold.wallet == id)
                #expect(try hold.draft == draft(70, "a"))
                #expect(try await stores.wallets.hold(draft(99, "a"), at: later) == hold)
                // Asked for again it lasts as long as a new one would.
                var longer = try draft(70, "a")
                longer.expires = later + .seconds(60)
                #expect(try await stores.wallets.hold(longer, at: later).draft == longer)
                #expect(try await stores.wallets.expireHolds(at: later, limit: 9) == 0)
                await #expect { try await stores.wallets.hold(draft(31, "b"), at: now) } throws: { error in
                    guard let shortage = error as? Shortage else { return false }
                    return shortage.wallet?.available == credits(30) && shortage.needed == credits(31)
                }
                _ = try await stores.wallets.hold(draft(30, "c"), at: now)
                #expect(try await stores.wallets.wallet(id)?.available == .zero)
                let page = try await stores.wallets.openHolds(of: id, limit: 1)
                #expect(page.hasMore && page.elements.map(\.draft.key) == ["c"])
                let nowhere = Place(client: ClientID(9))
                await #expect { try await stores.wallets.hold(draft(1, "d", at: nowhere), at: now) } throws: {
                    $0 as? Shortage == Shortage(wallet: nil, needed: credits(1))
                }
                try await expectSound(stores, id)
            },
            Case("a hold is settled once, and the rest is given back") { stores in
                let id = try await funded(stores, 100)
                _ = try await stores.wallets.hold(draft(70, "a"), at: now)
                let settled = try await stores.wallets.settle("a", used: credits(20), at: later)
                #expect(settled?.state == .settled && settled?.used == credits(20) && settled?.ended == later)
                #expect(try await stores.wallets.settle("a", used: credits(50), at: later) == settled)
                #expect(try await stores.wallets.release("a", at: later) == settled)
                #expect(try await stores.wallets.settle("none", used: credits(1), at: later) == nil)
                #expect(try await stores.wallets.release("none", at: later) == nil)
                let wallet = try #require(try await stores.wallets.wallet(id))
                #expect(wallet.balance == credits(80) && wallet.held == .zero)
                let rows = try await stores.meter.rows(UsageQuery(), before: nil, limit: 9).elements
                #expect(rows.map(\.cost.minor) == [20] && rows.map(\.context.door) == [.action])
                #expect(rows.first?.model.description == "action/job.create")
                #expect(rows.first?.context.place == place && rows.first?.context.principal == ann)
                try await expectSound(stores, id)
            },
            Case("a hold that is released, or settled with nothing, costs nothing") { stores in
                let id = try await funded(stores, 100)
                for (key, end) in [("a", true), ("b", false)] {
                    _ = try await stores.wallets.hold(draft(70, key), at: now)
                    let hold =
                        end
                        ? try await stores.wallets.release(key, at: later)
                        : try await stores.wallets.settle(key, used: .zero, at: later)
                    #expect(hold?.state == .released && hold?.used == nil)
                    #expect(try await stores.wallets.settle(key, used: credits(9), at: later) == hold)
                }
                #expect(try await stores.wallets.wallet(id)?.available == credits(100))
                #expect(try await stores.meter.rows(UsageQuery(), before: nil, limit: 9).elements.isEmpty)
                try await expectSound(stores, id)
            },
            Case("what exceeds a hold is collected as far as it is there, and written off beyond") { stores in
                let id = try await funded(stores, 100)
                _ = try await stores.wallets.hold(draft(50, "a"), at: now)
                _ = try await stores.wallets.hold(draft(30, "b"), at: now)
                let settled = try await stores.wallets.settle("a", used: credits(90), at: now)
                #expect(settled?.used == credits(70))
                let last = try await stores.wallets.transfers(of: id, before: nil, limit: 1).elements.first
                #expect(last?.step.amount == credits(-70) && last?.step.writtenOff == credits(20))
                #expect(try await stores.wallets.wallet(id)?.available == .zero)
                try await expectSound(stores, id)
            },
            Case("holds expire when nobody ends them, and one that is settled late takes what is there") {
                stores in
                let id = try await funded(stores, 100)
                _ = try await stores.wallets.hold(draft(90, "a"), at: now)
                #expect(try await stores.wallets.expireHolds(at: later - .seconds(1), limit: 9) == 0)
                #expect(try await stores.wallets.expireHolds(at: later, limit: 9) == 1)
                #expect(try await stores.wallets.expireHolds(at: later, limit: 9) == 0)
                #expect(try await stores.wallets.wallet(id)?.available == credits(100))
                _ = try await stores.wallets.hold(draft(80, "b"), at: later)
                let late = try await stores.wallets.settle("a", used: credits(40), at: later)
                #expect(late?.state == .settled && late?.used == credits(20))
                #expect(try await stores.wallets.settle("a", used: credits(40), at: later) == late)
                let wallet = try #require(try await stores.wallets.wallet(id))
                #expect(wallet.balance == credits(80) && wallet.held == credits(80))
                try await expectSound(stores, id)
            },
            Case("a key whose hold is over reserves anew if that expired, and is refused otherwise") {
                stores in
                let id = try await funded(stores, 100)
                let first = try await stores.wallets.hold(draft(90, "a"), at: now)
                #expect(try await stores.wallets.expireHolds(at: later, limit: 9) == 1)
                var again = try draft(90, "a")
                again.expires = later + .seconds(60)
                _ = try await stores.wallets.hold(draft(20, "b"), at: later)
                await #expect(throws: Shortage.self) {
                    try await stores.wallets.hold(again, at: later)
                }
                _ = try await stores.wallets.release("b", at: later)
                let second = try await stores.wallets.hold(again, at: later)
                #expect(second.id != first.id && second.state == .open && second.draft == again)
                #expect(try await stores.wallets.wallet(id)?.held == credits(90))
                let settled = try await stores.wallets.settle("a", used: credits(40), at: later)
                #expect(settled?.id == second.id && settled?.used == credits(40))
                for key in ["a", "b"] {
                    await #expect { try await stores.wallets.hold(draft(1, key), at: later) } throws: {
                        ($0 as? Failure)?.code == "hold_over"
                    }
                }
                let wallet = try #require(try await stores.wallets.wallet(id))
                #expect(wallet.balance == credits(60) && wallet.held == .zero)
                try await expectSound(stores, id)
            },
            Case("500 holds at the same time on credits for one: one is made") { stores in
                let id = try await funded(stores, 100)
                let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<500 {
                        group.addTask {
                            do {
                                _ = try await stores.wallets.hold(draft(60, "k\(number)"), at: now)
                                return true
                            } catch is Shortage { return false }
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(made == 1)
                #expect(try await stores.wallets.wallet(id)?.held == credits(60))
                try await expectSound(stores, id)
            },
        ]
    }

    static var lotCases: [Case] {
        [
            Case("lots are spent by priority, then by what lapses sooner, then in order") { stores in
                let id = try await funded(stores, 0)
                let soon = now + .seconds(10_000)
                let lots: [(String, Int, Timestamp?)] = [
                    ("paid", 100, nil), ("plan", 50, nil), ("gift", 50, soon), ("first", 10, nil),
                ]
                for (key, priority, expires) in lots {
                    let lot = deposit(10, key, kind: .grant, priority: priority, expires: expires)
                    _ = try await stores.wallets.deposit(lot, to: id, at: now)
                }
                for step in 0..<4 {
                    _ = try await stores.wallets.hold(draft(10, "h\(step)"), at: now)
                    _ = try await stores.wallets.settle("h\(step)", used: credits(10), at: now)
                    let left = Set(try await stores.wallets.lots(of: id).map(\.id.rawValue))
                    let spent = lots.indices.filter { !left.contains(Int64($0 + 1)) }.map { lots[$0].0 }
                    let expected = ["first", "gift", "plan", "paid"].prefix(step + 1)
                    #expect(Set(spent) == Set(expected))
                }
                try await expectSound(stores, id)
            },
            Case("a lot lapses in time, but for what is held, and new holds cannot use it") { stores in
                let id = try await funded(stores, 20)
                let soon = now + .seconds(60)
                _ = try await stores.wallets.deposit(
                    deposit(100, "gift", kind: .grant, expires: soon),
                    to: id,
                    at: now
                )
                _ = try await stores.wallets.hold(draft(70, "a"), at: now)
                #expect(try await stores.wallets.lapseLots(at: soon - .seconds(1), limit: 9) == 0)
                // 120 are there, 70 are held: 50 of the gift lapse now.
                await #expect(throws: Shortage.self) {
                    try await stores.wallets.hold(draft(21, "b"), at: soon)
                }
                #expect(try await stores.wallets.lapseLots(at: soon, limit: 9) == 1)
                #expect(try await stores.wallets.lapseLots(at: soon, limit: 9) == 0)
                #expect(try await stores.wallets.wallet(id)?.balance == credits(70))
                // What lapsed and was kept is spent first, and the rest of it lapses with the next look.
                _ = try await stores.wallets.settle("a", used: credits(30), at: soon)
                #expect(try await stores.wallets.lapseLots(at: soon, limit: 9) == 1)
                #expect(try await stores.wallets.wallet(id)?.balance == credits(20))
                #expect(try await stores.wallets.lots(of: id).map(\.kind) == [.topup])
                try await expectSound(stores, id)
            },
        ]
    }
}
