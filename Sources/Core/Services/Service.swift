/// Long-lived work: it does nothing until someone runs it, and ends when its task is cancelled.
public protocol Service: Sendable {
    /// Works until the task is cancelled or something fails; returns after its own clean-up.
    func run() async throws
}

/// Runs services together and ends them in reverse order.
///
/// A service that ends or fails by itself ends the group. Cancelling the group's task ends the last service first,
/// waits for it, and then goes on to the one before it.
public struct ServiceGroup: Service {
    private let services: [(name: StaticString, service: any Service)]
    private let logger: Logger

    /// Makes a group; later services may use earlier ones.
    public init(_ services: [(name: StaticString, service: any Service)], logger: Logger) {
        self.services = services
        self.logger = logger
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: Int.self)
        let tasks = services.enumerated().map { index, entry in
            // Unstructured on purpose: cancelling a parent would end all services at once, in no order.
            Task {
                defer { continuation.yield(index) }
                try await entry.service.run()
            }
        }
        for await index in ends {
            if !Task.isCancelled {
                logger.warning("service ended by itself", .init("service", services[index].name))
            }
            break
        }
        var failure: (any Error)?
        for (task, entry) in zip(tasks, services).reversed() {
            task.cancel()
            do { try await task.value } catch is CancellationError {
            } catch { failure = failure ?? error }
            logger.debug("service ended", .init("service", entry.name))
        }
        if let failure { throw failure }
    }
}
