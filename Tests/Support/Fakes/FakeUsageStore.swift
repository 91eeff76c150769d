public import Core
public import Domain
internal import Synchronization

/// Usage rows in memory.
public final class FakeUsageStore: UsageStore {
    private let stored = Mutex<[UsageRow]>([])

    /// Makes an empty store.
    public init() {}

    /// All rows, oldest first.
    public var all: [UsageRow] { stored.withLock { $0 } }

    /// As the port says.
    public func begin(_ model: ModelReference, for context: CallContext, at now: Timestamp) async throws
        -> MeteredCallID
    {
        stored.withLock { rows in
            let id = MeteredCallID(Int64(rows.count + 1))
            rows.append(
                UsageRow(
                    id: id,
                    model: model,
                    context: context,
                    started: now,
                    finished: nil,
                    usage: nil,
                    outcome: nil
                )
            )
            return id
        }
    }

    /// As the port says.
    public func end(_ call: MeteredCallID, usage: TokenUsage?, outcome: CallOutcome, at now: Timestamp)
        async throws
    {
        stored.withLock { rows in
            guard let index = rows.firstIndex(where: { $0.id == call && $0.outcome == nil }) else { return }
            rows[index] = Self.ended(rows[index], usage, outcome, now)
        }
    }

    /// As the port says.
    public func endInterrupted(at now: Timestamp) async throws -> Int {
        stored.withLock { rows in
            var count = 0
            for index in rows.indices where rows[index].outcome == nil {
                rows[index] = Self.ended(rows[index], nil, .interrupted, now)
                count += 1
            }
            return count
        }
    }

    /// As the port says.
    public func rows(of principal: PrincipalID?, before: MeteredCallID?, limit: Int) async throws
        -> Page<UsageRow>
    {
        let found = stored.withLock { $0 }.reversed().filter { row in
            row.context.principal == principal ?? row.context.principal
                && row.id.rawValue < before?.rawValue ?? .max
        }
        return Page(elements: Array(found.prefix(max(limit, 0))), hasMore: found.count > max(limit, 0))
    }

    private static func ended(
        _ row: UsageRow,
        _ usage: TokenUsage?,
        _ outcome: CallOutcome,
        _ now: Timestamp
    ) -> UsageRow {
        UsageRow(
            id: row.id,
            model: row.model,
            context: row.context,
            started: row.started,
            finished: now,
            usage: usage,
            outcome: outcome
        )
    }
}

/// A meter that stores what it is told at the time of a clock.
public struct FakeCallMeter: CallMeter {
    private let store: any UsageStore
    private let clock: any WallClock

    /// Makes a meter.
    public init(_ store: any UsageStore, clock: any WallClock = ManualClock()) {
        self.store = store
        self.clock = clock
    }

    /// As the port says.
    public func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    {
        try await store.begin(model, for: context, at: clock.now())
    }

    /// As the port says.
    public func end(_ call: MeteredCallID, _ report: CallReport) async {
        try? await store.end(call, usage: report.usage, outcome: report.outcome, at: clock.now())
    }
}
