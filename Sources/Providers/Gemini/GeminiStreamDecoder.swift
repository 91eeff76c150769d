internal import Core
internal import Domain
internal import HTTPClient

/// Reads the answer of `:streamGenerateContent?alt=sse`, or the array or object of a server that does not stream events.
///
/// A pure state machine. The interface has no last event: an answer is complete when a reason was given and the stream
/// ended. Parts stay as they came: text with a signature is an item of its own.
struct GeminiStreamDecoder: ModelStreamDecoder {
    private let failures: ProviderFailures
    private(set) var usage: TokenUsage?
    private(set) var isFinished = false
    private var hasStarted = false
    private var reason: String?
    private var items: [ModelItem] = []
    private var callCount = 0
    /// Text without a signature that may go on; thoughts and answers apart.
    private var openText = ""
    private var openIsThought = false

    init(_ failures: ProviderFailures) { self.failures = failures }

    mutating func decode(_ event: ServerSentEvent) throws -> [ModelEvent] {
        if isFinished || event.data.trimmed.isEmpty || event.data.trimmed == "[DONE]" { return [] }
        guard let chunk = try? LenientJSON.parse(event.data) else {
            throw failures.malformed("an event of its stream is not JSON")
        }
        return try decode(chunk)
    }

    mutating func decode(whole body: [UInt8]) throws -> [ModelEvent] {
        guard let answer = try? LenientJSON.parse(body) else { throw failures.malformed("it is not JSON") }
        var events: [ModelEvent] = []
        for chunk in answer.array ?? [answer] { events += try decode(chunk) }
        guard hasStarted else { throw failures.malformed("it holds no answer") }
        return events + (try finish())
    }

    /// An answer without a reason was cut.
    mutating func finish() throws -> [ModelEvent] {
        guard !isFinished, let reason else { return [] }
        isFinished = true
        closeText()
        let end = try GeminiFinish(reason)
        if end == .contentFilter {
            items.removeAll { if case .toolCall = $0.content { true } else { false } }
        }
        let hasCalls = items.contains { if case .toolCall = $0.content { true } else { false } }
        return items.map(ModelEvent.item) + [.finished(end.domain(hasCalls: hasCalls))]
    }

    private mutating func decode(_ chunk: JSONValue) throws -> [ModelEvent] {
        if VendorError.isError(chunk) { throw VendorError(json: chunk) }
        var events: [ModelEvent] = []
        let isAnswer = ["candidates", "promptFeedback", "usageMetadata"].contains { chunk[$0] != nil }
        if !hasStarted, isAnswer {
            hasStarted = true
            events.append(.started(responseID: chunk["responseId"]?.string))
        }
        if let now = Self.usage(chunk["usageMetadata"]), now != usage {
            usage = now
            events.append(.usage(now))
        }
        if let block = chunk["promptFeedback"]?["blockReason"]?.string, block != "BLOCKED_REASON_UNSPECIFIED"
        {
            throw VendorError(
                status: 400,
                words: ["content_filter"],
                message: "what was asked is blocked (\(block.lowercased()))"
            )
        }
        for candidate in chunk["candidates"]?.array ?? [] where candidate["index"]?.integer ?? 0 == 0 {
            for part in candidate["content"]?["parts"]?.array ?? [] { events += take(part) }
            if let said = candidate["finishReason"]?.string, said != "FINISH_REASON_UNSPECIFIED" {
                reason = said
            }
        }
        return events
    }

    private mutating func take(_ part: JSONValue) -> [ModelEvent] {
        let native = NativeItem(dialect: Gemini.dialect, json: part.bytes)
        let isSigned = (part["thoughtSignature"] ?? part["thought_signature"])?.string?.isEmpty == false
        if let text = part["text"]?.string {
            let isThought = part["thought"]?.bool == true
            if isSigned {
                closeText()
                items.append(ModelItem(isThought ? .reasoning(text) : Self.content(text), native: native))
            } else if !text.isEmpty {
                if isThought != openIsThought { closeText() }
                openIsThought = isThought
                openText += text
            }
            if text.isEmpty { return [] }
            return [isThought ? .reasoningDelta(text) : .textDelta(text)]
        }
        if let call = part["functionCall"], let name = call["name"]?.string, !name.isEmpty {
            return take(call, name, native)
        }
        if let image = part["inlineData"], part["thought"]?.bool != true,
            let content = ImageContent(
                base64: image["data"]?.string ?? "",
                mediaType: image["mimeType"]?.string
            )
        {
            return [.image(content)]
        }
        // What a later version adds goes back as it came.
        if part.object?.isEmpty == false {
            closeText()
            items.append(ModelItem(.reasoning(""), native: native))
        }
        return []
    }

    private mutating func take(_ call: JSONValue, _ name: String, _ native: NativeItem) -> [ModelEvent] {
        closeText()
        let arguments = String(decoding: (call["args"] ?? .object([:])).bytes, as: UTF8.self)
        let id = call["id"]?.string ?? ""
        let toolCall = ToolCall(
            id: id.isEmpty ? MadeCallID.make() : id,
            request: .function(name: name, arguments: arguments == "null" ? "{}" : arguments)
        )
        items.append(ModelItem(.toolCall(toolCall), native: native))
        defer { callCount += 1 }
        return [
            .toolCallBegan(index: callCount, name: name),
            .toolCallDelta(index: callCount, command: nil, text: arguments),
        ]
    }

    /// Text of an empty part that carries a signature only is nothing to show.
    private static func content(_ text: String) -> ModelItem.Content {
        text.isEmpty ? .reasoning("") : .assistant(text)
    }

    private mutating func closeText() {
        guard !openText.isEmpty else { return }
        items.append(ModelItem(openIsThought ? .reasoning(openText) : .assistant(openText)))
        openText = ""
    }

    private static func usage(_ value: JSONValue?) -> TokenUsage? {
        guard let value, value.object != nil else { return nil }
        let number: (String) -> Int = { Int(clamping: value[$0]?.integer ?? 0) }
        let thoughts = number("thoughtsTokenCount")
        return TokenUsage(
            input: number("promptTokenCount") + number("toolUsePromptTokenCount"),
            cachedInput: number("cachedContentTokenCount"),
            output: number("candidatesTokenCount") + thoughts,
            reasoning: thoughts
        )
    }
}

/// What the end of an answer means.
enum GeminiFinish: Equatable {
    case stop, length, contentFilter, other

    /// Throws where the model failed to write what it wanted, and asking again helps.
    init(_ reason: String) throws {
        switch reason {
        case "STOP": self = .stop
        case "MAX_TOKENS": self = .length
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR":
            self = .contentFilter
        case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE",
            "MISSING_THOUGHT_SIGNATURE":
            throw VendorError(
                status: 500,
                words: [reason],
                message: "The model could not write down its call (\(reason.lowercased()))."
            )
        default: self = .other
        }
    }

    /// There is no reason for calls: they come with STOP.
    func domain(hasCalls: Bool) -> FinishReason {
        switch self {
        case .stop: hasCalls ? .toolCalls : .stop
        case .length: .length
        case .contentFilter: .contentFilter
        case .other: hasCalls ? .toolCalls : .other
        }
    }
}
