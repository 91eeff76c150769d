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

    /// One thing that was said.
    struct Entry: Sendable, Equatable {
        let chatKey: String
        let model: String
        let role: String
        let time: Timestamp
        let text: String
    }

    let chats: ChatService

    /// The entries of all chats of the caller.
    func entries(as principal: Principal) async throws -> [Entry] {
        let page = try await chats.chats(
            matching: nil,
            after: nil,
            limit: Self.maximumChats,
            as: principal
        )
        var all: [Entry] = []
        var left = Budget(turns: Self.maximumTurns, bytes: Self.maximumBytes)
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
    private func entries(of chat: Chat, _ left: inout Budget, as principal: Principal) async throws -> [Entry]
    {
        let page = try await chats.turns(of: chat.id, before: nil, limit: max(1, left.turns), as: principal)
        let turns = page.elements.filter { !$0.isSuperseded }
        guard let oldest = turns.last else { return [] }
        left.turns -= turns.count
        // The instructions are said once, where the chat begins.
        var readers: [TurnID: TurnReader] = [:]
        for turn in turns {
            let isFirst = !page.hasMore && turn.id == oldest.id
            readers[turn.id] = TurnReader(
                chatKey: ChatterConversation.key(of: chat),
                turn: turn,
                isFirst: isFirst
            )
        }
        var last = oldest.firstEvent - 1
        while true {
            let events = try await chats.facts(of: chat, after: last, limit: 512)
            for event in events { try readers[event.turn]?.take(event) }
            guard events.count == 512, let newest = events.last else { break }
            last = newest.number
        }
        // The newest turns have a claim on the room that is left.
        var result: [Entry] = []
        for turn in turns where left.bytes > 0 {
            let entries = readers[turn.id]?.entries ?? []
            left.bytes -= entries.reduce(0) { $0 + $1.text.utf8.count + 128 }
            result = entries + result
        }
        return result
    }

    /// Gathers what was said in one turn.
    private struct TurnReader {
        let chatKey: String
        let turn: Turn
        let isFirst: Bool
        private var said: [Entry] = []
        private var text = ""
        private var commands: [String] = []
        private var answered: Timestamp?

        init(chatKey: String, turn: Turn, isFirst: Bool) {
            self.chatKey = chatKey
            self.turn = turn
            self.isFirst = isFirst
        }

        mutating func take(_ event: ChatEvent) throws {
            switch try event.body() {
            case .turnStarted(let draft):
                if isFirst, let instructions = draft.options.instructions {
                    said.append(entry("system", instructions, event.time))
                }
                let message = ChatterMessage(role: .user, parts: draft.message)
                if !draft.message.isEmpty { said.append(entry("user", message.text, event.time)) }
            case .modelFinished(_, let items, _, _):
                answered = event.time
                for item in items {
                    switch item.content {
                    case .assistant(let more), .refusal(let more):
                        text += text.isEmpty || more.isEmpty ? more : "\n\n" + more
                    case .toolCall(let call): commands += ChatterConversation.commands(of: call) ?? []
                    default: break
                    }
                }
            default: break
            }
        }

        /// What was said; commands stand for an answer without text.
        var entries: [Entry] {
            guard let answered else { return said }
            let blocks = commands.map { "```shell\n\($0)\n```" }.joined(separator: "\n")
            let answer = !text.isEmpty ? text : !blocks.isEmpty ? blocks : "(no text)"
            return said + [entry("assistant", answer, answered)]
        }

        private func entry(_ role: String, _ text: String, _ time: Timestamp) -> Entry {
            Entry(chatKey: chatKey, model: turn.model.model, role: role, time: time, text: text)
        }
    }

    // MARK: Shape

    /// Writes entries as one object.
    static func write(_ entries: [Entry], to writer: inout JSONWriter) {
        writer.object { writer in
            for (index, entry) in entries.enumerated() {
                writer.key(dynamic: "i_\(index)")
                write(entry, to: &writer)
                for name in ["c", "t"] {
                    writer.key(dynamic: "\(name)_\(index)")
                    writer.array { _ in }
                }
            }
        }
    }

    private static func write(_ entry: Entry, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("u")
            writer.string(entry.chatKey)
            writer.key("m")
            writer.string(entry.model)
            writer.key("t")
            writer.number(0.8)
            writer.key("p")
            writer.integer(1)
            writer.key("k")
            writer.integer(1)
            writer.key("r")
            writer.string(entry.role)
            writer.key("d")
            writer.string(date(entry.time))
            writer.key("z")
            writer.string(entry.text)
        }
    }

    /// `DD/MM/YYYY HH:mm:ss`, in UTC.
    static func date(_ time: Timestamp) -> String {
        let parts = time.rfc3339.split { "-T.".contains($0) }.map(String.init)
        return "\(parts[2])/\(parts[1])/\(parts[0]) \(parts[3])"
    }
}
