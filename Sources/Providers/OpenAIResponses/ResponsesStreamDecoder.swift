internal import Core
internal import Domain
internal import HTTPClient

/// Makes our events of the stream of a response.
///
/// Deltas are handed on as they come. Items are held back until the response ends, because only then is it known which
/// calls are complete; what the end says of an item counts more than what was said before.
struct ResponsesStreamDecoder: ModelStreamDecoder {
    private(set) var isFinished = false
    private(set) var usage: TokenUsage?
    private var hasStarted = false
    private var items = ResponsesItems()

    mutating func decode(_ event: ServerSentEvent) throws -> [ModelEvent] {
        guard !isFinished, !event.data.isEmpty, event.data != "[DONE]" else { return [] }
        let bytes = Array(event.data.utf8)
        guard let json = try? LenientJSON.parse(bytes) else {
            throw MalformedAnswer(detail: "an event is not JSON")
        }
        let type = json["type"]?.text ?? event.event
        switch type {
        case "response.created", "response.queued", "response.in_progress":
            return start(json["response"])
        case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
            return try start(json["response"])
                + end(json["response"] ?? .null, raw: bytes, path: ["response"])
        case "error": throw VendorError(json: json)
        case "response.output_item.added": return items.add(json)
        case "response.output_item.done":
            items.complete(json, raw: LenientJSON.bytes(at: ["item"], in: bytes))
            return []
        default:
            // An error without a type of its own.
            if json["type"] == nil, VendorError.isError(json) { throw VendorError(json: json) }
            return items.take(type, json)
        }
    }

    mutating func decode(whole body: [UInt8]) throws -> [ModelEvent] {
        let json: JSONValue
        do { json = try LenientJSON.parse(body) } catch { throw MalformedAnswer(detail: "it is not JSON") }
        guard json["output"]?.array != nil || json["status"]?.text != nil else {
            throw MalformedAnswer(detail: "it is no response")
        }
        return try start(json) + end(json, raw: body, path: [])
    }

    /// A stream that just ends is not complete, whatever arrived.
    mutating func finish() throws -> [ModelEvent] { [] }

    private mutating func start(_ response: JSONValue?) -> [ModelEvent] {
        guard !hasStarted else { return [] }
        hasStarted = true
        return [.started(responseID: response?["id"]?.text)]
    }

    private mutating func end(
        _ response: JSONValue,
        raw: [UInt8],
        path: [String]
    ) throws -> [ModelEvent] {
        if let usage = ResponsesDialect.usage(response["usage"]) { self.usage = usage }
        let status = response["status"]?.text
        switch status {
        case "failed":
            throw VendorError(json: response["error"] ?? .null)
        case "cancelled":
            throw VendorError(words: ["cancelled"], message: "It cancelled the response.")
        case "queued", "in_progress":
            throw MalformedAnswer(detail: "a response that is still at work")
        default: break
        }
        let isCut = status == "incomplete"
        for (index, item) in (response["output"]?.array ?? []).enumerated() {
            let bytes = LenientJSON.bytes(at: path + ["output", String(index)], in: raw)
            items.replace(index, item, raw: bytes ?? item.bytes)
        }
        let count = response["output"]?.array?.count ?? 0
        if count > 0 { items.keepFirst(count) }
        isFinished = true
        var events = items.missingDeltas()
        let readings = items.readings(isCut: isCut)
        for reading in readings {
            switch reading {
            case .item(let item): events.append(.item(item))
            case .image(let image): events.append(.image(image))
            case .nothing: break
            }
        }
        if let usage { events.append(.usage(usage)) }
        events.append(.finished(reason(response, readings)))
        return events
    }

    private func reason(_ response: JSONValue, _ readings: [ResponsesItemReader.Reading]) -> FinishReason {
        if response["status"]?.text == "incomplete" {
            switch response["incomplete_details"]?["reason"]?.text {
            case "content_filter": return .contentFilter
            default: return .length
            }
        }
        var isRefusal = false
        for case .item(let item) in readings {
            switch item.content {
            case .toolCall: return .toolCalls
            case .refusal: isRefusal = true
            default: break
            }
        }
        return isRefusal ? .refusal : .stop
    }
}
