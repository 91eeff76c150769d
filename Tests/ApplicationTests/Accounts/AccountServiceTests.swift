import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("Accounts of principals")
struct AccountServiceTests {
    private static let ann = Principal(id: PrincipalID("operator:1"), permissions: [.aiAccount])
    private static let bob = Principal(id: PrincipalID("operator:2"), permissions: [.aiAccount])

    /// The service over a real database, with a supervisor that runs as long as the body.
    private struct Bench: Sendable {
        let clock = ManualClock()
        let provider: FakeAccountProvider
        let stores: Stores
        let supervisor: LoginSupervisor
        let service: AccountService
        let keys: StoredUserKeys
        let database: any FileDatabase
        let folder: ScratchFolder

        init(lifetime: Duration = .seconds(900)) async throws {
            folder = try ScratchFolder()
            let logger = Logger(level: .error, sink: NullLogSink())
            database = try await openSQLite(path: folder.file("d.db"), readers: 1, logger: logger)
            _ = try await migrate(database, at: Timestamp(seconds: 1))
            stores = makeStores(on: database)
            provider = FakeAccountProvider(try ProviderID("codex"))
            let models = try FakeModelProvider(script: [])
            let connectable = [
                ConnectableProvider(
                    sources: [.account],
                    accounts: provider,
                    models: NamedModels(id: provider.id)
                ), ConnectableProvider(sources: [.user], accounts: nil, models: models),
            ]
            supervisor = LoginSupervisor(
                providers: connectable,
                store: stores.accounts,
                audit: stores.audit,
                clock: clock,
                logger: logger
            )
            service = AccountService(
                providers: connectable,
                store: stores.accounts,
                sealer: FakeSealer(),
                supervisor: supervisor,
                audit: stores.audit,
                clock: clock,
                loginLifetime: lifetime
            )
            keys = StoredUserKeys(store: stores.accounts, sealer: FakeSealer())
        }

        func running(_ body: () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [supervisor] in try await supervisor.run() }
                do { try await body() } catch {
                    group.cancelAll()
                    throw error
                }
                group.cancelAll()
            }
            await database.close()
        }

        func state(_ login: Login, is state: LoginState) async throws {
            try await eventually("the login is \(state)") {
                try await service.login(login.id, as: ann).state == state
            }
        }
    }

    @Test("a login is shown once, connects, and makes its provider the default")
    func connects() async throws {
        let bench = try await Bench()
        try await bench.running {
            let begun = try await bench.service.startLogin(nil, as: Self.ann)
            #expect(begun.invitation?.code.reveal() == "FAKE-CODE")
            #expect(try await bench.service.overview(as: Self.ann).login == begun.login)
            #expect(try await bench.service.overview(as: Self.bob).login == nil)
            await #expect(throws: Failure.self) { try await bench.service.startLogin(nil, as: Self.ann) }
            bench.provider.finish(Self.ann.id, .connected)
            try await bench.state(begun.login, is: .connected)
            try await eventually("the choice is stored") {
                try await bench.service.standardModel(of: Self.ann.id)?.description == "codex/gpt-6.1-sol"
            }
            #expect(bench.provider.cleared == [])
            do {
                _ = try await bench.service.startLogin(nil, as: Self.ann)
                Issue.record("another login was begun")
            } catch let failure as Failure { #expect(failure.code == "account_connected") }
            let other = try await bench.service.switchAccount(nil, as: Self.ann)
            #expect(try await bench.service.cancelLogin(other.login.id, as: Self.ann).state == .cancelled)
        }
    }

    @Test("logins that fail, expire or are given up are cleared once")
    func clears() async throws {
        let bench = try await Bench()
        try await bench.running {
            let denied = try await bench.service.startLogin(nil, as: Self.ann).login
            let failure = Failure(.forbidden, code: "login_denied", message: "no")
            bench.provider.finish(Self.ann.id, .failed(failure))
            try await bench.state(denied, is: .failed)
            #expect(try await bench.service.login(denied.id, as: Self.ann).reason == "login_denied")
            let cancelled = try await bench.service.startLogin(nil, as: Self.ann).login
            for _ in 0..<2 { _ = try await bench.service.cancelLogin(cancelled.id, as: Self.ann) }
            try await bench.state(cancelled, is: .cancelled)
            #expect(bench.provider.cleared == [Self.ann.id, Self.ann.id])
            await #expect(throws: Failure.self) {
                try await bench.service.login(cancelled.id, as: Self.bob)
            }
        }
        let short = try await Bench(lifetime: .milliseconds(20))
        try await short.running {
            let login = try await short.service.startLogin(nil, as: Self.ann).login
            try await short.state(login, is: .expired)
            try await eventually("it is cleared") { short.provider.cleared == [Self.ann.id] }
        }
    }

    @Test("what the end of a login clears is nothing of the next one, however close they are")
    func neighbours() async throws {
        let bench = try await Bench()
        try await bench.running {
            let first = try await bench.service.startLogin(nil, as: Self.ann).login
            let gate = Signal()
            bench.provider.holdClearing(until: gate)
            async let given = bench.service.cancelLogin(first.id, as: Self.ann)
            try await bench.state(first, is: .cancelled)
            async let begun = bench.service.startLogin(nil, as: Self.ann)
            try await eventually("the next one is stored") {
                try await bench.stores.accounts.openLogin(of: Self.ann.id) != nil
            }
            gate.set()
            _ = try await given
            let next = try await begun.login
            bench.provider.finish(Self.ann.id, .connected)
            try await bench.state(next, is: .connected)
            #expect(try await bench.stores.accounts.settings(of: Self.ann.id).map(\.state) == [.connected])
        }
    }

    @Test("the log says who began a login where, and how it ended")
    func audited() async throws {
        let bench = try await Bench()
        try await bench.running {
            for (number, outcome) in [
                LoginOutcome.failed(Failure(.forbidden, code: "login_denied", message: "no")), .connected,
            ].enumerated() {
                let login = try await bench.service.startLogin(nil, as: Self.ann).login
                bench.provider.finish(Self.ann.id, outcome)
                try await bench.state(login, is: number == 0 ? .failed : .connected)
            }
            let given = try await bench.service.startLogin(nil, as: Self.bob).login
            _ = try await bench.service.cancelLogin(given.id, as: Self.bob)
            let rows = try await bench.stores.audit.entries(limit: 99).reversed()
            #expect(rows.allSatisfy { $0.subject == "account/codex" })
            #expect(
                rows.map { "\($0.principal) \($0.action)" } == [
                    "operator:1 account.login", "operator:1 account.failed", "operator:1 account.login",
                    "operator:1 account.connected", "operator:2 account.login",
                    "operator:2 account.cancelled",
                ]
            )
            let failed = try #require(rows.dropFirst().first)
            #expect(failed.detail == #"{"login":1,"owner":"operator:1","reason":"login_denied"}"#)
        }
        let short = try await Bench(lifetime: .milliseconds(20))
        try await short.running {
            let login = try await short.service.startLogin(nil, as: Self.ann).login
            try await short.state(login, is: .expired)
            let row = try #require(try await short.stores.audit.entries(limit: 1).first)
            #expect(row.action == "account.expired" && row.principal == .server)
            #expect(row.detail.contains(#""owner":"operator:1""#))
        }
    }

    @Test("a login that cannot begin is stored as failed, and leaves room for the next")
    func refused() async throws {
        let bench = try await Bench()
        try await bench.running {
            bench.provider.refuse(Failure(.forbidden, code: "device_code_disabled", message: "no"))
            do {
                _ = try await bench.service.startLogin(nil, as: Self.ann)
                Issue.record("it was begun")
            } catch let failure as Failure { #expect(failure.code == "device_code_disabled") }
            bench.provider.refuse(nil)
            _ = try await bench.service.startLogin(nil, as: Self.ann)
        }
    }

    @Test("what an earlier server left open is expired and cleared")
    func restart() async throws {
        let bench = try await Bench()
        let left = try await bench.stores.accounts.begin(
            bench.provider.id,
            for: Self.ann.id,
            at: bench.clock.now(),
            expires: bench.clock.now() + .seconds(900)
        )
        try await bench.running {
            try await bench.state(left, is: .expired)
            try await eventually("it is cleared") { bench.provider.cleared == [Self.ann.id] }
            _ = try await bench.service.startLogin(nil, as: Self.ann)
        }
    }

    @Test("a key is sealed, opened for its owner only, and gone after logging out")
    func keys() async throws {
        let bench = try await Bench()
        let id = try ProviderID("fake")
        try await bench.running {
            try await bench.service.setKey(Secret("sk-of-ann-1"), for: id, as: Self.ann)
            #expect(try await bench.keys.key(of: Self.ann.id, for: id)?.reveal() == "sk-of-ann-1")
            #expect(try await bench.keys.key(of: Self.bob.id, for: id) == nil)
            let sealed = try #require(await bench.stores.accounts.key(of: Self.ann.id, for: id))
            #expect(!String(decoding: sealed, as: UTF8.self).contains("sk-of-ann-1"))
            // Moved to another owner, it cannot be opened.
            try await bench.stores.accounts.setKey(sealed, of: Self.bob.id, for: id, at: bench.clock.now())
            #expect(try await bench.keys.key(of: Self.bob.id, for: id) == nil)
            try await bench.service.logout(id, as: Self.ann)
            #expect(try await bench.keys.key(of: Self.ann.id, for: id) == nil)
            do {
                try await bench.service.setKey(Secret("sk-of-ann-1"), for: bench.provider.id, as: Self.ann)
                Issue.record("the provider took a key")
            } catch let failure as Failure { #expect(failure.code == "credential_not_allowed") }
        }
    }

    @Test("without the permission nothing can be done")
    func permission() async throws {
        let bench = try await Bench()
        let nobody = Principal(id: PrincipalID("operator:3"), permissions: [.chat])
        try await bench.running {
            await #expect(throws: Failure.self) { try await bench.service.overview(as: nobody) }
            await #expect(throws: Failure.self) { try await bench.service.startLogin(nil, as: nobody) }
            await #expect(throws: Failure.self) { try await bench.service.logout(nil, as: nobody) }
            await #expect(throws: Failure.self) { try await bench.service.choose("m", of: nil, as: nobody) }
        }
    }
}
