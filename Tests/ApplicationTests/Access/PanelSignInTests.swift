import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Signing in by the word of a panel")
struct PanelSignInTests {
    private static let page = "https://panel.example:2031"

    private struct Users: SystemUsers {
        static let all = [
            SystemUser(uid: 0, name: "root"), SystemUser(uid: 33, name: "www-data"),
            SystemUser(uid: 1_001, name: "alice"), SystemUser(uid: 1_002, name: "bob.b"),
        ]
        func user(_ uid: UInt32) async throws -> SystemUser? { Self.all.first { $0.uid == uid } }
        func user(named name: String) async throws -> SystemUser? { Self.all.first { $0.name == name } }
    }

    private struct Bench {
        let clock = ManualClock()
        let people = MemorySignInStores()
        let audit = MemoryAuditStore()
        let cryptography = FakeCryptography()
        var settings = PanelSettings()

        func make() -> PanelSignIns {
            let signIns = SignInService(
                operators: people,
                signIns: people,
                passphrases: FakePassphrases(),
                tokens: FakeSignInTokens(),
                audit: audit,
                cryptography: cryptography,
                clock: clock,
                hub: SignInHub()
            )
            return PanelSignIns(
                settings: settings,
                operators: people,
                signIns: signIns,
                users: Users(),
                audit: audit,
                cryptography: cryptography,
                clock: clock
            )
        }

        func makeOperator(_ name: String) async throws {
            let draft = OperatorDraft(
                name: try OperatorName(name),
                passphraseHash: Secret("x"),
                permissions: Set(Permission.allCases)
            )
            _ = try await people.createOperator(draft, at: clock.now())
        }
    }

    private func signIn(_ panels: PanelSignIns, _ uid: UInt32, naming name: String? = nil) async throws
        -> Operator
    {
        let word = try await panels.assertion(forPeer: uid, naming: name, at: Self.page).text
        return try await panels.signIn(word, kind: .client, at: Self.page).known.person
    }

    private func code(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch { return (error as? Failure)?.code }
    }

    @Test("root is the configured operator, with what that operator may do; nobody without one")
    func root() async throws {
        var bench = Bench()
        #expect(await code { _ = try await signIn(bench.make(), 0) } == "panel_operator_missing")
        bench.settings.rootOperator = try OperatorName("ann")
        #expect(await code { _ = try await signIn(bench.make(), 0) } == "panel_operator_missing")
        try await bench.makeOperator("ann")
        let person = try await signIn(bench.make(), 0)
        #expect(person.name.rawValue == "ann" && person.permissions == Set(Permission.allCases))
        _ = try await bench.people.changeOperator(person.id, .disable, at: bench.clock.now())
        #expect(await code { _ = try await signIn(bench.make(), 0) } == "operator_disabled")
    }

    @Test("a word is good once, for its page, for a minute, and not after a restart")
    func refused() async throws {
        let bench = Bench()
        let panels = bench.make()
        func word() async throws -> Secret<String> {
            try await panels.assertion(forPeer: 1_001, naming: nil, at: Self.page).text
        }
        func refusal(_ word: Secret<String>, _ panels: PanelSignIns, at page: String = Self.page) async
            -> String?
        {
            await code { _ = try await panels.signIn(word, kind: .client, at: page) }
        }
        let first = try await word()
        #expect(await refusal(first, panels, at: "https://evil.example") == "assertion_foreign")
        #expect(await refusal(first, panels) == nil, "a foreign page does not use it up")
        #expect(await refusal(first, panels) == "assertion_used")
        let late = try await word()
        bench.clock.advance(by: .seconds(59))
        let inTime = try await word()
        bench.clock.advance(by: .seconds(1))
        #expect(await refusal(late, panels) == "assertion_expired")
        #expect(await refusal(inTime, panels) == nil)
        #expect(await refusal(try await word(), bench.make()) == "assertion_invalid")
        // Not a byte of it can be another one.
        let text = Array(try await word().reveal().utf8)
        for index in text.indices {
            var other = text
            other[index] = other[index] == 0x41 ? 0x42 : 0x41
            guard other != text else { continue }
            let changed = Secret(String(decoding: other, as: UTF8.self))
            #expect(await refusal(changed, panels) == "assertion_invalid", "\(index)")
        }
        #expect(await refusal(Secret(String(repeating: "a", count: 5_000)), panels) == "assertion_invalid")
        #expect(await refusal(Secret(""), panels) == "assertion_invalid")
    }

    @Test("two at a time with one word: one is let in")
    func race() async throws {
        let panels = Bench().make()
        let word = try await panels.assertion(forPeer: 1_001, naming: nil, at: Self.page).text
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await code { _ = try await panels.signIn(word, kind: .client, at: Self.page) }
                }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.filter { $0 == "assertion_used" }.count == 19)
    }

    @Test("nobody vouches for somebody else, but root")
    func foreignUser() async throws {
        let panels = Bench().make()
        #expect(await code { _ = try await signIn(panels, 1_001, naming: "bob.b") } == "panel_user_foreign")
        #expect(await code { _ = try await signIn(panels, 1_001, naming: "root") } == "panel_user_foreign")
        #expect(try await signIn(panels, 1_001, naming: "alice").runAs == "alice")
        #expect(try await signIn(panels, 0, naming: "alice").runAs == "alice")
        #expect(await code { _ = try await signIn(panels, 4_711) } == "panel_user_unknown")
        #expect(
            await code { _ = try await signIn(panels, 0, naming: "nobody-of-that-name") }
                == "panel_user_unknown"
        )
    }

    @Test(
        "a customer is somebody of their own: no shell unless it is switched on, and then as their system user"
    )
    func customers() async throws {
        var bench = Bench()
        let alice = try await signIn(bench.make(), 1_001)
        #expect(alice.name.rawValue == "panel-alice-1001" && alice.source == .panel)
        #expect(alice.permissions == [.chat] && alice.runAs == "alice")
        #expect(try await signIn(bench.make(), 1_001).id == alice.id)
        #expect(try await signIn(bench.make(), 1_002).name.rawValue == "panel-bob_b-1002")
        // Users of the system are no customers: any program of a web server could ask.
        #expect(await code { _ = try await signIn(bench.make(), 33) } == "panel_user_not_admitted")

        bench.settings.customers = .shell
        let now = try await signIn(bench.make(), 1_001)
        #expect(now.permissions == [.chat, .shellRead, .shellRun, .shellInput])
        let principal = Principal(now, signIn: SignInID(1))
        #expect(
            principal.isCustomer && principal.runAs == "alice"
                && principal.id.rawValue == "customer:\(alice.id)"
        )

        // Switched off, it holds for those who are there, from the start of the server on.
        bench.settings.customers = .off
        #expect(await code { _ = try await signIn(bench.make(), 1_001) } == "panel_user_not_admitted")
        try await bench.make().settle()
        #expect(try await bench.people.operator(alice.id)?.permissions == [])
        let directory = CurrentPrincipals(
            operators: bench.people,
            tokens: MemoryTokenStore(),
            clock: bench.clock
        )
        #expect(try await directory.principal(principal.id)?.permissions == [])
        #expect(try await directory.principal(alice.id.principal) == nil, "one of them is no operator")
    }

    @Test("what a customer has beyond their share, or without a system user, does not count")
    func limits() throws {
        var person = Operator(
            id: OperatorID(9),
            name: try OperatorName("panel-x-1"),
            permissions: Set(Permission.allCases),
            runAs: "x",
            source: .panel,
            created: Timestamp(seconds: 1)
        )
        #expect(person.effectivePermissions == Permission.forCustomers)
        person.runAs = nil
        #expect(person.effectivePermissions == [.chat])
        person.source = .local
        #expect(person.effectivePermissions == Set(Permission.allCases))
    }

    @Test("a customer whose name an operator has is not let in as that operator")
    func takenName() async throws {
        let bench = Bench()
        try await bench.makeOperator("panel-alice-1001")
        #expect(await code { _ = try await signIn(bench.make(), 1_001) } == "panel_name_taken")
    }

    @Test("customers have no passphrase, and none is set")
    func passphrase() async throws {
        let bench = Bench()
        let alice = try await signIn(bench.make(), 1_001)
        let service = OperatorService(
            operators: bench.people,
            passphrases: FakePassphrases(),
            audit: bench.audit,
            cryptography: bench.cryptography,
            clock: bench.clock
        )
        let by = PrincipalID("socket:0")
        #expect(
            await code {
                try await service.setPassphrase(Secret("long enough for one"), of: alice.name, by: by)
            }
                == "operator_of_panel"
        )
        #expect(await code { try await service.setRunAs(nil, of: alice.name, by: by) } == "operator_of_panel")
        #expect(
            await code { try await service.setPermissions([.admin], of: alice.name, by: by) }
                == "operator_of_panel"
        )
        try await service.disable(alice.name, by: by)
        #expect(await code { _ = try await signIn(bench.make(), 1_001) } == "operator_disabled")
    }

    @Test("who asks without end has to wait")
    func rate() async throws {
        let panels = Bench().make()
        var refused = 0
        for _ in 0..<70 {
            let code = await code {
                _ = try await panels.assertion(forPeer: 1_001, naming: nil, at: Self.page)
            }
            if code == "too_many_requests" { refused += 1 }
        }
        #expect(refused == 10)
        _ = try await panels.assertion(forPeer: 1_002, naming: nil, at: Self.page)
    }
}
