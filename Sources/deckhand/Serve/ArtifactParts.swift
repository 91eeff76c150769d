internal import Application
internal import Core
internal import Domain
internal import Processes
internal import Storage

/// Artifacts, put together.
struct ArtifactParts: Sendable {
    let service: ArtifactService
    let sweeper: ArtifactSweeper

    /// Opens the folder for their bytes.
    init(
        _ settings: ArtifactSettings,
        data: DataDirectory,
        stores: Stores,
        cryptography: any Cryptography,
        metrics: MetricsRegistry,
        logger: Logger
    ) async throws {
        service = ArtifactService(
            store: stores.artifacts,
            files: try await makeArtifactFiles(at: data.artifactsPath, cryptography: cryptography),
            cryptography: cryptography,
            settings: settings,
            clock: SystemWallClock(),
            logger: logger,
            metrics: metrics
        )
        sweeper = ArtifactSweeper(service)
    }
}
