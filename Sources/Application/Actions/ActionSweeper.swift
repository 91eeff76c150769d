public import Core

/// Ends proposals whose turns were over when an earlier server ended, and what was missed since.
///
/// A turn that ends closes its own; so this looks when the server starts, and seldom later.
public struct ActionSweeper: Service {
    private let actions: ActionService
    private let logger: Logger
    private let interval: Duration

    /// Puts the service together.
    public init(actions: ActionService, logger: Logger, interval: Duration = .seconds(3_600)) {
        self.actions = actions
        self.logger = logger
        self.interval = interval
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        while !Task.isCancelled {
            do {
                let count = try await actions.endAbandoned()
                if count > 0 { logger.notice("abandoned actions ended", .init("actions", count)) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("actions cannot be swept", .init("error", LogValue.error(error)))
            }
            try await Task.sleep(for: interval)
        }
    }
}
