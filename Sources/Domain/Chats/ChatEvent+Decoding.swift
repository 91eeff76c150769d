internal import Core

/// A stored event cannot be read: it was written by another program, or damaged.
public struct ChatEventError: Error, Sendable, CustomStringConvertible {
    /// Where it stands.
    public let description: String
    /// Makes an error.
    public init(description: String) { self.description = description }
}

extension ChatEvent {
    /// The fact, with what is hidden in it; throws ``ChatEventError``.
    public func body() throws -> ChatEventBody {
        guard let value = try? JSONValue(parsing: json) else { throw damaged }
        var reader = EventReader(value, hidden: hidden)
        guard hidden == nil || reader.hidden?.object != nil else { throw damaged }
        guard let body = reader.body(of: kind) else { throw damaged }
        return body
    }

    /// The fact as it is shown to people who may not have what is hidden: images have no bytes; throws
    /// ``ChatEventError``.
    public func shownBody() throws -> ChatEventBody {
        guard let value = try? JSONValue(parsing: json) else { throw damaged }
        var reader = EventReader(value, hidden: nil, isShownOnly: true)
        guard let body = reader.body(of: kind) else { throw damaged }
        return body
    }

    private var damaged: ChatEventError {
        ChatEventError(
            description: "the event \(number) (\(kind.rawValue)) of turn \(turn.rawValue) is damaged"
        )
    }
}

/// Reads the members of an event; nil wherever they are not as written.
private struct EventReader {
    private let value: JSONValue
    let hidden: JSONValue?
    private let isShownOnly: Bool
    private var nextImage = 0

    init(_ value: JSONValue, hidden: [UInt8]?, isShownOnly: Bool = false) {
        self.value = value
        self.isShownOnly = isShownOnly
        self.hidden = hidden.flatMap { try? JSONValue(parsing: $0) }
    }

    mutating func body(of kind: ChatEventKind) -> ChatEventBody? {
        switch kind {
        case .turnStarted: return draft().map(ChatEventBody.turnStarted)
        case .turnResumed: return .turnResumed
        case .contextTrimmed: return value["turns"]?.int.map { .contextTrimmed(turns: $0) }
        case .contextSummarised:
            guard let turns = value["turns"]?.int, let through = value["through"]?.integer,
                let text = value["text"]?.string
            else { return nil }
            return .contextSummarised(
                ChatSummary(text: text, through: TurnID(through), turns: turns, usage: usage)
            )
        case .modelStarted: return call.map { .modelStarted(call: $0) }
        case .text:
            guard let call, let text = value["text"]?.string else { return nil }
            return .text(call: call, text)
        case .reasoning:
            guard let call, let text = value["text"]?.string else { return nil }
            return .reasoning(call: call, text)
        case .toolBegan:
            guard let call, let index = value["index"]?.int, let name = value["name"]?.string else {
                return nil
            }
            return .toolBegan(call: call, index: index, name: name)
        case .toolArguments:
            guard let call, let index = value["index"]?.int, let text = value["text"]?.string else {
                return nil
            }
            return .toolArguments(call: call, index: index, command: value["command"]?.int, text)
        case .modelFinished: return modelFinished()
        case .modelInterrupted:
            guard let call, let text = value["text"]?.string else { return nil }
            return .modelInterrupted(call: call, text: text, failure: failure)
        case .toolStarted:
            guard let step, let name = value["name"]?.string else { return nil }
            return .toolStarted(step, name: name)
        case .toolTicket:
            guard let step, let ticket = Self.ticket(value) else { return nil }
            return .toolTicket(step, ticket)
        case .toolProgress:
            guard let step, let object else { return nil }
            return .toolProgress(step, object)
        case .toolFinished:
            guard let step else { return nil }
            let ticket = value["ticket"].flatMap(Self.ticket)
            if let text = value["text"]?.string {
                return .toolFinished(
                    step,
                    .text(text, isError: value["error"]?.bool ?? false),
                    ticket: ticket
                )
            }
            return Self.command(value).map { .toolFinished(step, .command($0), ticket: ticket) }
        case .artifactMade: return artifact.map { .artifactMade($0, step: step) }
        case .chatTitled: return value["title"]?.string.map(ChatEventBody.chatTitled)
        case .turnFinished:
            guard let state = value["state"]?.string.flatMap(TurnState.init(rawValue:)) else { return nil }
            return .turnFinished(state, usage: usage, failure: failure)
        }
    }

    private var call: Int? { value["call"]?.int }

    private var step: ToolStepID? {
        guard let call = value["call_id"]?.string, let index = value["step"]?.int else { return nil }
        return ToolStepID(call: call, index: index)
    }

    private var usage: TokenUsage {
        let usage = value["usage"]
        return TokenUsage(
            input: usage?["input"]?.int ?? 0,
            cachedInput: usage?["cached_input"]?.int ?? 0,
            output: usage?["output"]?.int ?? 0,
            reasoning: usage?["reasoning"]?.int ?? 0
        )
    }

    /// The kind is not kept: a failure that is stored is shown, not mapped, unless somebody has to pay.
    private var failure: Failure? {
        guard let failure = value["failure"], let code = failure["code"]?.string,
            let message = failure["message"]?.string
        else { return nil }
        var read = Failure(
            Self.cannotPay.contains(code) ? .insufficientCredits : .unavailable,
            code: code,
            message: message,
            hint: failure["hint"]?.string
        )
        read.funds = failure["funds"].flatMap(Funds.init(_:))
        return read
    }

    private static let cannotPay: Set<String> = ["insufficient_credits", "spending_cap_reached"]

    private mutating func modelFinished() -> ChatEventBody? {
        guard let call, let reason = value["reason"]?.string.flatMap(FinishReason.init(rawValue:)),
            let values = value["items"]?.array
        else { return nil }
        guard let items = items(values) else { return nil }
        return .modelFinished(call: call, items: items, reason: reason, usage: usage)
    }

    /// Items with the providers' own forms.
    private mutating func items(_ values: [JSONValue]) -> [ModelItem]? {
        var items: [ModelItem] = []
        for (index, value) in values.enumerated() {
            guard var item = item(value) else { return nil }
            if let native = hidden?["natives"]?["\(index)"], let dialect = native["dialect"]?.string,
                let json = native["json"]?.string
            {
                item.native = NativeItem(dialect: dialect, json: Array(json.utf8))
            }
            items.append(item)
        }
        return items
    }

    private mutating func draft() -> TurnDraft? {
        guard let values = value["message"]?.array, let message = parts(values),
            let model = value["model"]?.string.flatMap(ModelReference.init(text:)),
            let door = value["door"]?.string.flatMap(CallDoor.init(rawValue:))
        else { return nil }
        var options = TurnOptions(model: model, door: door)
        options.reasoning = value["reasoning"]?.string.flatMap(ReasoningEffort.init(rawValue:))
        options.verbosity = value["verbosity"]?.string.flatMap(Verbosity.init(rawValue:))
        options.instructions = hidden?["instructions"]?.string
        switch value["tools"]?.string {
        case "server": options.tools = .server
        case "caller": options.tools = .caller(hidden?["tools"]?.array?.compactMap(Self.offeredTool) ?? [])
        default: options.tools = .none
        }
        var draft = TurnDraft(message: message, options: options)
        for value in value["results"]?.array ?? [] {
            guard case .toolResult(let result) = item(value)?.content else { return nil }
            draft.results.append(result)
        }
        draft.endsWithCaller = value["ends_with_caller"]?.bool ?? false
        draft.replacing = value["replaces"]?.integer.map(TurnID.init)
        if let values = hidden?["history"]?.array {
            guard let items = items(values) else { return nil }
            draft.history = items
        }
        return draft
    }

    private static func offeredTool(_ value: JSONValue) -> OfferedTool? {
        guard value["type"]?.string == "function" else { return .shell }
        guard let name = value["name"]?.string, let parameters = value["parameters"] else { return nil }
        return .function(
            FunctionTool(
                name: name,
                description: value["description"]?.string ?? "",
                parameters: parameters,
                isStrict: value["strict"]?.bool ?? false
            )
        )
    }

    private mutating func item(_ value: JSONValue) -> ModelItem? {
        switch value["type"]?.string {
        case "user": return value["parts"]?.array.flatMap { parts($0) }.map { ModelItem(.user($0)) }
        case "system": return value["text"]?.string.map { ModelItem(.system($0)) }
        case "assistant": return value["text"]?.string.map { ModelItem(.assistant($0)) }
        case "refusal": return value["text"]?.string.map { ModelItem(.refusal($0)) }
        case "reasoning": return value["text"]?.string.map { ModelItem(.reasoning($0)) }
        case "tool_call": return Self.toolCall(value).map { ModelItem(.toolCall($0)) }
        case "tool_result": return toolResult(value).map { ModelItem(.toolResult($0)) }
        default: return nil
        }
    }

    private mutating func parts(_ values: [JSONValue]) -> [ContentPart]? {
        var parts: [ContentPart] = []
        for value in values {
            if value["type"]?.string == "image", isShownOnly {
                guard let mediaType = value["media_type"]?.string else { return nil }
                parts.append(.image(ImageContent(mediaType: mediaType, bytes: [])))
            } else if value["type"]?.string == "image" {
                guard let images = hidden?["images"]?.array, images.indices.contains(nextImage),
                    let mediaType = value["media_type"]?.string,
                    let bytes = images[nextImage].string.flatMap(TextCoding.bytes(base64URL:))
                else { return nil }
                nextImage += 1
                parts.append(.image(ImageContent(mediaType: mediaType, bytes: bytes)))
            } else {
                guard let text = value["text"]?.string else { return nil }
                parts.append(.text(text))
            }
        }
        return parts
    }

    private static func toolCall(_ value: JSONValue) -> ToolCall? {
        guard let id = value["id"]?.string, let name = value["name"]?.string else { return nil }
        if let arguments = value["arguments"]?.string {
            return ToolCall(id: id, request: .function(name: name, arguments: arguments))
        }
        guard let commands = value["commands"]?.array?.compactMap(\.string) else { return nil }
        return ToolCall(
            id: id,
            request: .shell(
                commands: commands,
                timeout: value["timeout_ms"]?.integer.map { .milliseconds($0) },
                maximumOutput: value["max_output"]?.int
            )
        )
    }

    private mutating func toolResult(_ value: JSONValue) -> ToolResult? {
        guard let id = value["id"]?.string, let name = value["name"]?.string else { return nil }
        if let values = value["parts"]?.array {
            guard let parts = parts(values) else { return nil }
            return ToolResult(
                callID: id,
                name: name,
                content: .parts(parts, isError: value["error"]?.bool ?? false)
            )
        }
        guard let commands = value["commands"]?.array?.map(Self.command),
            !commands.contains(where: { $0 == nil })
        else { return nil }
        return ToolResult(
            callID: id,
            name: name,
            content: .shell(commands.compactMap { $0 }, maximumOutput: value["max_output"]?.int)
        )
    }

    private static func command(_ value: JSONValue) -> ShellCommandResult? {
        guard let stdout = value["stdout"]?.string, let stderr = value["stderr"]?.string else { return nil }
        let code = value["exit_code"]?.int
        return ShellCommandResult(
            stdout: stdout,
            stderr: stderr,
            outcome: code.map { .exit(code: $0) } ?? .timeout
        )
    }

    private var object: StepObject? {
        guard let kind = value["kind"]?.string, let id = value["id"]?.string,
            let state = value["state"]?.string, let isWaiting = value["waiting"]?.bool
        else { return nil }
        return StepObject(kind: kind, id: id, state: state, isWaiting: isWaiting)
    }

    private var artifact: ArtifactNote? {
        let note = value["artifact"]
        guard let id = note?["id"]?.integer, let title = note?["title"]?.string,
            let size = note?["size"]?.int,
            let kind = note?["type"]?.string.flatMap(ArtifactKind.init(rawValue:)),
            let format = note?["media_type"]?.string.flatMap(ArtifactFormat.init(rawValue:))
        else { return nil }
        return ArtifactNote(
            id: ArtifactID(id),
            kind: kind,
            title: ArtifactTitle(stored: title),
            format: format,
            size: size
        )
    }

    private static func ticket(_ value: JSONValue) -> StepTicket? {
        guard let name = value["session"]?.string.flatMap({ try? SessionName($0) }),
            let session = value["session_id"]?.integer, let number = value["number"]?.int,
            let state = value["state"]?.string
        else { return nil }
        var ticket = StepTicket(
            ticket: TicketID(session: SessionID(session), number: number),
            session: name,
            state: state,
            approval: value["approval"]?.integer
        )
        ticket.exitCode = value["exit_code"]?.int
        ticket.signal = value["signal"]?.int
        ticket.duration = value["duration_ms"]?.integer.map { .milliseconds($0) }
        return ticket
    }
}

extension JSONValue {
    fileprivate var int: Int? { integer.flatMap { Int(exactly: $0) } }
}
