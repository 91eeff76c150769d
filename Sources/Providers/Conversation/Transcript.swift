internal import Domain

/// A conversation cut into what interfaces with roles want: who speaks, and every call with its result behind it.
///
/// Items of one answer are kept together, whatever order results came in. A result without a call is left out, and a call
/// without a result gets one that says so, because vendors refuse both.
struct Transcript {
    /// A call and what came of it.
    struct Call: Equatable {
        var call: ToolCall
        var native: NativeItem?
        var result: ToolResult
        /// Counts the calls of the conversation from 0.
        var ordinal: Int
    }

    /// What a model said in one go.
    struct Answer: Equatable {
        /// All but results, in order.
        var items: [ModelItem] = []
        /// The calls among them, in order.
        var calls: [Call] = []
    }

    enum Step: Equatable {
        case system(String)
        case user([ContentPart])
        case answer(Answer)
    }

    private(set) var steps: [Step] = []
    private var answer: Answer?
    /// The next item belongs to another answer when one of the model's comes after a result.
    private var hasResults = false
    private var ordinal = 0

    init(_ items: [ModelItem]) {
        for (position, item) in items.enumerated() {
            switch item.content {
            case .system(let text):
                endAnswer()
                steps.append(.system(text))
            case .user(let parts):
                endAnswer()
                steps.append(.user(parts))
            case .toolResult:
                hasResults = answer != nil
            case .assistant, .refusal, .reasoning:
                beginAnswer()
                answer?.items.append(item)
            case .toolCall(let call):
                beginAnswer()
                answer?.items.append(item)
                let result = Self.result(of: call, after: items[(position + 1)...])
                answer?.calls.append(Call(call: call, native: item.native, result: result, ordinal: ordinal))
                ordinal += 1
            }
        }
        endAnswer()
    }

    /// How often a model has answered.
    var answerCount: Int {
        steps.count { if case .answer = $0 { true } else { false } }
    }

    private mutating func beginAnswer() {
        if hasResults { endAnswer() }
        if answer == nil { answer = Answer() }
    }

    private mutating func endAnswer() {
        if let answer { steps.append(.answer(answer)) }
        answer = nil
        hasResults = false
    }

    private static func result(of call: ToolCall, after items: ArraySlice<ModelItem>) -> ToolResult {
        for item in items {
            switch item.content {
            case .toolResult(let result) where result.callID == call.id: return result
            case .toolCall(let other) where other.id == call.id: return missing(call)
            default: continue
            }
        }
        return missing(call)
    }

    private static func missing(_ call: ToolCall) -> ToolResult {
        let text = "There is no result: the call was interrupted and may or may not have been carried out."
        return ToolResult(callID: call.id, name: call.name, content: .parts([.text(text)], isError: true))
    }
}
