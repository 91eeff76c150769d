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

    mutating func next() async throws -> FollowedBatch {
        guard let change else { return try await nextWaiting() }
        let page = try await desk.approvals.changes(after: change, limit: Self.batch, as: caller)
        self.change = page.latest
        let events = await followed(page.approvals) { "a\($0.change)" }
        return FollowedBatch(events: events, hasMore: page.hasMore)
    }

    private mutating func nextWaiting() async throws -> FollowedBatch {
        if listing == nil {
            listing = (try await desk.approvals.changes(after: nil, limit: 1, as: caller).latest, nil)
        }
        guard let (since, after) = listing else { return FollowedBatch() }
        let page = try await desk.approvals.approvals(
            ApprovalFilter(isAwaiting: true),
            after: after,
            limit: Self.batch,
            as: caller
        )
        let last = page.elements.last?.id
        if page.hasMore, let last {
            listing?.after = ApprovalCursor(isAwaiting: true, id: last)
        } else {
            listing = nil
            change = since
        }
        // Before its end the list is no place to go on from.
        let end = page.hasMore ? nil : last
        return FollowedBatch(
            events: await followed(page.elements) { $0.id == end ? "a\(since)" : nil },
            hasMore: true
        )
    }

    private func followed(_ approvals: [Approval], _ position: (Approval) -> String?) async -> [FollowedEvent]
    {
        var events: [FollowedEvent] = []
        for approval in approvals {
            var json = JSONWriter()
            ApprovalFields.writeSummary(await desk.shown(approval), to: &json)
            events.append(FollowedEvent(name: "approval", data: json.bytes, position: position(approval)))
        }
        return events
    }
}
