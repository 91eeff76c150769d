public import Core
public import Domain
internal import Synchronization

/// Deltas in memory, with failures on demand.
public final class FakeDeltaStore: ChatDeltaStore {
    private struct State {
        var events: [ChatID: [ChatEvent]] = [:]
        var appends = 0
        var failures = 0
    }
    private let state = Mutex(State())

    /// Makes an empty store.
    public init() {}

    /// What a failing verb throws: internal, as a broken disk would be.
    public struct Broken: Error {}

    /// Makes the next `times` calls of ``append(_:to:)`` fail.
    public func fail(times: Int) { state.withLock { $0.failures = times } }

    /// How often deltas were written, however many at a time.
    public var appendCount: Int { state.withLock { $0.appends } }

    /// Forgets everything, as a power cut may.
    public func lose() { state.withLock { $0.events = [:] } }

    /// As the port says.
    public func append(_ events: [ChatEvent], to chat: ChatID) async throws {
        guard !events.isEmpty else { return }
        try state.withLock { state in
            state.appends += 1
            guard state.failures == 0 else {
                state.failures -= 1
                throw Broken()
            }
            let numbers = Set((state.events[chat] ?? []).map(\.number))
            guard !events.contains(where: { numbers.contains($0.number) }) else { throw Broken() }
            state.events[chat, default: []] += events
            state.events[chat]?.sort { $0.number < $1.number }
        }
    }

    /// As the port says.
    public func events(of chat: ChatID, after number: Int64, through last: Int64, limit: Int) async throws
        -> [ChatEvent]
    {
        state.withLock { $0.events[chat] ?? [] }.filter { $0.number > number && $0.number <= last }
            .prefix(max(limit, 0)).map { $0 }
    }

    /// As the port says.
    public func events(of turn: TurnID, in chat: ChatID) async throws -> [ChatEvent] {
        state.withLock { $0.events[chat] ?? [] }.filter { $0.turn == turn }
    }

    /// As the port says.
    public func lastNumber(of chat: ChatID) async throws -> Int64 {
        state.withLock { $0.events[chat]?.last?.number ?? 0 }
    }

    /// As the port says.
    public func remove(_ chats: [ChatID]) async throws {
        state.withLock { state in for chat in chats { state.events[chat] = nil } }
    }

    /// As the port says.
    public func removeOld(before deadline: Timestamp, except kept: Set<ChatID>) async throws {
        state.withLock { state in
            for chat in state.events.keys where !kept.contains(chat) {
                state.events[chat]?.removeAll { $0.time < deadline }
            }
        }
    }
}
