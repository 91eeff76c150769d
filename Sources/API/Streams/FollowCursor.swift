internal import Domain

/// How far a ticket was told.
struct TicketPlace: Sendable, Equatable {
    var offset: Int64
    var state: String?
}

/// The places of all that a client follows, as they stand in the ids of events: `c7.120-t4.3.8812.running-a58`.
struct FollowCursor: Sendable, Equatable {
    var chats: [ChatID: Int64] = [:]
    var tickets: [TicketID: TicketPlace] = [:]
    var approvals: Int64?

    init() {}

    /// Reads an id; throws `Failure` `invalid_event_id`.
    init(_ text: String) throws(Failure) {
        for part in text.split(separator: "-") {
            guard read(part) else {
                throw Failure(
                    .invalid,
                    code: "invalid_event_id",
                    message: "Last-Event-ID (or 'cursor') is no place in this stream.",
                    hint: "Send the id of an event of /v1/events, or nothing to begin at the start."
                )
            }
        }
    }

    private mutating func read(_ part: Substring) -> Bool {
        let words = part.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        let numbers = words.prefix(3).map { Int64($0) ?? -1 }
        guard numbers.allSatisfy({ $0 >= 0 }) else { return false }
        switch (part.first, words.count) {
        case ("c", 2): chats[ChatID(numbers[0])] = numbers[1]
        case ("a", 1): approvals = numbers[0]
        case ("t", 4):
            let id = TicketID(session: SessionID(numbers[0]), number: Int(numbers[1]))
            let state = words[3].isEmpty ? nil : String(words[3])
            tickets[id] = TicketPlace(offset: numbers[2], state: state)
        default: return false
        }
        return true
    }
}
