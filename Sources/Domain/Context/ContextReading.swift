public import Core

/// One fact that a source told, with what admitted it.
public struct ContextFact: Sendable, Equatable {
    /// The record, as the application calls it.
    public var id: String
    /// The fact.
    public var text: String
    /// Where a person finds it.
    public var link: String?
    /// The rule of the scope that admitted it.
    public var rule: String

    /// Makes a fact.
    public init(id: String, text: String, link: String?, rule: String) {
        self.id = id
        self.text = text
        self.link = link
        self.rule = rule
    }
}

/// What a turn read from a source: the receipt of what the model was shown.
public struct ContextReading: Sendable, Equatable {
    /// The chat.
    public var chat: ChatID
    /// The turn.
    public var turn: TurnID
    /// The source's name.
    public var source: String
    /// When it was read.
    public var time: Timestamp
    /// The facts.
    public var facts: [ContextFact]
    /// Facts that were left out: too many bytes, or outside the scope.
    public var leftOut: Int
    /// Why nothing could be read; nil when it could.
    public var missing: String?

    /// Makes a value.
    public init(
        chat: ChatID,
        turn: TurnID,
        source: String,
        time: Timestamp,
        facts: [ContextFact] = [],
        leftOut: Int = 0,
        missing: String? = nil
    ) {
        self.chat = chat
        self.turn = turn
        self.source = source
        self.time = time
        self.facts = facts
        self.leftOut = leftOut
        self.missing = missing
    }
}
