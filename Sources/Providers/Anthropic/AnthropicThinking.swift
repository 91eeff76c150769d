internal import Core
internal import Domain

/// How a model is told to think, in the form that it knows.
struct AnthropicThinking {
    private enum Mode { case unsaid, disabled, adaptive, budget(Int) }

    private let mode: Mode
    /// The effort beside it; nil for none.
    let effort: String?
    /// The bound of the answer, thoughts included.
    let limit: Int

    /// `loopLacksThoughts`: the calls under way were made without thinking, which forbids to begin with it now.
    init(_ request: ModelRequest, _ capabilities: ModelCapabilities, limit: Int, _ loopLacksThoughts: Bool) {
        let style = AnthropicModel(request.model).thinking
        let isForced =
            switch request.toolChoice {
            case .required, .function: true
            case .automatic, .none: false
            }
        guard capabilities.reasoning, style != .none, let wanted = request.reasoning else {
            (mode, effort, self.limit) = (.unsaid, nil, limit)
            return
        }
        if wanted == ReasoningEffort.none || isForced || style == .budget && loopLacksThoughts {
            (mode, effort, self.limit) = (.disabled, nil, limit)
        } else if style == .adaptive {
            (mode, effort, self.limit) = (.adaptive, Self.name(of: wanted), limit)
        } else {
            let budget = Self.budget(of: wanted)
            (mode, effort, self.limit) = (.budget(budget), nil, max(limit, budget + 1_024))
        }
    }

    /// It thinks.
    var isOn: Bool {
        switch mode {
        case .adaptive, .budget: true
        case .unsaid, .disabled: false
        }
    }

    func write(to json: inout JSONWriter) {
        let value: [String: JSONValue]
        switch mode {
        case .unsaid: return
        case .disabled: value = ["type": .string("disabled")]
        case .adaptive: value = ["type": .string("adaptive"), "display": .string("summarized")]
        case .budget(let tokens):
            value = ["type": .string("enabled"), "budget_tokens": .integer(Int64(tokens))]
        }
        json.key("thinking")
        JSONValue.object(value).write(to: &json)
    }

    private static func name(of effort: ReasoningEffort) -> String {
        switch effort {
        case .none, .minimal, .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .xhigh: "xhigh"
        }
    }

    private static func budget(of effort: ReasoningEffort) -> Int {
        switch effort {
        case .none, .minimal: 1_024
        case .low: 2_048
        case .medium: 8_192
        case .high: 16_384
        case .xhigh: 32_000
        }
    }
}
