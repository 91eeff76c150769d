internal import Application
internal import Core
internal import Domain

/// A chat among the things that are followed; its place is the number of an event.
struct FollowedChat: FollowedObject {
    private static let batch = 64

    let chats: ChatService
    let chat: Chat
    let caller: Principal
    var number: Int64
    private var isOver = false

    init(_ chat: Chat, _ chats: ChatService, after number: Int64, as caller: Principal) {
        self.chats = chats
        self.chat = chat
        self.caller = caller
        self.number = number
    }

    var position: String? { Self.position(chat.id, number) }

    private static func position(_ chat: ChatID, _ number: Int64) -> String { "c\(chat.rawValue).\(number)" }

    func watch(_ changed: @Sendable () -> Void) async {
        await Self.forward(changed) { tell in [chats.watch(chat.id, tell)] }
    }

    mutating func next() async throws -> FollowedBatch {
        guard !isOver else { return FollowedBatch() }
        let events = try await chats.events(of: chat, after: number, limit: Self.batch)
        if let last = events.last {
            number = last.number
            return FollowedBatch(events: events.map(followed), hasMore: events.count == Self.batch)
        }
        // Woken for nothing: the chat may be gone.
        do {
            _ = try await chats.chat(chat.id, as: caller)
            return FollowedBatch()
        } catch let failure as Failure where failure.kind == .notFound {
            isOver = true
            return FollowedBatch(events: [.gone(failure, position: position) { $0.writeChat(chat.id) }])
        }
    }

    private func followed(_ event: ChatEvent) -> FollowedEvent {
        var json = JSONWriter(capacity: event.json.count + 64)
        json.object { json in
            json.writeChat(chat.id)
            json.key("number")
            json.integer(event.number)
            json.key("event")
            json.string(event.kind.rawValue)
            json.key("data")
            json.raw(event.json)
        }
        return FollowedEvent(
            name: "chat",
            data: json.bytes,
            position: Self.position(chat.id, event.number)
        )
    }
}

/// Something that cannot be followed, from the beginning.
struct FollowedNothing: FollowedObject {
    private var event: FollowedEvent?

    init(_ event: FollowedEvent) { self.event = event }

    var position: String? { nil }

    func watch(_ changed: @Sendable () -> Void) async { changed() }

    mutating func next() async throws -> FollowedBatch {
        FollowedBatch(events: event.take().map { [$0] } ?? [])
    }
}

extension FollowedEvent {
    /// What is followed is not there, or is somebody else's.
    static func gone(_ failure: Failure, position: String?, _ name: (inout JSONWriter) -> Void)
        -> FollowedEvent
    {
        var json = JSONWriter()
        json.object { json in
            name(&json)
            json.key("code")
            json.string(failure.code)
            json.key("message")
            json.string(failure.message)
        }
        return FollowedEvent(name: "gone", data: json.bytes, position: position)
    }
}

extension JSONWriter {
    mutating func writeChat(_ id: ChatID) {
        key("chat")
        integer(id.rawValue)
    }

    mutating func writeTicket(_ session: SessionName, _ number: Int) {
        key("session")
        string(session.rawValue)
        key("ticket")
        integer(number)
    }
}
