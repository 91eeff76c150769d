internal import Application
internal import Core
internal import Domain

/// What was said in a person's chats, as the panel assistant gets it after its check-in: one object whose keys count up
/// over all entries.
///
/// Each entry is three members: `i_<k>` with what was said, and the arrays `c_<k>` and `t_<k>`, which that client filled
/// with copies of the conversation and which are empty here. The newest chats and the newest turns come along, up to a
/// bound; the order is that in which things were said.
struct ChatterHistory: Sendable {
    private static let maximumChats = 50
    private static let maximumTurns = 300
    private static let maximumBytes = 4 << 20

    let chats: ChatService

    /// The entries of all chats of the caller.
    func entries(as principal: Principal) async throws -> [ChatterEntry] {
        let page = try await chats.chats(
            matching: nil,
            after: nil,
            limit: Self.maximumChats,
            as: principal
        )
        var all: [ChatterEntry] = []
        var left = Budget(turns: Self.maximumTurns, bytes: Self.maximumBytes)
        try await chats.noteUse(of: page.elements, as: principal)
        for chat in page.elements where !left.isSpent {
            all += try await entries(of: chat, &left, as: principal)
        }
        return all.sorted { $0.time < $1.time }
    }

    private struct Budget {
        var turns: Int
        var bytes: Int
        var isSpent: Bool { turns <= 0 || bytes <= 0 }
    }

    /// The entries of one chat, in order.
    private func entries(of chat: Chat, _ left: inout Budget, as principal: Principal) async throws
        -> [ChatterEntry]
    {
        let page = try await chats.turns(of: chat.id, before: nil, limit: max(1, left.turns), as: principal)
        let turns = page.elements.filter { !$0.isSuperseded }
        guard let oldest = turns.last else { return [] }
        left.turns -= turns.count
        // The instructions are said once, where the chat begins.
        var said: [TurnID: ChatterTurn] = [:]
        for turn in turns {
            said[turn.id] = ChatterTurn(
                chatKey: ChatterConversation.key(of: chat),
                showsInstructions: !page.hasMore && turn.id == oldest.id
            )
        }
        var last = oldest.firstEvent - 1
        while true {
            let events = try await chats.facts(of: chat, after: last, limit: 512)
            for event in events { said[event.turn]?.take(try event.body(), at: event.time) }
            guard events.count == 512, let newest = events.last else { break }
            last = newest.number
        }
        // The newest turns have a claim on the room that is left.
        var result: [ChatterEntry] = []
        for turn in turns where left.bytes > 0 {
            let entries = said[turn.id]?.entries ?? []
            left.bytes -= entries.reduce(0) { $0 + $1.text.utf8.count + 128 }
            result = entries + result
        }
        return result
    }

    // MARK: Shape

    /// Writes entries as one object.
    static func write(_ entries: [ChatterEntry], to writer: inout JSONWriter) {
        writer.object { writer in
            for (index, entry) in entries.enumerated() {
                writer.key(dynamic: "i_\(index)")
                entry.write(to: &writer)
                for name in ["c", "t"] {
                    writer.key(dynamic: "\(name)_\(index)")
                    writer.array { _ in }
                }
            }
        }
    }
}
