internal import Application
internal import Domain

/// Follows one turn from its first event to its end.
struct TurnFollower: Sendable {
    let chats: ChatService
    /// As the service gave it to whoever follows.
    let chat: Chat
    let turn: Turn

    /// Hands over the facts after the one that began the turn, deltas among them, in order; returns after the last.
    ///
    /// Throws what `body` throws, and `CancellationError` when the task is cancelled before the end: the turn goes on.
    func each(_ body: (ChatEventBody) async throws -> Void) async throws {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = chats.watch(chat.id, wake)
        defer { withExtendedLifetime(watch) {} }
        wake.yield()
        var last = turn.firstEvent
        for await _ in wakeups {
            while true {
                let events = try await chats.events(of: chat, after: last)
                guard let newest = events.last else { break }
                last = newest.number
                for event in events where event.turn == turn.id {
                    try await body(try event.body())
                    if event.kind == .turnFinished { return }
                }
            }
        }
        throw CancellationError()
    }
}
