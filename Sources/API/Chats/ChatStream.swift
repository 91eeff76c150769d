internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// A chat followed live, as server-sent events whose ids are the events' numbers.
///
/// What was stored before is sent first, so that a client that reconnects gets exactly the rest. An object for the
/// same reason as ``TicketStream``.
final class ChatStream: Sendable {
    private static let batch = 256

    private let chats: ChatService
    private let chat: Chat
    private let turn: TurnID?
    private let ends: StreamEnds
    private let caller: Principal

    /// Makes the stream of a chat as ``ChatService/chat(_:as:)`` gave it to the caller.
    ///
    /// With a turn only its events, to its end; else all of the chat, without an end.
    init(chats: ChatService, chat: Chat, turn: TurnID?, ends: StreamEnds, caller: Principal) {
        self.chats = chats
        self.chat = chat
        self.turn = turn
        self.ends = ends
        self.caller = caller
    }

    func response(after number: Int64, template: StaticString, headers: HTTPHeaders = [:]) -> HTTPResponse {
        SSE.response(headers: headers, routeTemplate: template) { writer in
            try await self.ends.run(untilEndOf: StreamEnds.Admission(self.caller)) {
                try await self.run(writer, after: number)
            }
        }
    }

    /// How far the client has been told.
    private struct Progress: Sendable {
        var number: Int64
        var isOver = false
    }

    private func run(_ writer: SSEWriter, after number: Int64) async throws {
        var progress = Progress(number: number)
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let news = chats.watch(chat.id, wake)
        defer { withExtendedLifetime(news) {} }
        if try await isToldAll(after: number) { return }
        wake.yield()
        for await _ in wakeups {
            // A child, whose memory ends with it; see TicketStream.
            let before = progress
            async let next = advance(before, writer)
            progress = try await next
            if progress.isOver { return }
        }
        // Cancelled before the end: the stream is to be cut, so that its reader does not take this for the end.
        throw CancellationError()
    }

    /// The turn's end lies before what is asked for.
    ///
    /// The end is stored together with its event, so that nothing stored behind the number means nothing to come.
    private func isToldAll(after number: Int64) async throws -> Bool {
        guard let turn, try await chats.turn(turn, as: caller).state.isOver else { return false }
        return try await chats.facts(of: chat, after: number, limit: 1).first?.turn != turn
    }

    private func advance(_ before: Progress, _ writer: SSEWriter) async throws -> Progress {
        var progress = before
        while true {
            let events = try await chats.events(of: chat, after: progress.number, limit: Self.batch)
            // Woken for nothing: the chat may be gone, and with it all that could come.
            if events.isEmpty { _ = try await chats.chat(chat.id, as: caller) }
            var wanted = events[...]
            if let turn, let end = events.firstIndex(where: { Self.isEnd($0, of: turn) }) {
                wanted = events[...end].filter { $0.turn == turn }[...]
                progress.isOver = true
            }
            if !wanted.isEmpty { try await writer.send(wanted.lazy.map(\.serverSent)) }
            progress.number = events.last?.number ?? progress.number
            if progress.isOver || events.count < Self.batch { return progress }
        }
    }

    private static func isEnd(_ event: ChatEvent, of turn: TurnID) -> Bool {
        event.turn == turn ? event.kind == .turnFinished : event.turn > turn
    }
}

extension ChatEvent {
    /// The event as it is sent.
    var serverSent: SSEEvent {
        SSEEvent(id: String(number), event: kind.rawValue, data: String(decoding: json, as: UTF8.self))
    }
}
