public import Domain
internal import Core
internal import Testing

/// What every `TokenStore` must do, tried on an empty one.
public enum TokenStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any TokenStore>

    private static let start = Timestamp(seconds: 1_700_000_030)

    /// All cases.
    public static var cases: [Case] {
        [
            Case("a token is found by its hash, with all that was stored") { store in
                let hash = [UInt8](repeating: 0, count: 31) + [255]
                let made = try await store.createToken(
                    name: "CI 'bot'",
                    hash: hash,
                    permissions: [.shellRun, .shellRead],
                    expires: start + .seconds(60),
                    at: start
                )
                #expect(made.permissions == [.shellRead, .shellRun])
                #expect(made.name == "CI 'bot'")
                #expect(made.created == start)
                #expect(made.expires == start + .seconds(60))
                #expect(made.lastUsed == nil)
                #expect(made.revoked == nil)
                #expect(try await store.token(hash: hash) == made)
                #expect(try await store.token(made.id) == made)
                #expect(try await store.token(made.id + 1) == nil)
                #expect(try await store.token(hash: Array(hash.dropLast())) == nil)
                #expect(try await store.token(hash: []) == nil)
            },
            Case("tokens are listed oldest first") { store in
                for (index, name) in ["z", "a", "m"].enumerated() {
                    _ = try await store.createToken(
                        name: name,
                        hash: [UInt8(index)],
                        permissions: [],
                        expires: nil,
                        at: start
                    )
                }
                #expect(try await store.tokens().map(\.name) == ["z", "a", "m"])
            },
            Case("a token is revoked once, and stays to be seen") { store in
                let made = try await store.createToken(
                    name: "t",
                    hash: [1],
                    permissions: [.chat],
                    expires: nil,
                    at: start
                )
                #expect(try await store.revokeToken(made.id, at: start + .seconds(1)))
                #expect(try await store.revokeToken(made.id, at: start + .seconds(9)))
                #expect(try await store.token(hash: [1])?.revoked == start + .seconds(1))
                #expect(try await store.revokeToken(made.id + 1, at: start) == false)
            },
            Case("revoking and expiry end tokens, and the count of changes tells") { store in
                var ids: [Int64] = []
                for (index, lifetime) in [nil, Duration.seconds(60), .seconds(90)].enumerated() {
                    let token = try await store.createToken(
                        name: "t",
                        hash: [UInt8(index)],
                        permissions: [.chat],
                        expires: lifetime.map { start + $0 },
                        at: start
                    )
                    ids.append(token.id)
                }
                let all = Set(ids + [99])
                #expect(try await store.liveTokens(among: all, at: start) == Set(ids))
                #expect(try await store.liveTokens(among: [ids[1]], at: start) == [ids[1]])
                #expect(try await store.liveTokens(among: [], at: start) == [])
                #expect(try await store.nextEnd(of: all, after: start) == start + .seconds(60))
                let late = start + .seconds(60)
                #expect(try await store.liveTokens(among: all, at: late) == [ids[0], ids[2]])
                #expect(try await store.nextEnd(of: all, after: late) == start + .seconds(90))
                let before = try await store.accessChanges()
                #expect(try await store.revokeToken(ids[2], at: late))
                #expect(try await store.accessChanges() > before)
                #expect(try await store.liveTokens(among: all, at: late) == [ids[0]])
                #expect(try await store.nextEnd(of: all, after: late) == nil)
                #expect(try await store.nextEnd(of: [], after: start) == nil)
            },
            Case("use is remembered to the minute and never goes back") { store in
                let made = try await store.createToken(
                    name: "t",
                    hash: [1],
                    permissions: [],
                    expires: nil,
                    at: start
                )
                try await store.touchToken(made.id, at: start)
                let minute = Timestamp(seconds: start.seconds - start.seconds % 60)
                #expect(try await store.token(hash: [1])?.lastUsed == minute)
                try await store.touchToken(made.id, at: start + .seconds(120))
                try await store.touchToken(made.id, at: start)
                #expect(try await store.token(hash: [1])?.lastUsed == minute + .seconds(120))
                try await store.touchToken(99, at: start)
            },
        ]
    }
}
