import Core
import HTTPClient

/// What reaches a conversation, from the person and from the server, in one queue.
enum ChatInput: Sendable {
    /// What was typed: keys or lines.
    case typed([UInt8])
    case endOfInput
    /// Ctrl-C, or somebody wants the program to end.
    case interrupt
    /// What happens in the turn with this id.
    case news(turn: Int64, ChatFollower.News)
    /// The turn cannot be followed any more.
    case unfollowed(turn: Int64, any Error)
}

/// The receiving end: one at a time.
struct ChatInbox: ~Copyable {
    let channel: BoundedChannel<ChatInput>
    private var waiting: [ChatInput] = []

    init(_ channel: BoundedChannel<ChatInput>) { self.channel = channel }

    /// The next one; throws `CancellationError` when there is none any more.
    mutating func next() async throws -> ChatInput {
        while waiting.isEmpty {
            waiting = await channel.receive().reversed()
            if waiting.isEmpty { throw CancellationError() }
        }
        return waiting.removeLast()
    }
}
