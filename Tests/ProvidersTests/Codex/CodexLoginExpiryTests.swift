import Application
import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

@testable import Providers

@Suite("A login at the Codex CLI whose time is over", .timeLimit(.minutes(5)))
struct CodexLoginExpiryTests {
    private static let ann = Principal(id: CodexBench.ann, permissions: [.aiAccount])

    @Test("expires by itself, leaves no process and no profile, and makes room for one that connects")
    func expiry() async throws {
        try await CodexBench.with { bench in
            let folder = try ScratchFolder()
            let logger = Logger(level: .error, sink: NullLogSink())
            let database = try await openSQLite(path: folder.file("d.db"), readers: 1, logger: logger)
            _ = try await migrate(database, at: Timestamp(seconds: 1))
            let stores = makeStores(on: database)
            let connectable = [
                ConnectableProvider(sources: [.account], accounts: bench.provider, models: bench.provider)
            ]
            let clock = ManualClock()
            let supervisor = LoginSupervisor(
                providers: connectable,
                store: stores.accounts,
                audit: stores.audit,
                clock: clock,
                logger: logger
            )
            let service = { (lifetime: Duration) in
                AccountService(
                    providers: connectable,
                    store: stores.accounts,
                    sealer: FakeSealer(),
                    supervisor: supervisor,
                    audit: stores.audit,
                    clock: clock,
                    loginLifetime: lifetime
                )
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await supervisor.run() }
                defer { group.cancelAll() }
                bench.services.login = .waiting
                let late = try await service(.milliseconds(500)).startLogin(nil, as: Self.ann)
                #expect(late.invitation?.code.reveal() == "CODE-1")
                try await eventually("it is expired, and nothing of it is left") {
                    try await stores.accounts.login(late.login.id, of: Self.ann.id)?.state == .expired
                        && bench.profiles == [] && bench.processes == []
                }
                bench.services.login = .confirmed
                let next = try await service(.seconds(900)).startLogin(nil, as: Self.ann)
                try await eventually("it is connected") {
                    try await stores.accounts.login(next.login.id, of: Self.ann.id)?.state == .connected
                }
                let rows = try await stores.audit.entries(limit: 9).reversed().map(\.action)
                #expect(rows == ["account.login", "account.expired", "account.login", "account.connected"])
            }
            await database.close()
        }
    }
}
