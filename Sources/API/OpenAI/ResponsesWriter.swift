internal import Core
internal import Domain
internal import HTTPServer

/// Writes answers of `/v1/responses`.
///
/// Source: https://platform.openai.com/docs/api-reference/responses-streaming; what stream helpers of clients add to
/// that: an item is added before anything is said about it, and its names stay the same.
struct ResponsesWriter: AnswerWriter {
    let id: String
    let created: Int64
    let model: String
    let echo: ResponseEcho
    let seal: ThoughtSeal?
    /// The time of day, for the end.
    let clock: any WallClock
    private var sequence = 0
    /// What was begun of the outputs.
    private var begun: Set<Part> = []

    /// A part of an output that begins with its first text.
    private struct Part: Hashable {
        enum Kind: Hashable { case text, refusal, summary, command(Int) }
        let position: Int
        let kind: Kind

        init(_ position: Int, _ kind: Kind) {
            self.position = position
            self.kind = kind
        }
    }

    init(
        id: String,
        created: Int64,
        model: String,
        echo: ResponseEcho,
        seal: ThoughtSeal?,
        clock: any WallClock
    ) {
        self.id = id
        self.created = created
        self.model = model
        self.echo = echo
        self.seal = seal
        self.clock = clock
    }

    // MARK: Events

    mutating func begin() -> [SSEEvent] {
        let none = AnswerAssembler(offersShell: false)
        return [
            whole("response.created", .inProgress, none), whole("response.in_progress", .inProgress, none),
        ]
    }

    mutating func events(for step: AnswerAssembler.Step, of answer: AnswerAssembler) -> [SSEEvent] {
        switch step {
        case .opened(let position): opened(position, answer.outputs[position])
        case .text(let position, let text): more(text, position, answer.outputs[position])
        case .refusal(let position, let text): refused(text, position, answer.outputs[position])
        case .command(let position, let index, let text):
            commanded(text, index, position, answer.outputs[position])
        case .closed(let position): closed(position, answer.outputs[position])
        }
    }

    mutating func end(_ answer: AnswerAssembler) -> [SSEEvent] {
        let status = ResponseObject.Status(answer)
        return [whole(status == .incomplete ? "response.incomplete" : "response.completed", status, answer)]
    }

    mutating func failed(_ error: PresentedError, _ answer: AnswerAssembler) -> [SSEEvent] {
        [whole("response.failed", .failed, answer, error)]
    }

    // MARK: The whole

    func whole(_ answer: AnswerAssembler) -> [UInt8] {
        var json = JSONWriter(capacity: 2_048)
        object(ResponseObject.Status(answer)).write(answer, to: &json)
        return json.line()
    }

    // MARK: Steps

    private mutating func opened(_ position: Int, _ output: AnswerAssembler.Output) -> [SSEEvent] {
        [item("response.output_item.added", position, output, isAdded: true)]
    }

    private mutating func item(
        _ type: StaticString,
        _ position: Int,
        _ output: AnswerAssembler.Output,
        isAdded: Bool = false
    ) -> SSEEvent {
        let item = ResponsesItem(
            output: output,
            position: position,
            response: id,
            isAdded: isAdded,
            seal: seal
        )
        return event(type) { json in
            json.key("output_index")
            json.integer(position)
            json.key("item")
            item.write(to: &json)
        }
    }

    /// The part of a message or thought begins with its first text.
    private mutating func more(_ text: String, _ position: Int, _ output: AnswerAssembler.Output)
        -> [SSEEvent]
    {
        switch output.kind {
        case .message:
            var events: [SSEEvent] = []
            if begun.insert(Part(position, .text)).inserted {
                events.append(
                    part("response.content_part.added", position, 0) { json in
                        ResponsesItem.textPart("", to: &json)
                    }
                )
            }
            events.append(
                content("response.output_text.delta", position, 0) { json in
                    json.member("delta", text)
                    json.key("logprobs")
                    json.array { _ in }
                }
            )
            return events
        case .reasoning:
            var events: [SSEEvent] = []
            if begun.insert(Part(position, .summary)).inserted {
                events.append(
                    summary("response.reasoning_summary_part.added", position) { json in
                        json.key("part")
                        ResponsesItem.summaryPart("", to: &json)
                    }
                )
            }
            events.append(
                summary("response.reasoning_summary_text.delta", position) { $0.member("delta", text) }
            )
            return events
        case .function:
            return [about("response.function_call_arguments.delta", position) { $0.member("delta", text) }]
        case .shell, .image: return []
        }
    }

    private mutating func refused(_ text: String, _ position: Int, _ output: AnswerAssembler.Output)
        -> [SSEEvent]
    {
        var events: [SSEEvent] = []
        if begun.insert(Part(position, .refusal)).inserted {
            events.append(
                part("response.content_part.added", position, ResponsesItem.refusalIndex(output)) { json in
                    ResponsesItem.refusalPart("", to: &json)
                }
            )
        }
        events.append(
            content("response.refusal.delta", position, ResponsesItem.refusalIndex(output)) {
                $0.member("delta", text)
            }
        )
        return events
    }

    private mutating func commanded(
        _ text: String,
        _ index: Int,
        _ position: Int,
        _ output: AnswerAssembler.Output
    ) -> [SSEEvent] {
        var events: [SSEEvent] = []
        if begun.insert(Part(position, .command(index))).inserted {
            events.append(
                command("response.shell_call_command.added", position, index) {
                    $0.member("command", "")
                }
            )
        }
        events.append(
            command("response.shell_call_command.delta", position, index) {
                $0.member("delta", text)
            }
        )
        return events
    }

    private mutating func closed(_ position: Int, _ output: AnswerAssembler.Output) -> [SSEEvent] {
        var events: [SSEEvent] = []
        switch output.kind {
        case .message: events += endMessage(position, output)
        case .reasoning where begun.contains(Part(position, .summary)):
            events.append(
                summary("response.reasoning_summary_text.done", position) { $0.member("text", output.text) }
            )
            events.append(
                summary("response.reasoning_summary_part.done", position) { json in
                    json.key("part")
                    ResponsesItem.summaryPart(output.text, to: &json)
                }
            )
        case .function where output.isWhole:
            events.append(
                about("response.function_call_arguments.done", position) { json in
                    json.member("name", output.name)
                    json.member("arguments", output.text)
                }
            )
        case .shell where output.isWhole:
            for (index, text) in output.commands.enumerated() {
                events.append(
                    command("response.shell_call_command.done", position, index) {
                        $0.member("command", text)
                    }
                )
            }
        case .reasoning, .function, .shell, .image: break
        }
        return events + [item("response.output_item.done", position, output)]
    }

    private mutating func endMessage(_ position: Int, _ output: AnswerAssembler.Output) -> [SSEEvent] {
        var events: [SSEEvent] = []
        if begun.contains(Part(position, .text)) {
            events.append(
                content("response.output_text.done", position, 0) { json in
                    json.member("text", output.text)
                    json.key("logprobs")
                    json.array { _ in }
                }
            )
            events.append(
                part("response.content_part.done", position, 0) { json in
                    ResponsesItem.textPart(output.text, to: &json)
                }
            )
        }
        if begun.contains(Part(position, .refusal)) {
            let index = ResponsesItem.refusalIndex(output)
            events.append(
                content("response.refusal.done", position, index) { json in
                    json.member("refusal", output.refusal)
                }
            )
            events.append(
                part("response.content_part.done", position, index) { json in
                    ResponsesItem.refusalPart(output.refusal, to: &json)
                }
            )
        }
        return events
    }

    // MARK: Forms of events

    private mutating func whole(
        _ type: StaticString,
        _ status: ResponseObject.Status,
        _ answer: AnswerAssembler,
        _ error: PresentedError? = nil
    ) -> SSEEvent {
        let object = object(status, error)
        return event(type) { json in
            json.key("response")
            object.write(answer, to: &json)
        }
    }

    private func object(_ status: ResponseObject.Status, _ error: PresentedError? = nil) -> ResponseObject {
        ResponseObject(
            id: id,
            created: created,
            ended: status == .completed || status == .incomplete ? clock.now().seconds : nil,
            model: model,
            echo: echo,
            seal: seal,
            status: status,
            error: error
        )
    }

    private mutating func event(_ type: StaticString, _ members: (inout JSONWriter) -> Void) -> SSEEvent {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("type", type.description)
            json.key("sequence_number")
            json.integer(sequence)
            members(&json)
        }
        sequence += 1
        return SSEEvent(event: type.description, data: String(decoding: json.bytes, as: UTF8.self))
    }

    /// An event about an item.
    private mutating func about(
        _ type: StaticString,
        _ position: Int,
        _ members: (inout JSONWriter) -> Void
    ) -> SSEEvent {
        let name = ResponsesItem.name(position, of: id)
        return event(type) { json in
            json.member("item_id", name)
            json.key("output_index")
            json.integer(position)
            members(&json)
        }
    }

    private mutating func content(
        _ type: StaticString,
        _ position: Int,
        _ index: Int,
        _ members: (inout JSONWriter) -> Void
    ) -> SSEEvent {
        about(type, position) { json in
            json.key("content_index")
            json.integer(index)
            members(&json)
        }
    }

    private mutating func part(
        _ type: StaticString,
        _ position: Int,
        _ index: Int,
        _ write: (inout JSONWriter) -> Void
    ) -> SSEEvent {
        content(type, position, index) { json in
            json.key("part")
            write(&json)
        }
    }

    private mutating func summary(
        _ type: StaticString,
        _ position: Int,
        _ members: (inout JSONWriter) -> Void
    ) -> SSEEvent {
        about(type, position) { json in
            json.key("summary_index")
            json.integer(0)
            members(&json)
        }
    }

    /// These have no name of the item.
    private mutating func command(
        _ type: StaticString,
        _ position: Int,
        _ index: Int,
        _ members: (inout JSONWriter) -> Void
    ) -> SSEEvent {
        event(type) { json in
            json.key("output_index")
            json.integer(position)
            json.key("command_index")
            json.integer(index)
            members(&json)
        }
    }
}
