internal import Domain

/// The conversation of turns that are over, so that a long chat is not read again from its events at each new turn.
///
/// A turn that is over never changes, and its number is never given again.
final class EarlierTurns: Sendable {
    private static let room = 16 << 20
    private let known = GenerationCache<[ModelItem]>(room: room)

    /// See ``Conversation/items(of:)``.
    func items(of events: [ChatEvent]) throws -> [ModelItem] {
        guard let last = events.last, last.kind == .turnFinished else {
            return try Conversation.items(of: events)
        }
        let key = String(last.turn.rawValue)
        if let items = known[key] { return items }
        let items = try Conversation.items(of: events)
        known.store(items, for: key, cost: events.reduce(0) { $0 + $1.json.count + ($1.hidden?.count ?? 0) })
        return items
    }
}
