/// The turns of a chat before the one that goes on, as they are told to whoever comes back.
struct ChatHistory: Sendable {
    /// How many are told; whoever wants them all exports the chat.
    private static let turns = 20

    let server: ChatServer
    let paint: TerminalPaint

    /// Hands over what is to be shown of them, piece by piece.
    func tell(_ chat: ChatServer.Chat, _ show: (String) async throws -> Void) async throws {
        let (turns, hasMore) = try await server.turns(of: chat.id, limit: Self.turns)
        guard var last = turns.first.map({ $0.firstEvent - 1 }) else { return }
        // What works now is followed from its beginning.
        let end = turns.first { $0.id == chat.workingTurn }?.firstEvent ?? Int64.max
        if hasMore {
            let place = "GET /v1/chats/\(chat.id)/export has all of it"
            try await show(paint.faint("(earlier turns are left out; \(place))") + "\n")
        }
        var transcript = ChatTranscript(paint: paint, showsReasoning: false)
        while true {
            let (events, hasMore) = try await server.events(of: chat.id, after: last)
            for event in events where event.number < end {
                for text in pieces(of: event.body, &transcript) { try await show(text) }
            }
            guard hasMore, let number = events.last?.number, number < end else { return }
            last = number
        }
    }

    private func pieces(of event: ChatEventView.Body, _ transcript: inout ChatTranscript) -> [String] {
        if case .turnStarted(let message) = event { return [Self.question(message, paint)] }
        return transcript.take(event).map { piece in
            switch piece {
            case .answer(let text), .note(let text): text
            }
        }
    }

    private static func question(_ message: String, _ paint: TerminalPaint) -> String {
        let lines = TerminalText.lines(TerminalText.readable(message))
        return paint.bold("> " + lines.joined(separator: "\n  ")) + "\n"
    }
}
