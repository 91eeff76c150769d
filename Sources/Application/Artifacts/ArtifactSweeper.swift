public import Core

/// Removes artifacts whose time is over, and the bytes that an earlier server or a backup left without an artifact.
public struct ArtifactSweeper: Service {
    private let service: ArtifactService
    private let interval: Duration

    /// Puts the service together.
    public init(_ service: ArtifactService, interval: Duration = .seconds(600)) {
        self.service = service
        self.interval = interval
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        var isTidy = false
        while !Task.isCancelled {
            do {
                if service.hadLeftovers() || !isTidy {
                    let count = try await service.removeOrphans()
                    if count > 0 { service.logger.notice("orphaned files removed", .init("files", count)) }
                    isTidy = true
                }
                let count = try await service.expire()
                if count > 0 { service.logger.notice("artifacts expired", .init("artifacts", count)) }
            } catch is CancellationError {
                return
            } catch {
                service.logger.warning("artifacts cannot be swept", .init("error", LogValue.error(error)))
            }
            try await Task.sleep(for: interval)
        }
    }
}
