internal import Core
internal import Domain
internal import HTTPClient

/// Reads the answer of a server that speaks Chat Completions, as leniently as the servers differ.
///
/// A pure state machine. It takes the data of server-sent events, or the one object of a server that does not stream.
/// The items of the answer come at its end, in the order thoughts, text, calls.
struct ChatStreamDecoder: ModelStreamDecoder {
    private let failures: ProviderFailures
    private var hasStarted = false
    private var text = ""
    private var refusal = ""
    private var thoughts = ""
    private var thoughtField = ""
    private var calls = ChatCallAssembler()
    private var reason: String?
    private(set) var isFinished = false
    private(set) var usage: TokenUsage?

    init(_ failures: ProviderFailures) { self.failures = failures }

    mutating func decode(_ event: ServerSentEvent) throws -> [ModelEvent] {
        let data = event.data.trimmed
        if isFinished || data.isEmpty { return [] }
        if data == "[DONE]" {
            guard hasStarted else { throw failures.malformed("a stream without an answer") }
            return try complete()
        }
        guard let chunk = try? LenientJSON.parse(data) else {
            throw failures.malformed("an event of its stream is not JSON")
        }
        return try decode(chunk)
    }

    mutating func decode(whole body: [UInt8]) throws -> [ModelEvent] {
        guard let answer = try? LenientJSON.parse(body) else { throw failures.malformed("it is not JSON") }
        let events = try decode(answer)
        guard answer["choices"]?.array?.isEmpty == false else {
            throw failures.malformed("it is no chat completion")
        }
        return events + (try complete())
    }

    /// A stream that ends without a finish reason was cut, whatever came before.
    mutating func finish() throws -> [ModelEvent] {
        isFinished || reason == nil ? [] : try complete()
    }

    private mutating func decode(_ chunk: JSONValue) throws -> [ModelEvent] {
        if let error = Self.error(in: chunk) { throw error }
        guard chunk["choices"] != nil || chunk["usage"] != nil || chunk["id"] != nil else { return [] }
        var events: [ModelEvent] = []
        if !hasStarted {
            hasStarted = true
            let id = chunk["id"]?.string ?? ""
            events.append(.started(responseID: id.isEmpty ? nil : id))
        }
        for choice in chunk["choices"]?.array ?? [] where choice["index"]?.integer ?? 0 == 0 {
            if let delta = choice["delta"] ?? choice["message"] { events += decode(delta: delta) }
            if let said = choice["finish_reason"]?.string, !said.isEmpty, reason == nil { reason = said }
        }
        if let now = ChatUsage.read(chunk["usage"]), now != usage {
            usage = now
            events.append(.usage(now))
        }
        return events
    }

    /// An error within an answer of status 200, in the shapes in which servers give it.
    private static func error(in chunk: JSONValue) -> VendorError? {
        if VendorError.isError(chunk) || chunk["object"]?.string == "error" {
            return VendorError(json: chunk)
        }
        guard chunk["choices"] == nil, chunk["detail"] != nil else { return nil }
        return VendorError(json: chunk)
    }

    private mutating func decode(delta: JSONValue) -> [ModelEvent] {
        var events: [ModelEvent] = []
        // Behind the finish some proxies repeat the whole answer.
        if reason == nil {
            let parts = ChatContent(delta)
            if !parts.thoughts.isEmpty {
                if thoughtField.isEmpty { thoughtField = parts.thoughtField }
                thoughts += parts.thoughts
                events.append(.reasoningDelta(parts.thoughts))
            }
            if !parts.text.isEmpty {
                text += parts.text
                events.append(.textDelta(parts.text))
            }
            if let more = delta["refusal"]?.string, !more.isEmpty {
                refusal += more
                events.append(.refusalDelta(more))
            }
        }
        for entry in delta["tool_calls"]?.array ?? [] {
            events += calls.take(entry, isFinished: reason != nil)
        }
        if let legacy = delta["function_call"], legacy.object != nil, reason == nil {
            events += calls.take(.object(["index": .integer(0), "function": legacy]))
        }
        return events
    }

    private mutating func complete() throws -> [ModelEvent] {
        let end = ChatFinish(reason)
        if case .failed(let message) = end { throw VendorError(status: 503, message: message) }
        isFinished = true
        var items: [ModelItem] = []
        if !thoughts.isEmpty {
            let native = thoughtField.isEmpty ? nil : ChatThought.native(field: thoughtField)
            items.append(ModelItem(.reasoning(thoughts), native: native))
        }
        if !text.isEmpty { items.append(ModelItem(.assistant(text))) }
        if !refusal.isEmpty { items.append(ModelItem(.refusal(refusal))) }
        var events: [ModelEvent] = []
        var hasCalls = false
        if end != .contentFilter {
            let whole = calls.items(isCut: end == .length)
            events += whole.events
            items += whole.items
            hasCalls = !whole.items.isEmpty
        }
        events += items.map(ModelEvent.item)
        return events + [.finished(end.domain(hasCalls: hasCalls, isRefusal: !refusal.isEmpty))]
    }
}
