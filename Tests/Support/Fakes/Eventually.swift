/// A condition did not come true in time.
public struct ConditionTimedOut: Error, CustomStringConvertible {
    /// What was waited for.
    public let description: String
}

/// Waits until a condition holds; throws ``ConditionTimedOut`` after the deadline.
public func eventually(
    _ what: String,
    within deadline: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while try await !condition() {
        if clock.now > end { throw ConditionTimedOut(description: "not in time: \(what)") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
