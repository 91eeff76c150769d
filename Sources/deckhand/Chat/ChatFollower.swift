import Core
import Domain
import HTTPClient

/// Follows a turn's events to its end over any number of connections and restarts of the server.
struct ChatFollower: Sendable {
    /// How long a server may be away before following is given up; the turn is not touched by that.
    private static let patience: Duration = .seconds(120)

    /// Connections in a row that end in order without anything new.
    private static let silentConnections = 5

    let client: ServerClient
    let turn: ChatServer.Turn

    /// One event, or a word about the connection.
    enum News: Sendable {
        case event(ChatEventView, ServerSentEvent)
        case lost
        case back
    }

    /// Hands each event over once and in order; returns after the last one of the turn.
    func follow(_ receive: @Sendable (News) async throws -> Void) async throws {
        var last = turn.firstEvent - 1
        var lastContact = ContinuousClock.now
        var delay = Duration.milliseconds(10)
        var isAway = false
        var silent = 0
        while true {
            let before = last
            do {
                let response = try await connect(after: last)
                if isAway { try await receive(.back) }
                isAway = false
                lastContact = .now
                if try await read(response, &last, receive) { return }
                silent = last > before ? 0 : silent + 1
                guard silent < Self.silentConnections else { throw Self.nothingMore }
            } catch  where ServerClient.isTransient(error) {
                if ContinuousClock.now - lastContact > Self.patience { throw client.explained(error) }
                if !isAway, delay > .milliseconds(100) {
                    try await receive(.lost)
                    isAway = true
                }
            }
            delay = last > before ? .milliseconds(10) : min(delay * 2, .seconds(2))
            try await Task.sleep(for: delay)
        }
    }

    private static let nothingMore = Failure(
        .notFound,
        code: "turn_events_missing",
        message: "The server has no more events of this turn, but did not tell its end.",
        hint: "It may have been replaced by another turn; see the chat with: deckhand chat --last"
    )

    private func connect(after number: Int64) async throws -> HTTPClientResponse {
        try await client.send(
            "GET",
            "/v1/chats/\(turn.chat)/events?turn=\(turn.id)",
            headers: [("Accept", "text/event-stream"), ("Last-Event-ID", String(number))]
        )
    }

    /// Says whether the turn's end was read.
    private func read(
        _ response: HTTPClientResponse,
        _ last: inout Int64,
        _ receive: @Sendable (News) async throws -> Void
    ) async throws -> Bool {
        for try await event in response.body.events(limit: 64 << 20) {
            guard let view = ChatEventView(event), view.number > last else { continue }
            last = view.number
            try await receive(.event(view, event))
            if case .turnFinished = view.body { return true }
        }
        return false
    }
}
