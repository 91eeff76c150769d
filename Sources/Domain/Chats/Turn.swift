public import Core

/// Where a turn stands.
public enum TurnState: String, Sendable, CaseIterable {
    /// The assistant works, or waits for a person's decision.
    case working
    /// The assistant said all.
    case completed
    /// A cap was reached, or the assistant went round in circles; it can be asked to go on.
    case stopped
    /// It could not go on; it can be tried again.
    case failed
    /// Somebody asked it to end.
    case cancelled

    /// Says whether it is over.
    public var isOver: Bool { self != .working }
}

/// Who carries out what the model asks for.
public enum ToolSource: Sendable, Equatable {
    /// This server, with the tools that the person may use.
    case server
    /// Nobody: the model is offered nothing.
    case none
    /// The caller, who is told what the model asks for and brings the results with the next turn.
    case caller([OfferedTool])
}

/// How a turn is to be answered.
public struct TurnOptions: Sendable, Equatable {
    /// The model.
    public var model: ModelReference
    /// How much it is to think.
    public var reasoning: ReasoningEffort?
    /// How long it is to answer.
    public var verbosity: Verbosity?
    /// Who carries out what it asks for.
    public var tools: ToolSource
    /// In place of the configured instructions; nil for those.
    public var instructions: String?
    /// The door, for usage rows.
    public var door: CallDoor

    /// Makes options.
    public init(
        model: ModelReference,
        reasoning: ReasoningEffort? = nil,
        verbosity: Verbosity? = nil,
        tools: ToolSource = .server,
        instructions: String? = nil,
        door: CallDoor = .chat
    ) {
        self.model = model
        self.reasoning = reasoning
        self.verbosity = verbosity
        self.tools = tools
        self.instructions = instructions
        self.door = door
    }
}

/// One message of a person, and all that the assistant does until it is done.
public struct Turn: Sendable, Equatable {
    /// The reason of a turn that works and is to end.
    public static let cancelWanted = "cancel_wanted"

    /// The identity.
    public let id: TurnID
    /// The chat.
    public let chat: ChatID
    /// Whose it is.
    public let owner: PrincipalID
    /// The session of a host application's user in which it was asked for; nil for everybody else.
    public let session: UserSessionID?
    /// The caller's key.
    public let key: IdempotencyKey?
    /// The model that answers.
    public let model: ModelReference
    /// When it was asked for.
    public let created: Timestamp
    /// The number of its first event.
    public let firstEvent: Int64
    /// Where it stands.
    public var state: TurnState
    /// A machine code for why it ended so, such as `tool_calls_capped`; nil when it simply completed.
    ///
    /// While it works: ``cancelWanted`` once somebody asked it to end, else nil.
    public var reason: String?
    /// When it ended.
    public var finished: Timestamp?
    /// What it consumed so far.
    public var usage: TokenUsage
    /// Another turn took its place (edit, retry): it is kept, and left out of what the model is shown.
    public var isSuperseded: Bool

    /// Makes a value.
    public init(
        id: TurnID,
        chat: ChatID,
        owner: PrincipalID,
        key: IdempotencyKey?,
        model: ModelReference,
        created: Timestamp,
        firstEvent: Int64,
        state: TurnState,
        reason: String?,
        finished: Timestamp?,
        usage: TokenUsage,
        isSuperseded: Bool,
        session: UserSessionID? = nil
    ) {
        self.session = session
        self.id = id
        self.chat = chat
        self.owner = owner
        self.key = key
        self.model = model
        self.created = created
        self.firstEvent = firstEvent
        self.state = state
        self.reason = reason
        self.finished = finished
        self.usage = usage
        self.isSuperseded = isSuperseded
    }

    /// Somebody asked it to end, which is stored: whoever works on it ends it before anything else.
    public var isCancelWanted: Bool { state == .working && reason == Self.cancelWanted }
}

/// What is asked for when a turn is begun.
public struct TurnDraft: Sendable, Equatable {
    /// What the person says; empty to let the assistant go on where it stopped.
    public var message: [ContentPart]
    /// How it is to be answered.
    public var options: TurnOptions
    /// Results of tools that the caller carried out for the turn before.
    public var results: [ToolResult] = []
    /// The caller's key: asking again with the same one gives the same turn.
    public var key: IdempotencyKey?
    /// This turn and all after it are superseded (edit, retry).
    public var replacing: TurnID?
    /// What the model is shown before the message, in place of the chat's own earlier turns; nil for those.
    public var history: [ModelItem]?
    /// The session of a host application's user in which it is asked for; nil for everybody else.
    public var session: UserSessionID?
    /// Only the one that asked for it can read the answer, on the connection on which it asked: it is not gone on with by
    /// another server.
    public var endsWithCaller = false

    /// Makes a draft.
    public init(message: [ContentPart], options: TurnOptions) {
        self.message = message
        self.options = options
    }

    /// The caller brought words of the assistant, of the application or of tools that this server cannot vouch for.
    public var isGiven: Bool { history?.isEmpty == false || !results.isEmpty }
}
