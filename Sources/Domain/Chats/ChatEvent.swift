public import Core

/// The kinds of events, as they stand on the wire and in rows.
public enum ChatEventKind: String, Sendable, CaseIterable {
    case turnStarted = "turn.started"
    case turnResumed = "turn.resumed"
    case contextTrimmed = "context.trimmed"
    case contextSummarised = "context.summarised"
    case modelStarted = "model.started"
    case text
    case reasoning
    case toolBegan = "tool.began"
    case toolArguments = "tool.arguments"
    case modelFinished = "model.finished"
    case modelInterrupted = "model.interrupted"
    case toolStarted = "tool.started"
    case toolTicket = "tool.ticket"
    case toolProgress = "tool.progress"
    case toolFinished = "tool.finished"
    case artifactMade = "artifact.made"
    case chatTitled = "chat.titled"
    case turnFinished = "turn.finished"

    /// Deltas are for showing: written before they are sent, but not synced, because a complete event follows.
    public var isDelta: Bool {
        switch self {
        case .text, .reasoning, .toolBegan, .toolArguments: true
        default: false
        }
    }
}

/// One step of what a model asked for: a function, or one command of a shell call.
public struct ToolStepID: Hashable, Sendable {
    /// The call.
    public let call: String
    /// The command's place in the call, from 0; 0 for functions.
    public let index: Int

    /// Makes an identity.
    public init(call: String, index: Int) {
        self.call = call
        self.index = index
    }
}

/// What came of a step.
public enum ToolStepResult: Sendable, Equatable {
    /// Text for the model; `isError` when the tool could not do it.
    case text(String, isError: Bool)
    /// The end of a command.
    case command(ShellCommandResult)
}

/// The ticket that carries out a step.
public struct StepTicket: Sendable, Equatable {
    /// The ticket.
    public var ticket: TicketID
    /// Its session.
    public var session: SessionName
    /// The ticket's state in one word, at the time of the event.
    public var state: String
    /// The decision that it waits for; nil for none.
    public var approval: Int64?
    /// The exit code; nil unless the command ended by itself.
    public var exitCode: Int?
    /// The signal that ended the command; nil for none.
    public var signal: Int?
    /// How long the command ran, in whole milliseconds; nil before its end, and when it never ran.
    public var duration: Duration?

    /// Says whether the ticket was over at the time of the event.
    public var isOver: Bool {
        TicketState(word: state, exitCode: exitCode, signal: signal, reason: nil)?.isTerminal ?? true
    }

    /// Makes a value.
    public init(ticket: TicketID, session: SessionName, state: String, approval: Int64?) {
        self.ticket = ticket
        self.session = session
        self.state = state
        self.approval = approval
    }
}

/// What a model is shown in place of a chat's oldest turns.
public struct ChatSummary: Sendable, Equatable {
    /// In a model's words.
    public var text: String
    /// The last turn that it covers, with all before it.
    public var through: TurnID
    /// How many turns it covers.
    public var turns: Int
    /// What it took to make it.
    public var usage: TokenUsage

    /// Makes a value.
    public init(text: String, through: TurnID, turns: Int, usage: TokenUsage) {
        self.text = text
        self.through = through
        self.turns = turns
        self.usage = usage
    }
}

/// What carries out a step and is no ticket, such as an action of a host application that waits for its confirmation.
public struct StepObject: Sendable, Equatable {
    /// What it is, in one word, such as `action`.
    public var kind: String
    /// Its identity among those of its kind.
    public var id: String
    /// Where it stands, in one word.
    public var state: String
    /// It waits for a person's decision; that time does not count.
    public var isWaiting: Bool

    /// Makes a value.
    public init(kind: String, id: String, state: String, isWaiting: Bool) {
        self.kind = kind
        self.id = id
        self.state = state
        self.isWaiting = isWaiting
    }
}

/// A fact of a chat.
public enum ChatEventBody: Sendable, Equatable {
    /// A person said something, or asked the assistant to go on.
    case turnStarted(TurnDraft)
    /// A server goes on with the turn that another one left: the time since the fact before was no time at work.
    case turnResumed
    /// The model is not shown the oldest turns: how many were left out.
    case contextTrimmed(turns: Int)
    /// From now on the model is shown a summary in place of the oldest turns.
    case contextSummarised(ChatSummary)
    /// A model is about to be called; `call` counts the calls of the turn from 1.
    case modelStarted(call: Int)
    /// More text; a refusal is text, too.
    case text(call: Int, String)
    /// More of what the model thinks.
    case reasoning(call: Int, String)
    /// A tool call begins to appear.
    case toolBegan(call: Int, index: Int, name: String)
    /// More of a tool call.
    case toolArguments(call: Int, index: Int, command: Int?, String)
    /// The model answered: what it said, complete, which stands in place of the deltas.
    case modelFinished(call: Int, items: [ModelItem], reason: FinishReason, usage: TokenUsage)
    /// The call of the model was cut: what it said until then; `failure` when it was not this server that went away.
    case modelInterrupted(call: Int, text: String, failure: Failure?)
    /// A step is about to be carried out.
    case toolStarted(ToolStepID, name: String)
    /// A step's ticket, each time when the person should know more about it.
    case toolTicket(ToolStepID, StepTicket)
    /// What else carries out a step, each time when the person should know more about it.
    case toolProgress(ToolStepID, StepObject)
    /// A step is over; with its ticket as it stands then, if it has one.
    case toolFinished(ToolStepID, ToolStepResult, ticket: StepTicket? = nil)
    /// A file was made: in a step, or by the model itself.
    case artifactMade(ArtifactNote, step: ToolStepID?)
    /// The chat has a title.
    case chatTitled(String)
    /// The turn is over; `failure` says why when it did not simply complete.
    case turnFinished(TurnState, usage: TokenUsage, failure: Failure?)

    /// The kind.
    public var kind: ChatEventKind {
        switch self {
        case .turnStarted: .turnStarted
        case .turnResumed: .turnResumed
        case .contextTrimmed: .contextTrimmed
        case .contextSummarised: .contextSummarised
        case .modelStarted: .modelStarted
        case .text: .text
        case .reasoning: .reasoning
        case .toolBegan: .toolBegan
        case .toolArguments: .toolArguments
        case .modelFinished: .modelFinished
        case .modelInterrupted: .modelInterrupted
        case .toolStarted: .toolStarted
        case .toolTicket: .toolTicket
        case .toolProgress: .toolProgress
        case .toolFinished: .toolFinished
        case .artifactMade: .artifactMade
        case .chatTitled: .chatTitled
        case .turnFinished: .turnFinished
        }
    }
}

/// A numbered fact of a chat, in the form in which it is stored and sent.
public struct ChatEvent: Sendable, Equatable {
    /// The number in the chat: rising, never given twice; after a power cut there can be gaps.
    public let number: Int64
    /// The turn.
    public let turn: TurnID
    /// When.
    public let time: Timestamp
    /// The kind.
    public let kind: ChatEventKind
    /// The fact as JSON, an object, as it may be shown to the owner.
    public let json: [UInt8]
    /// What belongs to the fact and is not shown: images' bytes and the providers' own forms; nil for nothing.
    public let hidden: [UInt8]?

    /// Makes a value from stored parts.
    public init(
        number: Int64,
        turn: TurnID,
        time: Timestamp,
        kind: ChatEventKind,
        json: [UInt8],
        hidden: [UInt8]?
    ) {
        self.number = number
        self.turn = turn
        self.time = time
        self.kind = kind
        self.json = json
        self.hidden = hidden
    }

    /// The bytes that it counts for what a model is shown again.
    public var contextBytes: Int {
        switch kind {
        case .turnStarted, .modelFinished, .toolFinished, .turnFinished: json.count + (hidden?.count ?? 0)
        default: 0
        }
    }
}
