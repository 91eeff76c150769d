internal import Core
public import Domain

/// Where titles of chats come from.
public enum TitleSource: String, Sendable, CaseIterable {
    /// A model, once the first turn is over; the first line of the first message until then.
    case model
    /// The first line of the first message.
    case firstLine = "first-line"
}

/// How the assistant works, as configured.
public struct AssistantSettings: Sendable {
    /// The model that answers when nobody chooses; nil for the first provider's own choice.
    public var defaultModel: ModelReference?
    /// What is said to the model before everything else; nil for ours.
    public var instructions: String?
    /// Facts about this machine for the model, asked for at each turn.
    public var profile: @Sendable () async -> String
    /// How much to think when nobody chooses.
    public var reasoning: ReasoningEffort?
    /// How long to answer when nobody chooses.
    public var verbosity: Verbosity?
    /// What a turn may use.
    public var limits = TurnLimits()
    /// What models cost; without a price there is no cap of cost.
    public var prices: [ModelReference: ModelPrice] = [:]
    /// How long a command is waited for before the model is told that it still runs.
    public var softLimit = Duration.seconds(20)
    /// Bytes of one result that a model is shown, about four to a token.
    public var resultBytes = 16_000
    /// Bytes of earlier turns that a model is shown; at most half of what the model's window holds.
    public var contextBytes = 400_000
    /// Turns that work at the same time, over all chats.
    public var maximumWorkingTurns = 2_000
    /// Where titles of chats come from.
    public var titles = TitleSource.firstLine
    /// The model that gives titles; nil for the chat's.
    public var titleModel: ModelReference?
    /// Older turns that do not fit are summarised by a model; else, and when none can, they are left out.
    public var summaries = false
    /// The model that summarises; nil for the chat's.
    public var summaryModel: ModelReference?
    /// This server has a shell to offer.
    public var shellIsOn = true
    /// Where a person decides an approval, for models whose callers show no approvals; nil when that is not known.
    public var approvalLink: @Sendable (Int64) -> String? = { _ in nil }

    /// The defaults.
    public init() { profile = { "" } }
}
