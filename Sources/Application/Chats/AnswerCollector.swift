internal import Domain
internal import Synchronization

/// Gathers what a model says during one call: deltas on their way to the viewers, and the complete items.
final class AnswerCollector: Sendable {
    private struct State {
        var items: [ModelItem] = []
        var text = ""
        var usage: TokenUsage?
        var reason: FinishReason?
        var images: [ImageContent] = []
    }
    private let state = Mutex(State())
    private let call: Int

    init(call: Int) { self.call = call }

    /// Takes in what arrived together, and returns the deltas to show: neighbours of one kind become one.
    func take(_ events: [ModelEvent]) -> [ChatEventBody] {
        state.withLock { state in
            var bodies: [ChatEventBody] = []
            for event in events {
                switch event {
                case .textDelta(let text), .refusalDelta(let text):
                    state.text += text
                    Self.join(text, to: &bodies, call, ChatEventBody.text)
                case .reasoningDelta(let text): Self.join(text, to: &bodies, call, ChatEventBody.reasoning)
                case .toolCallBegan(let index, let name):
                    bodies.append(.toolBegan(call: call, index: index, name: name))
                case .toolCallDelta(let index, let command, let text):
                    Self.joinArguments(text, index, command, to: &bodies, call)
                case .item(let item): state.items.append(item)
                case .image(let image): state.images.append(image)
                case .usage(let usage): state.usage = usage
                case .finished(let reason): state.reason = reason
                case .started: break
                }
            }
            return bodies
        }
    }

    /// The answer, once it is complete; `known` are the ids that calls of this turn have already.
    func answer(known: Set<String>) -> (items: [ModelItem], reason: FinishReason, usage: TokenUsage) {
        state.withLock { state in
            (
                Self.withUniqueCalls(state.items, known, call), state.reason ?? .other,
                state.usage ?? TokenUsage()
            )
        }
    }

    /// The pictures that it made so far.
    var images: [ImageContent] { state.withLock { $0.images } }

    /// What was said so far.
    var text: String { state.withLock { $0.text } }

    private static func join(
        _ text: String,
        to bodies: inout [ChatEventBody],
        _ call: Int,
        _ make: (Int, String) -> ChatEventBody
    ) {
        guard !text.isEmpty else { return }
        let new = make(call, text)
        switch (bodies.last, new) {
        case (.text(_, let before), .text), (.reasoning(_, let before), .reasoning):
            bodies[bodies.count - 1] = make(call, before + text)
        default: bodies.append(new)
        }
    }

    private static func joinArguments(
        _ text: String,
        _ index: Int,
        _ command: Int?,
        to bodies: inout [ChatEventBody],
        _ call: Int
    ) {
        guard !text.isEmpty else { return }
        if case .toolArguments(_, index, command, let before) = bodies.last {
            bodies[bodies.count - 1] = .toolArguments(
                call: call,
                index: index,
                command: command,
                before + text
            )
        } else {
            bodies.append(.toolArguments(call: call, index: index, command: command, text))
        }
    }

    /// Some servers number calls from the start in each answer; a step's identity must not come twice in a turn.
    private static func withUniqueCalls(_ items: [ModelItem], _ known: Set<String>, _ call: Int)
        -> [ModelItem]
    {
        var known = known
        return items.enumerated().map { index, item in
            guard case .toolCall(let toolCall) = item.content else { return item }
            if !toolCall.id.isEmpty, known.insert(toolCall.id).inserted { return item }
            let id = "call_\(call)_\(index)"
            known.insert(id)
            return ModelItem(.toolCall(ToolCall(id: id, request: toolCall.request)))
        }
    }
}
