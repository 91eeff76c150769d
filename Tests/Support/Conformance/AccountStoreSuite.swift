public import Domain
internal import Core
internal import Testing

/// What every `AccountStore` must do, tried on an empty one.
public enum AccountStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any AccountStore>

    private static let start = Timestamp(seconds: 1_700_000_030)
    private static let ann = PrincipalID("operator:1")
    private static let bob = PrincipalID("user:2")
    private static func provider(_ name: String) throws -> ProviderID { try ProviderID(name) }

    /// All cases.
    public static var cases: [Case] {
        [
            Case("choices are an owner's own, and one provider is the default") { store in
                let (codex, open) = (try provider("codex"), try provider("openai"))
                var first = AccountSettings(owner: ann, provider: codex, isDefault: true, changed: start)
                first.model = "m"
                first.profile = "p"
                first.state = .connected
                try await store.set(first)
                let second = AccountSettings(owner: ann, provider: open, isDefault: true, changed: start)
                try await store.set(second)
                try await store.set(
                    AccountSettings(owner: bob, provider: codex, isDefault: true, changed: start)
                )
                first.isDefault = false
                #expect(try await store.settings(of: ann) == [first, second])
                #expect(try await store.settings(of: bob).map(\.isDefault) == [true])
                #expect(try await store.remove(codex, of: ann))
                #expect(try await store.remove(codex, of: ann) == false)
                #expect(try await store.settings(of: ann) == [second])
                #expect(try await store.settings(of: bob).count == 1)
            },
            Case("an owner has one open login, and its end is stored once") { store in
                let codex = try provider("codex")
                let end = start + .seconds(900)
                let login = try await store.begin(codex, for: ann, at: start, expires: end)
                #expect(login.state == .pending && login.created == start && login.expires == end)
                do {
                    _ = try await store.begin(codex, for: ann, at: start, expires: end)
                    Issue.record("a second login was begun")
                } catch let failure as Failure { #expect(failure.code == "login_pending") }
                let other = try await store.begin(codex, for: bob, at: start, expires: end)
                #expect(try await store.login(login.id, of: ann) == login)
                #expect(try await store.login(login.id, of: bob) == nil)
                #expect(try await store.openLogin(of: ann) == login)
                #expect(try await store.openLogins() == [login, other])
                var over = login
                over.state = .failed
                over.reason = "login_denied"
                over.ended = start + .seconds(5)
                #expect(try await store.end(over))
                var late = login
                late.state = .connected
                late.ended = start + .seconds(6)
                #expect(try await store.end(late) == false)
                #expect(try await store.login(login.id, of: ann) == over)
                #expect(try await store.openLogin(of: ann) == nil)
                let next = try await store.begin(codex, for: ann, at: start, expires: end)
                #expect(next.id != login.id)
                try await store.removeLogins(endedBefore: start + .seconds(6))
                #expect(try await store.login(login.id, of: ann) == nil)
                #expect(try await store.openLogins().count == 2)
            },
            Case("a key is an owner's own, takes the place of the one before, and goes with the provider") {
                store in
                let open = try provider("openai")
                try await store.setKey([1], of: ann, for: open, at: start)
                try await store.setKey([2, 0, 255], of: ann, for: open, at: start)
                #expect(try await store.key(of: ann, for: open) == [2, 0, 255])
                #expect(try await store.key(of: bob, for: open) == nil)
                #expect(try await store.key(of: ann, for: try provider("other")) == nil)
                #expect(try await store.remove(open, of: ann))
                #expect(try await store.key(of: ann, for: open) == nil)
            },
        ]
    }
}
