public import Domain

extension ApprovalService {
    /// The approval once it does not wait for a person any more; for what goes on when they decided.
    ///
    /// Cancellation ends the waiting and changes nothing about the approval.
    public func settled(_ id: ApprovalID) async throws -> Approval {
        let (changes, wake) = AsyncStream.makeStream(of: Approval.self, bufferingPolicy: .bufferingNewest(1))
        let watch = hub.watch(wake)
        defer { withExtendedLifetime(watch) {} }
        if let current = try await decided(id) { return current }
        for await _ in changes {
            if let current = try await decided(id) { return current }
        }
        throw CancellationError()
    }

    private func decided(_ id: ApprovalID) async throws -> Approval? {
        guard let approval = try await store.approval(id) else { throw Self.notFound }
        return approval.state == .awaiting ? nil : approval
    }
}

extension DoorText {
    /// What a model is told about input that it asked to have typed.
    public static func typed(_ approval: Approval) -> String {
        switch approval.state {
        case .approved: "The person approved it, and it was typed."
        case .denied:
            "The person did not approve it; nothing was typed."
                + (approval.decision?.note.map { " They say: \($0)" } ?? "")
        case .expired: "Nobody decided in time; nothing was typed."
        case .voided(let reason): "Nothing was typed: \(reason)."
        case .cancelled: "It was called off; nothing was typed."
        case .awaiting: "It waits for a person; nothing was typed yet."
        }
    }
}
