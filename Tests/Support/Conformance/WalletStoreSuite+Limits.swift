internal import Core
internal import Domain
internal import Testing

extension WalletStoreSuite {
    static var limitCases: [Case] {
        [
            Case("caps of brands and users count what is spent and reserved, by day and by month") { stores in
                let id = try await funded(stores, 10_000)
                func set(_ subject: SpendingCap.Subject, _ period: SpendingCap.Period, _ amount: Int64)
                    async throws
                {
                    try await stores.wallets.setCap(
                        SpendingCap(client: client, subject: subject, period: period, amount: credits(amount))
                    )
                }
                func refused(_ amount: Int64, _ key: String, at time: Timestamp = now) async -> CapReached? {
                    do {
                        _ = try await stores.wallets.hold(draft(amount, key), at: time)
                        return nil
                    } catch { return error as? CapReached }
                }
                try await set(.eachUser, .day, 100)
                _ = try await stores.wallets.hold(draft(60, "a"), at: now)
                let reached = try #require(await refused(41, "b"))
                #expect(reached.taken == credits(60) && reached.needed == credits(41))
                _ = try await stores.wallets.settle("a", used: credits(50), at: now)
                #expect(await refused(51, "b")?.taken == credits(50))
                // A cap of their own takes the place of the common one.
                try await set(.user(UserID(7)), .day, 200)
                #expect(await refused(150, "b") == nil)
                #expect(await refused(1, "c") != nil)
                _ = try await stores.wallets.release("b", at: now)
                // The next day begins anew, the month does not.
                try await set(.brand(brand), .month, 60)
                let tomorrow = now + .seconds(86_400)
                #expect(await refused(11, "d", at: tomorrow)?.cap.subject == .brand(brand))
                #expect(await refused(10, "d", at: tomorrow) == nil)
                #expect(await refused(60, "e", at: now + .seconds(31 * 86_400))?.taken == credits(10))
                #expect(try await stores.wallets.removeCap(of: client, .brand(brand), per: .month))
                #expect(try await !stores.wallets.removeCap(of: client, .brand(brand), per: .month))
                #expect(await refused(60, "e", at: tomorrow) == nil)
                #expect(try await stores.wallets.caps(of: client).count == 2)
                #expect(try await stores.wallets.caps(of: ClientID(4)).isEmpty)
                try await expectSound(stores, id)
            },
            Case("a threshold raises one event, and another one only after the balance was above it") {
                stores in
                let id = try await funded(stores, 100)
                try await stores.wallets.setThresholds([credits(50), credits(20)], of: id, at: now)
                func spend(_ amount: Int64, _ key: String) async throws {
                    _ = try await stores.wallets.hold(draft(amount, key), at: now)
                    _ = try await stores.wallets.settle(key, used: credits(amount), at: now)
                }
                func events() async throws -> [[Int64]] {
                    try await stores.wallets.events(of: id, after: 0, limit: 99).elements.map {
                        [$0.threshold.minor, $0.balance.minor]
                    }
                }
                try await spend(49, "a")
                #expect(try await events() == [])
                try await spend(1, "b")
                #expect(try await events() == [[50, 50]])
                try await spend(10, "c")
                #expect(try await events() == [[50, 50]])
                try await spend(30, "d")
                #expect(try await events() == [[50, 50], [20, 10]])
                _ = try await stores.wallets.deposit(deposit(30, "k"), to: id, at: now)
                try await spend(20, "e")
                #expect(try await events() == [[50, 50], [20, 10], [20, 20]])
                // A threshold that lies above the balance already says so at once.
                try await stores.wallets.setThresholds([credits(50), credits(30)], of: id, at: now)
                #expect(try await events().last == [30, 20])
                #expect(try await stores.wallets.thresholds(of: id).map(\.isRaised) == [true, true])
                let last = try await stores.wallets.lastEvent()
                #expect(try await stores.wallets.events(of: nil, after: last, limit: 9).elements.isEmpty)
                #expect(
                    try await stores.wallets.events(of: nil, after: last - 1, limit: 9).elements.count == 1
                )
            },
        ]
    }
}
