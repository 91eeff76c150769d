public import Core

/// A part of what a person said, as a share shows it.
public enum SharedPart: Sendable, Equatable {
    /// Text.
    case text(String)
    /// That there was an image; its bytes are not shown.
    case image(mediaType: String)
}

/// What came of a command or function, as a share shows it.
public enum SharedResult: Sendable, Equatable {
    /// How a command ended, and what it printed if that is shared.
    case command(ShellCommandResult.Outcome, output: CommandOutput?)
    /// What a function gave, if that is shared.
    case text(String?, isError: Bool)

    /// What a command printed.
    public struct CommandOutput: Sendable, Equatable {
        /// The one stream.
        public let stdout: String
        /// The other.
        public let stderr: String
    }
}

/// One thing that a reader of a share sees.
public enum SharedContent: Sendable, Equatable {
    /// A person said something to a model.
    case message([SharedPart], model: ModelReference)
    /// The assistant said something; `isComplete` is false when it was cut.
    case answer(String, isComplete: Bool)
    /// The assistant asked for something to be done.
    case call(ToolCall)
    /// What came of a step of a call.
    case result(ToolStepID, SharedResult)
    /// A turn ended in another way than by being completed.
    case ended(TurnState)
}

/// A fact of a chat as a share shows it: what was said and done, and nothing about who did it or on which tickets.
public struct SharedFact: Sendable, Equatable {
    /// The number of the event; several things of one event have the same.
    public let number: Int64
    /// When.
    public let time: Timestamp
    /// The turn.
    public let turn: TurnID
    /// What is seen.
    public let content: SharedContent

    /// What is seen of an event, in order; throws ``ChatEventError``.
    public static func facts(of event: ChatEvent, includesOutput: Bool) throws -> [SharedFact] {
        SharedContent.contents(of: try event.shownBody(), includesOutput: includesOutput).map {
            SharedFact(number: event.number, time: event.time, turn: event.turn, content: $0)
        }
    }
}

extension SharedContent {
    fileprivate static func contents(of body: ChatEventBody, includesOutput: Bool) -> [SharedContent] {
        switch body {
        case .turnStarted(let draft):
            let results = draft.results.flatMap { Self.results($0, includesOutput) }
            return draft.message.isEmpty ? results : results + [message(draft)]
        case .modelFinished(_, let items, _, _):
            return items.flatMap { item(of: $0.content, includesOutput) }
        case .modelInterrupted(_, let text, _):
            return text.isEmpty ? [] : [.answer(text, isComplete: false)]
        case .toolFinished(let step, .command(let result), _):
            return [.result(step, command(result, includesOutput))]
        case .toolFinished(let step, .text(let text, let isError), _):
            return [.result(step, .text(includesOutput ? text : nil, isError: isError))]
        case .turnFinished(let state, _, _):
            return state == .completed ? [] : [.ended(state)]
        case .turnResumed, .contextTrimmed, .contextSummarised, .modelStarted, .text, .reasoning, .toolBegan,
            .toolArguments, .toolStarted,
            .toolTicket, .toolProgress, .artifactMade, .chatTitled:
            return []
        }
    }

    private static func message(_ draft: TurnDraft) -> SharedContent {
        let parts = draft.message.map { part in
            switch part {
            case .text(let text): SharedPart.text(text)
            case .image(let image): SharedPart.image(mediaType: image.mediaType)
            }
        }
        return .message(parts, model: draft.options.model)
    }

    /// What the model thought and was told besides is not shown.
    private static func item(of content: ModelItem.Content, _ includesOutput: Bool) -> [SharedContent] {
        switch content {
        case .assistant(let text), .refusal(let text):
            text.isEmpty ? [] : [.answer(text, isComplete: true)]
        case .toolCall(let call): [.call(call)]
        case .toolResult(let result): results(result, includesOutput)
        case .user, .system, .reasoning: []
        }
    }

    private static func results(_ result: ToolResult, _ includesOutput: Bool) -> [SharedContent] {
        switch result.content {
        case .parts(let parts, let isError):
            let texts = parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
            let text = includesOutput ? texts.joined(separator: "\n") : nil
            return [.result(ToolStepID(call: result.callID, index: 0), .text(text, isError: isError))]
        case .shell(let commands, _):
            return commands.enumerated().map { index, ended in
                .result(ToolStepID(call: result.callID, index: index), command(ended, includesOutput))
            }
        }
    }

    private static func command(_ result: ShellCommandResult, _ includesOutput: Bool) -> SharedResult {
        .command(
            result.outcome,
            output: includesOutput
                ? SharedResult.CommandOutput(stdout: result.stdout, stderr: result.stderr) : nil
        )
    }
}
