internal import Application
internal import Core
internal import Domain

/// Chats, turns and events as they stand in JSON.
enum ChatFields {
    /// A user's chat is written with `names` for its place; an operator's has none.
    static func write(_ chat: Chat, _ names: PlaceNames? = nil, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(chat.id.rawValue)
            if let key = chat.key {
                writer.key("key")
                writer.string(key)
            }
            writer.key("title")
            writer.optional(chat.title)
            writer.key("model")
            if let model = chat.model { writer.string(model.description) } else { writer.null() }
            writer.key("created")
            writer.time(chat.created)
            writer.key("updated")
            writer.time(chat.updated)
            writer.key("last_event")
            writer.integer(chat.lastEvent)
            writer.key("working_turn")
            if let turn = chat.workingTurn { writer.integer(turn.rawValue) } else { writer.null() }
            if let names, let place = chat.place { write(place, names, to: &writer) }
        }
    }

    private static func write(_ place: Place, _ names: PlaceNames, to writer: inout JSONWriter) {
        writer.key("brand")
        writer.optional(place.brand.flatMap(names.brand))
        writer.key("location")
        if let location = place.location.flatMap(names.location) {
            writer.string(location)
        } else {
            writer.null()
        }
    }

    static func write(_ turn: Turn, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(turn.id.rawValue)
            writer.key("chat")
            writer.integer(turn.chat.rawValue)
            if let key = turn.key {
                writer.key("key")
                writer.string(key.rawValue)
            }
            writer.key("state")
            writer.string(turn.state.rawValue)
            if let reason = turn.reason {
                writer.key("reason")
                writer.string(reason)
            }
            writer.key("model")
            writer.string(turn.model.description)
            writer.key("created")
            writer.time(turn.created)
            writer.key("finished")
            writer.optional(turn.finished)
            writer.key("first_event")
            writer.integer(turn.firstEvent)
            writer.key("superseded")
            writer.bool(turn.isSuperseded)
            writer.key("usage")
            write(turn.usage, to: &writer)
        }
    }

    static func write(_ usage: TokenUsage, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("input")
            writer.integer(usage.input)
            writer.key("cached_input")
            writer.integer(usage.cachedInput)
            writer.key("output")
            writer.integer(usage.output)
            writer.key("reasoning")
            writer.integer(usage.reasoning)
        }
    }

    /// An event outside a stream: its number and kind, and under `data` what the stream sends as data.
    static func write(_ event: ChatEvent, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("number")
            writer.integer(event.number)
            writer.key("event")
            writer.string(event.kind.rawValue)
            writer.key("data")
            writer.raw(event.json)
        }
    }
}

extension ChatCursor {
    /// Reads the text that stood in `next`; throws `Failure` `invalid_parameter`.
    init(text: String) throws(Failure) {
        let parts = text.split(separator: "-").map { Int64($0) }
        guard parts.count == 2, let updated = parts[0], let id = parts[1] else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter 'after' is not a place in this list.",
                hint: "Send what stood in 'next' of the page before."
            )
        }
        self.init(updated: Timestamp(microseconds: updated), id: ChatID(id))
    }

    /// The place behind a chat, as it stands in `next`.
    static func text(behind chat: Chat) -> String { "\(chat.updated.microseconds)-\(chat.id.rawValue)" }
}
