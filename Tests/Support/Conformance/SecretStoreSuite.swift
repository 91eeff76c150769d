public import Domain
internal import Core
internal import Testing

/// What every `SecretStore` must do, tried on an empty one.
public enum SecretStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any SecretStore>

    private static let start = Timestamp(seconds: 1_700_000_030)
    private static let ann = PrincipalID("operator:1")
    private static let bob = PrincipalID("operator:2")

    /// All cases.
    public static var cases: [Case] {
        [
            Case("a secret is kept with its bytes, and listed by name") { store in
                let zero = try await store.changes()
                for name in ["Z", "A_2", "M"] {
                    _ = try await store.set(try SecretName(name), sealed: [0, 255, 7], by: ann, at: start)
                }
                let all = try await store.secrets()
                #expect(all.map(\.secret.name.rawValue) == ["A_2", "M", "Z"])
                #expect(all.allSatisfy { $0.sealed == [0, 255, 7] && $0.secret.changedBy == ann })
                #expect(try await store.changes() > zero)
            },
            Case("another value takes the place of the first") { store in
                let name = try SecretName("KEY")
                _ = try await store.set(name, sealed: [1], by: ann, at: start)
                let before = try await store.changes()
                let later = start + .seconds(9)
                let changed = try await store.set(name, sealed: [2], by: bob, at: later)
                #expect(changed.created == start && changed.changed == later && changed.changedBy == bob)
                #expect(try await store.secrets() == [SealedSecret(secret: changed, sealed: [2])])
                #expect(try await store.changes() > before)
            },
            Case("a secret is removed once") { store in
                let name = try SecretName("KEY")
                #expect(try await store.remove(name) == false)
                _ = try await store.set(name, sealed: [1], by: ann, at: start)
                let before = try await store.changes()
                #expect(try await store.remove(name))
                #expect(try await store.changes() > before)
                #expect(try await store.secrets().isEmpty)
                #expect(try await store.remove(name) == false)
            },
            Case("there is a bound, which another value does not meet") { store in
                for number in 0..<NamedSecret.maximum {
                    _ = try await store.set(try SecretName("S\(number)"), sealed: [1], by: ann, at: start)
                }
                do {
                    _ = try await store.set(try SecretName("MORE"), sealed: [1], by: ann, at: start)
                    Issue.record("one more was stored")
                } catch let failure as Failure { #expect(failure.code == "secrets_full") }
                _ = try await store.set(try SecretName("S7"), sealed: [2], by: ann, at: start)
                #expect(try await store.secrets().count == NamedSecret.maximum)
            },
        ]
    }
}
