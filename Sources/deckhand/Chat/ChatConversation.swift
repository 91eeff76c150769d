import Core
import Domain
import HTTPClient

/// Leads a conversation at a terminal, or one turn of a script.
struct ChatConversation: Sendable {
    /// How it is shown.
    struct Manner: Sendable {
        var paint: TerminalPaint
        /// A person can press keys.
        var canDecide = false
        var showsReasoning = false
        var printsJSON = false
    }

    /// How a turn ended for the person.
    enum End: Sendable, Equatable {
        case state(String)
        /// They went away before its end.
        case left

        var exitCode: Int32 {
            switch self {
            case .state("completed"): 0
            case .state("stopped"): 3
            case .state("cancelled"), .left: 130
            case .state: 1
            }
        }
    }

    let server: ChatServer
    let console: any Console
    let manner: Manner
    let terminal: KeyTerminal?
    let channel: BoundedChannel<ChatInput>

    /// Follows a turn to its end, shows it, and does what the person wants.
    func attend(_ turn: ChatServer.Turn, _ inbox: inout ChatInbox) async throws -> End {
        terminal?.readKeys()
        defer { terminal?.readLines() }
        let follower = ChatFollower(client: server.client, turn: turn)
        let channel = channel
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await Self.follow(follower, turn.id, into: channel) }
            defer { group.cancelAll() }
            return try await converse(turn, &inbox)
        }
    }

    private static func follow(
        _ follower: ChatFollower,
        _ turn: Int64,
        into channel: BoundedChannel<ChatInput>
    ) async {
        do {
            try await follower.follow { news in try await channel.send(.news(turn: turn, news)) }
        } catch is CancellationError {
        } catch {
            try? await channel.send(.unfollowed(turn: turn, error))
        }
    }

    private func converse(_ turn: ChatServer.Turn, _ inbox: inout ChatInbox) async throws -> End {
        var desk = ChatTurnDesk(
            paint: manner.paint,
            canDecide: manner.canDecide,
            showsReasoning: manner.showsReasoning
        )
        while true {
            let effects: [ChatTurnDesk.Effect]
            switch try await inbox.next() {
            case .news(turn.id, .event(let view, let event)):
                if manner.printsJSON { try await line(event, turn) }
                effects = desk.take(view.body)
            case .news(turn.id, .lost):
                effects = desk.say("deckhand: the connection is lost; trying again")
            case .news(turn.id, .back): effects = desk.say("deckhand: connected again")
            case .unfollowed(turn.id, let error): throw error
            case .typed(let keys): effects = desk.typed(keys, at: .now)
            case .interrupt: effects = desk.interrupt()
            // The terminal is gone.
            case .endOfInput: effects = [.leave]
            case .news, .unfollowed: effects = []
            }
            if let end = try await perform(effects, turn, &desk) { return end }
        }
    }

    /// Does what is to be done, and what comes of that.
    private func perform(
        _ effects: [ChatTurnDesk.Effect],
        _ turn: ChatServer.Turn,
        _ desk: inout ChatTurnDesk
    ) async throws -> End? {
        var effects = effects[...]
        while let effect = effects.popFirst() {
            switch effect {
            case .show(let piece): try await show(piece)
            case .load(let id): effects = (await load(id, &desk) + effects)[...]
            case .decide(let approval, let answer):
                do { try await server.decide(approval, answer) } catch let failure as Failure {
                    effects = (desk.refused(approval, Self.trouble(failure)) + effects)[...]
                }
            case .read(lines: true): terminal?.readLines()
            case .read(lines: false): terminal?.readKeys()
            case .cancel:
                do { try await server.cancel(turn.id) } catch {
                    let why = Self.trouble(server.client.explained(error)).text
                    effects = (desk.say("deckhand: it could not be ended: \(why)") + effects)[...]
                }
            case .leave:
                await console.say("deckhand: left; go on with: deckhand chat --chat \(turn.chat)")
                return .left
            case .finish(let state): return .state(state)
            }
        }
        return nil
    }

    private func load(_ id: Int64, _ desk: inout ChatTurnDesk) async -> [ChatTurnDesk.Effect] {
        do {
            return desk.loaded(.success(try await server.approval(id)), at: .now)
        } catch {
            return desk.loaded(.failure(Self.trouble(server.client.explained(error))), at: .now)
        }
    }

    private static func trouble(_ error: any Error) -> ChatTrouble {
        guard let failure = error as? Failure else { return ChatTrouble(text: "\(error)") }
        let hint = failure.hint.map { " " + $0 } ?? ""
        return ChatTrouble(text: TerminalText.line(failure.message + hint, limit: 1_000))
    }

    private func show(_ piece: ChatPiece) async throws {
        // Scripts read the events themselves; people beside them still see what is not the answer.
        switch piece {
        case .answer(let text): if !manner.printsJSON { try await console.write(Array(text.utf8)) }
        case .note(let text): try await console.writeError(Array(text.utf8))
        }
    }

    private func line(_ event: ServerSentEvent, _ turn: ChatServer.Turn) async throws {
        var writer = JSONWriter(capacity: event.data.utf8.count + 80)
        writer.object { writer in
            writer.key("chat")
            writer.integer(turn.chat)
            writer.key("turn")
            writer.integer(turn.id)
            writer.key("number")
            writer.integer(Int64(event.id) ?? 0)
            writer.key("event")
            writer.string(event.event)
            writer.key("data")
            writer.raw(Array(event.data.utf8))
        }
        try await console.write(writer.bytes + [10])
    }
}
