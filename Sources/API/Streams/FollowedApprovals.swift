internal import Application
internal import Core
internal import Domain

/// All approvals among the things that are followed; their place is the number of a change.
///
/// Without a place those that wait now come first, then every change.
struct FollowedApprovals: FollowedObject {
    private static let batch = 50

    private let desk: ApprovalDesk
    private let caller: Principal
    private var change: Int64?
    /// The change at which the list of those that wait was begun, and how far it was told.
    private var listing: (since: Int64, after: ApprovalCursor?)?

    init(_ desk: ApprovalDesk, after change: Int64?, as caller: Principal) {
        self.desk = desk
        self.caller = caller
        self.change = change
    }

    var position: String? { change.map { "a\($0)" } }

    func watch(_ changed: @Sendable () -> Void) async {
        await Self.forward(changed) { tell in [desk.approvals.hub.watch(tell)] }
    }

    mutating func next() async throws -> [FollowedEvent] {
        guard let change else { return try await nextWaiting() }
        let page = try await desk.approvals.changes(after: change, limit: Self.batch, as: caller)
        self.change = page.latest
        return await followed(page.approvals) { "a\($0.change)" }
    }

    private mutating func nextWaiting() async throws -> [FollowedEvent] {
        if listing == nil {
            listing = (try await desk.approvals.changes(after: nil, limit: 1, as: caller).latest, nil)
        }
        guard let (since, after) = listing else { return [] }
        let page = try await desk.approvals.approvals(
            ApprovalFilter(isAwaiting: true),
            after: after,
            limit: Self.batch,
            as: caller
        )
        guard page.hasMore, let last = page.elements.last else {
            listing = nil
            change = since
            guard !page.elements.isEmpty else { return try await next() }
            return await followed(page.elements) { $0.id == page.elements.last?.id ? "a\(since)" : nil }
        }
        listing?.after = ApprovalCursor(isAwaiting: true, id: last.id)
        return await followed(page.elements) { _ in nil }
    }

    private func followed(_ approvals: [Approval], _ position: (Approval) -> String?) async -> [FollowedEvent] {
        var events: [FollowedEvent] = []
        for approval in approvals {
            var json = JSONWriter()
            ApprovalFields.writeSummary(await desk.shown(approval), to: &json)
            events.append(FollowedEvent(name: "approval", data: json.bytes, position: position(approval)))
        }
        return events
    }
}
