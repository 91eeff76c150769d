import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

@testable import Application

/// Artifacts over a real database, with their bytes in memory.
struct ArtifactBench {
    static let user = Principal(
        user: UserID(3),
        permissions: [.chat, .aiAction, .aiArtifact],
        scope: Scope(client: ClientID(1), brands: [])
    )
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]

    let clock = ManualClock()
    let files = MemoryArtifactFiles()
    let metrics = MetricsRegistry()
    let stores: Stores
    let service: ArtifactService
    let database: any FileDatabase
    private let folder: ScratchFolder

    init(_ settings: ArtifactSettings = ArtifactSettings()) async throws {
        folder = try ScratchFolder()
        let logger = Logger(level: .error, sink: NullLogSink())
        database = try await openSQLite(
            path: folder.file("deckhand.db"),
            readers: 2,
            durability: .process,
            logger: logger
        )
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        stores = makeStores(on: database)
        let key = try TenantKey("acme")
        let client = try await stores.tenants.putClient(
            key,
            of: "https://app",
            ClientChange(),
            at: clock.now()
        )
        try #require(client.id == ClientID(1))
        service = ArtifactService(
            store: stores.artifacts,
            files: files,
            cryptography: FakeCryptography(),
            settings: settings,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
    }

    /// Somebody who may have files, and is no user of an application.
    static func person(_ number: Int) -> Principal {
        Principal(id: PrincipalID("operator:\(number)"), permissions: [.chat, .aiArtifact])
    }

    /// Keeps a text for somebody.
    func keep(_ text: String, _ number: Int, for principal: Principal) async throws -> Artifact {
        try await service.keep(
            MadeFile(title: try ArtifactTitle("Notes"), format: .plainText, bytes: Array(text.utf8)),
            by: ArtifactOrigin(.tool, key: "\(principal.id) \(number)"),
            in: ArtifactHome(
                owner: principal.id,
                place: principal.scope.map { Place(client: $0.client) },
                chat: ChatID(1),
                turn: TurnID(1)
            )
        )
    }

    /// What somebody reads of an artifact.
    func text(_ id: ArtifactID, as principal: Principal) async throws -> String {
        let (artifact, bytes) = try await service.content(id, as: principal)
        return String(decoding: try await bytes.read(from: 0, count: artifact.draft.size), as: UTF8.self)
    }

    func close() async { await database.close() }
}
