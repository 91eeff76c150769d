import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

/// A database in a directory of its own.
struct CreditInstallation {
    let folder: ScratchFolder
    let database: any FileDatabase
    let stores: Stores

    init() async throws { try await self.init(in: try ScratchFolder()) }

    init(in folder: ScratchFolder) async throws {
        self.folder = folder
        database = try await Self.open(folder.file("deckhand.db"))
        stores = makeStores(on: database)
    }

    static func open(_ path: String) async throws -> any FileDatabase {
        let logger = Logger(level: .error, sink: NullLogSink())
        let database = try await openSQLite(path: path, readers: 2, logger: logger)
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        return database
    }

    var credits: CreditStores { CreditStores(wallets: stores.wallets, meter: stores.meter) }
}

@Suite("Credits on SQLite keep the promises of their ports")
struct CreditConformanceTests {
    @Test("wallets", arguments: WalletStoreSuite.cases)
    func wallets(_ promise: WalletStoreSuite.Case) async throws {
        let installation = try await CreditInstallation()
        try await promise.run(installation.credits)
        await installation.database.close()
    }

    @Test("metered calls", arguments: MeterStoreSuite.cases)
    func meter(_ promise: MeterStoreSuite.Case) async throws {
        let installation = try await CreditInstallation()
        try await promise.run(installation.credits)
        await installation.database.close()
    }
}
