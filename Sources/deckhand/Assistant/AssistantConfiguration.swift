import API
import Application
import Domain

/// What the section `assistant` of `deckhand.json5` says.
struct AssistantConfiguration: Sendable {
    /// Where the model's facts about the machine come from.
    enum ProfileSource: Sendable, Equatable {
        case probed
        case given(SystemProfile)
        case off
    }

    /// The model that answers when nobody chooses; nil for the first provider's own choice.
    var defaultModel: ModelReference?
    /// In place of our own instructions.
    var instructions: String?
    /// The file that they are from.
    var instructionsFile: String?
    var reasoning: ReasoningEffort?
    var verbosity: Verbosity?
    var limits = TurnLimits()
    /// Those of the section `providers` included.
    var prices: [ModelReference: ModelPrice] = [:]
    var softLimit = Duration.seconds(20)
    var resultBytes = 16_000
    var contextBytes = 400_000
    var titles = TitleSource.model
    var titleModel: ModelReference?
    var summaries = true
    var summaryModel: ModelReference?
    var maximumWorkingTurns = 2_000
    /// How long chats live after their last use.
    var keepChats = Duration.seconds(30 * 86_400)
    /// How long shares live.
    var keepShares = Duration.seconds(365 * 86_400)
    var profile = ProfileSource.probed
    /// Questions that the widget offers; nil for its own.
    var prompts: [QuickPrompt]?

    /// The settings of the use cases; `profile` gives the text of a probed profile.
    func settings(shellIsOn: Bool, probed: @escaping @Sendable () async -> String) -> AssistantSettings {
        var settings = AssistantSettings()
        settings.defaultModel = defaultModel
        settings.instructions = instructions
        settings.reasoning = reasoning
        settings.verbosity = verbosity
        settings.limits = limits
        settings.prices = prices
        settings.softLimit = softLimit
        settings.resultBytes = resultBytes
        settings.contextBytes = contextBytes
        settings.titles = titles
        settings.titleModel = titleModel
        settings.summaries = summaries
        settings.summaryModel = summaryModel
        settings.maximumWorkingTurns = maximumWorkingTurns
        settings.shellIsOn = shellIsOn
        switch profile {
        case .probed: settings.profile = probed
        case .given(let profile):
            let text = profile.text
            settings.profile = { text }
        case .off: settings.profile = { "" }
        }
        return settings
    }
}
