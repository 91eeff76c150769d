public import Core

/// Runs services for as long as `body` takes; what a service throws, but for the end of its task, is thrown.
public func withServices(_ services: [any Service], _ body: () async throws -> Void) async throws {
    let tasks = services.map { service in Task { try await service.run() } }
    let result: Result<Void, any Error>
    do {
        try await body()
        result = .success(())
    } catch {
        result = .failure(error)
    }
    for task in tasks { task.cancel() }
    for task in tasks { do { try await task.value } catch is CancellationError {} }
    try result.get()
}
