import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("Changes and their rows of the audit log")
struct AuditKeepingTests {
    private static func entry(_ action: String) -> AuditEntry {
        AuditEntry(time: Timestamp(seconds: 1), principal: .server, action: action, subject: "x")
    }

    private static func refuseRows(_ database: any Database) async throws {
        try await database.write { db in
            _ = try db.execute(
                "create trigger full before insert on audit begin select raise(abort, 'no room'); end"
            )
        }
    }

    private static func takeRows(_ database: any Database) async throws {
        try await database.write { db in _ = try db.execute("drop trigger full") }
    }

    /// A customer comes in from the panel's page.
    private static func visit(_ panels: PanelSignIns) async throws {
        let word = try await panels.assertion(forPeer: 1_001, naming: nil, at: "https://p").text
        _ = try await panels.signIn(word, kind: .client, at: "https://p")
    }

    @Test("what the command line changes is not changed where the log cannot keep its row")
    func refusals() async throws {
        let bench = try await ActionBench()
        let stores = bench.stores
        let operators = OperatorService(
            operators: stores.operators,
            passphrases: FakePassphrases(),
            audit: stores.audit,
            cryptography: FakeCryptography(),
            clock: bench.clock
        )
        let tokens = TokenService(
            tokens: stores.tokens,
            audit: stores.audit,
            cryptography: FakeCryptography(),
            clock: bench.clock
        )
        let name = try OperatorName("ann")
        func make(_ name: OperatorName) async throws {
            _ = try await operators.create(
                name,
                passphrase: Secret("three quiet words"),
                permissions: [.chat],
                runAs: nil,
                by: .hash
            )
        }
        try await make(name)
        let token = try await tokens.create(name: "t", permissions: [.chat], lifetime: nil, by: .hash).token
        let wallet = try await bench.credits.open(WalletOwner(client: ClientID(1)), by: .hash)
        try await Self.refuseRows(bench.database)
        let other = try OperatorName("ben")
        await #expect(throws: (any Error).self) { try await make(other) }
        await #expect(throws: (any Error).self) { try await operators.disable(name, by: .hash) }
        await #expect(throws: (any Error).self) { try await tokens.revoke(token.id, by: .hash) }
        await #expect(throws: (any Error).self) {
            _ = try await tokens.create(name: "u", permissions: [.chat], lifetime: nil, by: .hash)
        }
        await #expect(throws: (any Error).self) {
            let deposit = Deposit(.topup, Credits(minor: 5), key: "k", principal: .hash)
            _ = try await bench.credits.deposit(deposit, to: wallet.id)
        }
        #expect(try await operators.list().map(\.name) == [name])
        #expect(try await operators.list().allSatisfy { !$0.isDisabled })
        #expect(try await tokens.list().map(\.revoked) == [nil])
        #expect(try await bench.money(wallet.id) == [0, 0])
    }

    @Test("customers of a panel are made and changed with their rows, or not at all")
    func panel() async throws {
        struct Alice: SystemUsers {
            func user(_ uid: UInt32) async throws -> SystemUser? { SystemUser(uid: uid, name: "alice") }
            func user(named name: String) async throws -> SystemUser? { nil }
        }
        let bench = try await ActionBench()
        let stores = bench.stores
        let signIns = SignInService(
            operators: stores.operators,
            signIns: stores.signIns,
            passphrases: FakePassphrases(),
            tokens: FakeSignInTokens(),
            audit: stores.audit,
            cryptography: FakeCryptography(),
            clock: bench.clock,
            hub: SignInHub()
        )
        func door(_ customers: PanelCustomers) -> PanelSignIns {
            var settings = PanelSettings()
            settings.customers = customers
            return PanelSignIns(
                settings: settings,
                operators: stores.operators,
                signIns: signIns,
                users: Alice(),
                audit: stores.audit,
                cryptography: FakeCryptography(),
                clock: bench.clock
            )
        }
        try await Self.refuseRows(bench.database)
        await #expect(throws: (any Error).self) { try await Self.visit(door(.chat)) }
        #expect(try await stores.operators.operators().isEmpty)
        try await Self.takeRows(bench.database)
        try await Self.visit(door(.chat))
        try await Self.refuseRows(bench.database)
        await #expect(throws: (any Error).self) { try await door(.off).settle() }
        #expect(try await stores.operators.operators().map(\.permissions) == [[.chat]])
        try await Self.takeRows(bench.database)
        try await door(.off).settle()
        #expect(try await stores.operators.operators().map(\.permissions) == [[]])
        let newest = try #require(try await stores.audit.entries(limit: 1).first)
        #expect(newest.action == "operator.permissions" && newest.principal.rawValue == "panel")
    }

    @Test("an action is not carried out where the log cannot keep that it is")
    func noAction() async throws {
        let bench = try await ActionBench(actions: [ActionBench.action()])
        let turn = try await bench.turn(of: bench.person())
        let id = try await bench.proposed(in: turn, price: 0)
        _ = try await bench.actions.change(id, ActionChange([.proposed], to: .confirmed))
        try await Self.refuseRows(bench.database)
        await #expect(throws: (any Error).self) { _ = try await bench.run(turn) }
        #expect(bench.host.calls.isEmpty)
        #expect(try await bench.newest(turn).state == .confirmed)
    }

    @Test("entries follow the change in a store that knows no log, and are written once by one that does")
    func once() async throws {
        let memory = MemoryAuditStore()
        let value = try await memory.keeping { (value: Int) in
            [Self.entry("kept.\(value)")]
        } with: {
            7
        }
        #expect(value == 7)
        #expect(try await memory.entries(limit: 9).map(\.action) == ["kept.7"])
        let bench = try await ActionBench()
        let meta = bench.stores.meta
        try await bench.stores.audit.keeping { (_: Void) in
            [Self.entry("twice"), Self.entry("said")]
        } with: {
            try await meta.set("a", to: "1")
            try await meta.set("b", to: "2")
        }
        #expect(try await bench.stores.audit.entries(limit: 9).map(\.action) == ["said", "twice"])
        // A change that was refused leaves nothing.
        await #expect(throws: Failure.self) {
            try await memory.keeping { (_: Void) in
                [Self.entry("never")]
            } with: {
                throw Failure(.conflict, code: "no", message: "No.")
            }
        }
        #expect(try await memory.entries(limit: 9).count == 1)
    }
}
