internal import Core
internal import Domain

/// A chat as a text to read, event by event.
struct ChatMarkdown {
    /// What the model asked for, by call.
    private var calls: [String: ToolCall] = [:]

    /// The beginning of the text.
    static func head(_ chat: Chat, exported: Timestamp) -> String {
        "# \(oneLine(chat.title ?? "Chat \(chat.id.rawValue)"))\n\n"
            + "Chat \(chat.id.rawValue), begun \(chat.created.rfc3339), written down \(exported.rfc3339).\n"
    }

    /// What a fact adds to the text; empty for nothing.
    mutating func text(of fact: ChatEventBody, at time: Timestamp) -> String {
        switch fact {
        case .turnStarted(let draft): return Self.question(draft, time)
        case .contextTrimmed(let turns): return Self.remark("The model was not shown \(turns) earlier turns.")
        case .contextSummarised(let summary):
            return Self.remark(
                "From here on the model is shown a summary of the first \(summary.turns) turns."
            )
        case .modelFinished(_, let items, _, _): return items.map { text(of: $0) }.joined()
        case .modelInterrupted(_, let text, _):
            return Self.paragraph(text) + Self.remark("The answer broke off here.")
        case .toolStarted(let step, let name): return request(step, name)
        case .toolFinished(_, let result, _): return Self.text(of: result)
        case .artifactMade(let note, _):
            return Self.remark(
                "A file: \(note.title) (\(note.format.rawValue), \(note.size) bytes), number \(note.id)."
            )
        case .turnFinished(let state, _, let failure):
            guard state != .completed else { return "" }
            let why = failure.map { ": \($0.message)" } ?? "."
            return Self.remark("The turn ended as \(state.rawValue)\(why)")
        case .turnResumed, .modelStarted, .text, .reasoning, .toolBegan, .toolArguments, .toolTicket,
            .toolProgress, .chatTitled:
            return ""
        }
    }

    private static func question(_ draft: TurnDraft, _ time: Timestamp) -> String {
        let parts = draft.message.map { part in
            switch part {
            case .text(let text): paragraph(text)
            case .image(let image): remark("An image (\(image.mediaType), \(image.bytes.count) bytes).")
            }
        }
        let message = parts.isEmpty ? remark("The assistant was asked to go on.") : parts.joined()
        let model = oneLine(draft.options.model.description)
        return "\n## Question, \(time.rfc3339)\n\(message)\n## Answer, by \(model)\n"
    }

    private mutating func text(of item: ModelItem) -> String {
        switch item.content {
        case .assistant(let text), .refusal(let text): return Self.paragraph(text)
        case .toolCall(let call):
            calls[call.id] = call
            return ""
        case .user, .system, .reasoning, .toolResult: return ""
        }
    }

    private func request(_ step: ToolStepID, _ name: String) -> String {
        switch calls[step.call]?.request {
        case .shell(let commands, _, _) where commands.indices.contains(step.index):
            return Self.block(commands[step.index], "sh")
        case .function(_, let arguments):
            let command = (try? JSONValue(parsing: Array(arguments.utf8)))?["command"]?.string
            if ["shell", "ticket_start"].contains(name), let command { return Self.block(command, "sh") }
            return Self.remark("\(name):") + Self.block(arguments, "json")
        default: return Self.remark("\(name)")
        }
    }

    private static func text(of result: ToolStepResult) -> String {
        switch result {
        case .text(let text, _): return block(text, "text")
        case .command(let command):
            let end =
                switch command.outcome {
                case .exit(let code): "Exit code \(code)."
                case .timeout: "It did not end in time."
                }
            let outputs = [command.stdout, command.stderr].filter { !$0.isEmpty }
            return outputs.map { block($0, "text") }.joined() + remark(end)
        }
    }

    // MARK: Forms

    private static func paragraph(_ text: String) -> String {
        text.trimmed.isEmpty ? "" : "\n\(text.trimmed)\n"
    }

    private static func remark(_ text: String) -> String { "\n*\(oneLine(text))*\n" }

    /// A block that nothing in it can end, without characters that a terminal would act on.
    private static func block(_ text: String, _ language: String) -> String {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        let safe = String(String.UnicodeScalarView(text.unicodeScalars.map(harmless)))
        return "\n\(fence)\(language)\n\(safe)\(safe.hasSuffix("\n") ? "" : "\n")\(fence)\n"
    }

    private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        return isControl ? "\u{FFFD}" : scalar
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" ? " " : harmless($0) }))
    }
}
