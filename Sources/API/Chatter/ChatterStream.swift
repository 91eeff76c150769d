internal import Core
internal import Domain
internal import HTTPServer

/// Makes the vendor's events of a turn's facts, for the panel assistant: a pure state machine.
///
/// That client takes each event whose type ends in `delta` for more text, or for more of a command between one that ends
/// in `command.added` and one that ends in `command.done`. So nothing but text and commands may have such a type, and a
/// command is sent as a whole once the model's answer is complete: half of one is never queued.
struct ChatterStream: Sendable {
    private(set) var answer: ChatterAnswer
    private var sequence = 0
    /// What was streamed of the message that is open; nil for none.
    private var shown: String?
    /// The person before the screen has seen something of this answer.
    private var saidAnything = false

    init(_ answer: ChatterAnswer) { self.answer = answer }

    /// The first event.
    mutating func begin() -> [SSEEvent] { [response("response.created")] }

    /// The events for a fact, in order.
    mutating func take(_ body: ChatEventBody) -> [SSEEvent] {
        switch body {
        case .text(_, let text): return show(text)
        case .modelInterrupted: return abandon()
        case .modelFinished:
            var place = answer.output.count
            var events: [SSEEvent] = []
            for item in answer.take(body) {
                events += complete(item, at: place)
                place += 1
            }
            return events + abandon()
        case .turnFinished:
            let events = abandon()
            answer.take(body)
            return events + end()
        default: return []
        }
    }

    // MARK: Text

    private mutating func show(_ text: String) -> [SSEEvent] {
        let isNew = shown == nil
        shown = (shown ?? "") + text
        let place = answer.output.count
        let id = answer.nextMessageID
        return (isNew ? open(.message(id: id, text: ""), at: place) : []) + [delta(text, id, place)]
    }

    private mutating func delta(_ text: String, _ id: String, _ place: Int) -> SSEEvent {
        saidAnything = true
        return event("response.output_text.delta") { json in
            Self.writePlace(id, place, to: &json)
            json.key("delta")
            json.string(text)
            json.key("logprobs")
            json.array { _ in }
        }
    }

    private mutating func open(_ item: ChatterAnswer.Item, at place: Int) -> [SSEEvent] {
        var events = [
            event("response.output_item.added") { json in
                json.key("output_index")
                json.integer(place)
                json.key("item")
                ChatterAnswer.write(begun: item, to: &json)
            }
        ]
        if case .message(let id, _) = item {
            events.append(
                event("response.content_part.added") { json in
                    Self.writePlace(id, place, to: &json)
                    json.key("part")
                    ChatterAnswer.write(part: "", to: &json)
                }
            )
        }
        return events
    }

    /// Closes a message that was cut: what follows is said anew.
    private mutating func abandon() -> [SSEEvent] {
        guard let text = shown else { return [] }
        shown = nil
        let (id, place) = (answer.nextMessageID, answer.output.count)
        return [
            event("response.output_text.done") { json in
                Self.writePlace(id, place, to: &json)
                json.key("text")
                json.string(text)
            }
        ]
    }

    // MARK: Items

    private mutating func complete(_ item: ChatterAnswer.Item, at place: Int) -> [SSEEvent] {
        var events: [SSEEvent] = []
        switch item {
        case .message(let id, let text):
            if shown == nil { events += open(item, at: place) + [delta(text, id, place)] }
            shown = nil
            events.append(
                event("response.output_text.done") { json in
                    Self.writePlace(id, place, to: &json)
                    json.key("text")
                    json.string(text)
                    json.key("logprobs")
                    json.array { _ in }
                }
            )
            events.append(
                event("response.content_part.done") { json in
                    Self.writePlace(id, place, to: &json)
                    json.key("part")
                    ChatterAnswer.write(part: text, to: &json)
                }
            )
        case .shellCall(_, _, let commands):
            events += open(item, at: place)
            for (index, command) in commands.enumerated() {
                events.append(self.command("response.shell_call_command.added", "command", "", index, place))
                events.append(
                    self.command("response.shell_call_command.delta", "delta", command, index, place)
                )
                events.append(
                    self.command("response.shell_call_command.done", "command", command, index, place)
                )
            }
        case .functionCall: events += open(item, at: place)
        }
        events.append(
            event("response.output_item.done") { json in
                json.key("output_index")
                json.integer(place)
                json.key("item")
                ChatterAnswer.write(item, to: &json)
            }
        )
        return events
    }

    private mutating func command(
        _ type: StaticString,
        _ name: StaticString,
        _ text: String,
        _ index: Int,
        _ place: Int
    ) -> SSEEvent {
        event(type) { json in
            json.key("output_index")
            json.integer(place)
            json.key("command_index")
            json.integer(index)
            json.key(name)
            json.string(text)
        }
    }

    // MARK: The end

    private mutating func end() -> [SSEEvent] {
        guard let end = answer.end else { return [] }
        if end.state == .completed {
            let isCut = end.failure != nil
            return [response(isCut ? "response.incomplete" : "response.completed"), Self.last]
        }
        let failure =
            end.failure
            ?? Failure(
                .cancelled,
                code: "turn_cancelled",
                message: "This answer was ended before it was complete.",
                hint: "Ask again."
            )
        return error(PresentedError(failure)) + [Self.last]
    }

    /// The events that say that it failed: text for the person before the screen, and the error for programs.
    ///
    /// The client shows nothing of an error but what comes as a delta; who knows the vendor's events knows none of that
    /// type and leaves it out.
    mutating func error(_ error: PresentedError) -> [SSEEvent] {
        let said = error.message + (error.hint.map { " \($0)" } ?? "")
        let gap = saidAnything ? "\n\n" : ""
        let visible = event("deckhand.error.delta") { json in
            json.key("delta")
            json.string("\(gap)[\(said)]")
        }
        var problem = event("error") { json in
            json.key("error")
            json.string("API Failure")
            json.key("code")
            json.string(error.code)
            json.key("message")
            json.string(error.message)
            if let hint = error.hint {
                json.key("next")
                json.string(hint)
            }
        }
        problem.event = "error"
        return [visible, problem]
    }

    /// What stands at the end of every stream.
    static let last = SSEEvent(event: "end", data: "[DONE]")

    // MARK: Shape

    private mutating func response(_ type: StaticString) -> SSEEvent {
        let answer = answer
        return event(type) { json in
            json.key("response")
            answer.write(to: &json)
        }
    }

    private static func writePlace(_ id: String, _ place: Int, to json: inout JSONWriter) {
        json.key("item_id")
        json.string(id)
        json.key("output_index")
        json.integer(place)
        json.key("content_index")
        json.integer(0)
    }

    private mutating func event(_ type: StaticString, _ members: (inout JSONWriter) -> Void) -> SSEEvent {
        var json = JSONWriter()
        json.object { json in
            json.key("type")
            json.string(type.description)
            json.key("sequence_number")
            json.integer(sequence)
            members(&json)
        }
        sequence += 1
        return SSEEvent(data: String(decoding: json.bytes, as: UTF8.self))
    }
}
