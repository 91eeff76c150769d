internal import Core
internal import Domain
internal import Synchronization

/// Numbers the facts of one working turn, stores them, and then makes them known: in this order, always.
///
/// Used by one task at a time.
final class TurnJournal: Sendable {
    /// How many numbers are set aside for deltas at each synced step.
    static let reserve: Int64 = 1_000_000

    private struct State {
        var next: Int64
        var reserved: Int64
        var contextBytes: Int
    }
    private let state: Mutex<State>
    private let turn: Turn
    private let store: any ChatStore
    private let deltas: any ChatDeltaStore
    private let hub: ChatHub
    private let clock: any WallClock

    /// Goes on after the number `last`; what was recorded until then counts `contextBytes`.
    init(
        turn: Turn,
        after last: Int64,
        reserved: Int64,
        contextBytes: Int,
        store: any ChatStore,
        deltas: any ChatDeltaStore,
        hub: ChatHub,
        clock: any WallClock
    ) {
        state = Mutex(State(next: last + 1, reserved: reserved, contextBytes: contextBytes))
        self.turn = turn
        self.store = store
        self.deltas = deltas
        self.hub = hub
        self.clock = clock
    }

    /// See ``ChatEvent/contextBytes``: of all that is recorded of the turn.
    var contextBytes: Int { state.withLock { $0.contextBytes } }

    /// Stores facts durably, and what changes with them; returns the time they carry.
    @discardableResult
    func record(_ bodies: [ChatEventBody], _ change: TurnChange) async throws -> Timestamp {
        let now = clock.now()
        let (events, reserved) = state.withLock { state in
            let events = Self.number(bodies, &state.next, turn.id, now)
            // After the end nothing more comes, and numbers go on without a gap.
            state.reserved = change.state.isOver ? state.next - 1 : state.next - 1 + Self.reserve
            return (events, state.reserved)
        }
        FaultPoint.beforeTurnRecord.reach()
        try await store.record(events, of: turn, change, reserving: reserved, at: now)
        FaultPoint.afterTurnRecord.reach()
        state.withLock { $0.contextBytes += events.reduce(0) { $0 + $1.contextBytes } }
        hub.publish(events, in: turn.chat)
        return now
    }

    /// Writes deltas; `change` is stored with a new reservation when the numbers run out.
    func post(_ bodies: [ChatEventBody], _ change: TurnChange) async throws {
        guard !bodies.isEmpty else { return }
        let now = clock.now()
        let (events, isShort) = state.withLock { state in
            let events = Self.number(bodies, &state.next, turn.id, now)
            return (events, state.next >= state.reserved)
        }
        if isShort { try await record([], change) }
        try await deltas.append(events, to: turn.chat)
        FaultPoint.afterTurnDeltas.reach()
        hub.publish(events, in: turn.chat)
    }

    private static func number(
        _ bodies: [ChatEventBody],
        _ next: inout Int64,
        _ turn: TurnID,
        _ now: Timestamp
    ) -> [ChatEvent] {
        bodies.map { body in
            defer { next += 1 }
            return ChatEvent(body, number: next, turn: turn, at: now)
        }
    }
}
