internal import Core
internal import Domain
internal import HTTPClient
internal import Synchronization

/// Reads the answer of `POST /v1/messages`, streamed or whole.
///
/// A pure state machine. The items come at the end, when it is known that the answer was neither cut nor declined.
struct AnthropicStreamDecoder: ModelStreamDecoder {
    private let failures: ProviderFailures
    private let pause: AnthropicPause
    private(set) var usage: TokenUsage?
    private(set) var isFinished = false
    private var counts = AnthropicUsage()
    private var blocks: [Int64: AnthropicBlock] = [:]
    private var callCount: Int
    private var stopReason: String?
    private var hasStarted: Bool

    /// Leaves in `pause` what is to be sent back when the answer pauses, and goes on with what is there.
    init(_ failures: ProviderFailures, pause: AnthropicPause) {
        self.failures = failures
        self.pause = pause
        callCount = pause.callCount
        hasStarted = !pause.blocks.isEmpty
    }

    private var ordered: [AnthropicBlock] { blocks.sorted { $0.key < $1.key }.map(\.value) }

    mutating func decode(_ event: ServerSentEvent) throws -> [ModelEvent] {
        if isFinished || event.data.trimmed.isEmpty { return [] }
        guard let value = try? LenientJSON.parse(event.data) else {
            throw failures.malformed("an event of its stream is not JSON")
        }
        return try decode(value, type: value["type"]?.string ?? event.event)
    }

    private mutating func decode(_ value: JSONValue, type: String) throws -> [ModelEvent] {
        switch type {
        case "message_start":
            return start(value["message"] ?? .null)
        case "content_block_start":
            return open(value["content_block"] ?? .null, at: value["index"]?.integer ?? 0)
        case "content_block_delta":
            return blocks[value["index"]?.integer ?? 0]?.take(value["delta"] ?? .null) ?? []
        case "content_block_stop":
            blocks[value["index"]?.integer ?? 0]?.isClosed = true
            return []
        case "message_delta":
            if let reason = value["delta"]?["stop_reason"]?.string { stopReason = reason }
            return count(value["usage"])
        case "message_stop":
            return complete()
        case "error":
            throw AnthropicError.read(value)
        default:
            // Pings, and what a later version adds.
            if value["error"]?.object != nil { throw AnthropicError.read(value) }
            return []
        }
    }

    mutating func decode(whole body: [UInt8]) throws -> [ModelEvent] {
        guard let answer = try? LenientJSON.parse(body) else { throw failures.malformed("it is not JSON") }
        if answer["type"]?.string == "error" { throw AnthropicError.read(answer) }
        guard let content = answer["content"]?.array, answer["role"]?.string == "assistant" else {
            throw failures.malformed("it is no message")
        }
        var events = start(answer)
        for (index, block) in content.enumerated() {
            events += open(block, at: Int64(index))
            blocks[Int64(index)]?.isClosed = true
        }
        stopReason = answer["stop_reason"]?.string
        return events + complete()
    }

    /// All that counts is there once the reason is, although the last event is missing.
    mutating func finish() throws -> [ModelEvent] {
        guard !isFinished, stopReason != nil, blocks.values.allSatisfy(\.isClosed) else { return [] }
        return complete()
    }

    private mutating func start(_ message: JSONValue) -> [ModelEvent] {
        let counted = count(message["usage"])
        if hasStarted { return counted }
        hasStarted = true
        let id = message["id"]?.string ?? ""
        return [.started(responseID: id.isEmpty ? nil : id)] + counted
    }

    private mutating func count(_ value: JSONValue?) -> [ModelEvent] {
        counts.take(value)
        guard value?.object != nil, counts.domain != usage else { return [] }
        usage = counts.domain
        return [.usage(counts.domain)]
    }

    private mutating func open(_ value: JSONValue, at index: Int64) -> [ModelEvent] {
        var callIndex: Int?
        if value["type"]?.string == "tool_use" {
            callIndex = callCount
            callCount += 1
        }
        let block = AnthropicBlock(value, callIndex: callIndex)
        blocks[index] = block
        return block.opening
    }

    private mutating func complete() -> [ModelEvent] {
        isFinished = true
        let reason = stopReason ?? "end_turn"
        var items: [ModelItem] = []
        let ordered = ordered
        let isCut = ["max_tokens", "model_context_window_exceeded"].contains(reason)
        for (position, block) in ordered.enumerated() {
            guard reason != "refusal" || block.type == "text",
                let item = block.item(isCut: isCut && position == ordered.count - 1)
            else { continue }
            if reason == "refusal", case .assistant(let text) = item.content {
                items.append(ModelItem(.refusal(text)))
            } else {
                items.append(item)
            }
        }
        let hasCalls = items.contains { if case .toolCall = $0.content { true } else { false } }
        let events = items.map(ModelEvent.item)
        if reason == "pause_turn", pause.take(ordered.map(\.native), callCount: callCount) { return events }
        return events + [.finished(Self.finish(reason, hasCalls: hasCalls))]
    }

    private static func finish(_ reason: String, hasCalls: Bool) -> FinishReason {
        switch reason {
        case "max_tokens", "model_context_window_exceeded": .length
        case "refusal": .refusal
        case "end_turn", "stop_sequence", "tool_use": hasCalls ? .toolCalls : .stop
        default: hasCalls ? .toolCalls : .other
        }
    }
}

/// What a paused answer is continued with: the blocks that go back unchanged, over as many pauses as there were.
final class AnthropicPause: Sendable {
    private struct State {
        var blocks: [JSONValue] = []
        var callCount = 0
        var pauses = 0
        var isPaused = false
    }

    /// An answer that pauses more often ends.
    static let maximumPauses = 8
    private let state = Mutex(State())

    var blocks: [JSONValue] { state.withLock { $0.blocks } }
    var callCount: Int { state.withLock { $0.callCount } }

    /// Says once whether the answer paused since it was asked last.
    func wasPaused() -> Bool {
        state.withLock { state in
            defer { state.isPaused = false }
            return state.isPaused
        }
    }

    /// Keeps the blocks; false when it was too often.
    fileprivate func take(_ blocks: [JSONValue], callCount: Int) -> Bool {
        state.withLock { state in
            guard state.pauses < Self.maximumPauses else { return false }
            state.blocks += blocks
            state.callCount = callCount
            state.pauses += 1
            state.isPaused = true
            return true
        }
    }
}
