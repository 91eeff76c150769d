internal import Domain

/// What was said in a chat before a turn, as far as a model is shown it.
struct EarlierConversation: Sendable {
    /// One turn that is over.
    struct Part: Sendable {
        let turn: TurnID
        let items: [ModelItem]
        /// Of its events, as the store counts them.
        let bytes: Int
    }

    /// In place of the turns that it covers.
    private(set) var summary: ChatSummary?
    /// The turns after those, oldest first.
    private(set) var turns: [Part]
    /// How many turns are neither covered nor shown.
    private(set) var leftOut: Int
    /// So many turns pass before a model is asked for a summary again, after it gave none.
    private(set) var pause = 0

    init(summary: ChatSummary?, turns: [Part], leftOut: Int) {
        self.summary = summary
        self.turns = turns
        self.leftOut = leftOut
    }

    /// Reads it from the events as the store has them.
    init(_ found: EarlierContext) throws {
        let turns = try found.turns.reversed().compactMap { events -> Part? in
            guard let turn = events.first?.turn else { return nil }
            return Part(
                turn: turn,
                items: try Conversation.items(of: events),
                bytes: events.reduce(0) { $0 + $1.contextBytes }
            )
        }
        self.init(summary: found.summary, turns: turns, leftOut: found.leftOut)
    }

    /// What counts against the budget.
    var bytes: Int { turns.reduce(summary?.text.utf8.count ?? 0) { $0 + $1.bytes } }

    /// As a model is shown it.
    var items: [ModelItem] {
        var items: [ModelItem] = []
        items.reserveCapacity(turns.reduce(1) { $0 + $1.items.count })
        if let summary { items.append(Summary.item(summary)) }
        for turn in turns { items += turn.items }
        return items
    }

    /// The same up to a turn; nil when this does not say what comes before it.
    func through(_ last: TurnID?) -> EarlierConversation? {
        guard let last else { return nil }
        var result = self
        result.turns.removeAll { $0.turn > last }
        let known = result.turns.last?.turn ?? summary?.through
        return known == last ? result : nil
    }

    /// Leaves out the oldest turns until the rest fits.
    mutating func fit(_ maximumBytes: Int) {
        var total = bytes
        var dropped = 0
        while total > maximumBytes, dropped < turns.count {
            total -= turns[dropped].bytes
            dropped += 1
        }
        turns.removeFirst(dropped)
        leftOut += dropped
    }

    /// The newest turns that fit together, and those before them, which a summary is to cover.
    func split(keeping maximumBytes: Int) -> (covered: [Part], kept: [Part]) {
        var bytes = 0
        var first = turns.count
        while first > 0, bytes + turns[first - 1].bytes <= maximumBytes {
            first -= 1
            bytes += turns[first].bytes
        }
        return (Array(turns[..<first]), Array(turns[first...]))
    }

    /// A turn came to its end.
    mutating func append(_ part: Part) {
        turns.append(part)
        pause = max(0, pause - 1)
    }

    /// No model gave a summary: it is not asked at each turn.
    mutating func postpone() { pause = 8 }
}

/// What was said in chats in which turns worked lately, so that a next turn reads and decodes nothing of it again.
///
/// A turn that is over never changes, and its number is never given again; whether it still counts is asked of the store.
final class EarlierConversations: Sendable {
    private static let room = 32 << 20
    private let known = GenerationCache<EarlierConversation>(room: room)

    /// What is known of a chat up to a turn.
    func conversation(_ chat: ChatID, through last: TurnID?) -> EarlierConversation? {
        known[String(chat.rawValue)]?.through(last)
    }

    func store(_ conversation: EarlierConversation, of chat: ChatID) {
        known.store(conversation, for: String(chat.rawValue), cost: conversation.bytes)
    }

    func remove(_ chat: ChatID) { known.remove(String(chat.rawValue)) }
}
