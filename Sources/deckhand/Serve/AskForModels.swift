internal import Domain

/// Lets people run what they may, and asks a person for whatever a model wants to run.
struct AskForModels: CommandPolicy {
    let summary = "Commands of models are asked for; those of people and of the GET face are allowed."
    let version = "ask-for-models"

    func verdict(on question: PolicyQuestion) async -> PolicyVerdict {
        switch question.origin {
        case .assistant, .bridge, .tool:
            .ask(reason: "A model wants to run it.", rule: "models")
        default: .allow
        }
    }
}
