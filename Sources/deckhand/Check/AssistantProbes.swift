import Core
import Domain
import Processes
import Providers

/// What the assistant is told and may use; the probe of the machine may block.
enum AssistantProbes {
    static func all(_ configuration: Configuration) -> [Finding] {
        let assistant = configuration.assistant
        return [
            model(configuration), instructions(assistant), limits(configuration), retention(assistant),
        ] + profile(assistant)
    }

    /// What keeps a running assistant from answering.
    static func running(_ configuration: Configuration) -> [Finding] {
        guard !configuration.providers.isEmpty else {
            return [
                Finding(
                    "providers",
                    .weak,
                    "none is configured, so nobody answers in chats",
                    hint: "Give a key, such as OPENAI_API_KEY, or the section “providers”, and restart."
                )
            ]
        }
        return [model(configuration), limits(configuration)]
    }

    private static func model(_ configuration: Configuration) -> Finding {
        let assistant = configuration.assistant
        let settings = [
            assistant.reasoning.map { "reasoning \($0.rawValue)" },
            assistant.verbosity.map { "verbosity \($0.rawValue)" },
        ].compactMap(\.self)
        let text: String
        if let model = assistant.defaultModel {
            text = model.description
        } else if let first = configuration.providers.first(where: { $0.defaultModel != nil }),
            let model = first.defaultModel
        {
            text = "\(first.id)/\(model), the first provider's own"
        } else {
            return Finding(
                "assistant.model",
                configuration.providers.isEmpty ? .fine : .weak,
                "none: whoever asks must choose one",
                hint: configuration.providers.isEmpty
                    ? nil : "Set assistant.defaultModel, or a provider's defaultModel."
            )
        }
        return Finding("assistant.model", .fine, ([text] + settings).joined(separator: "; "))
    }

    private static func instructions(_ assistant: AssistantConfiguration) -> Finding {
        guard let text = assistant.instructions else {
            return Finding("assistant.instructions", .fine, "built in")
        }
        let place = assistant.instructionsFile.map(TextTable.printable) ?? "deckhand.json5"
        return Finding("assistant.instructions", .fine, "\(text.utf8.count) bytes from \(place)")
    }

    private static func limits(_ configuration: Configuration) -> Finding {
        let limits = configuration.assistant.limits
        let texts = [
            "\(limits.modelCalls) model calls", "\(limits.toolSteps) tool calls",
            ConfigurationValue.show(limits.time), "\(limits.tokens) tokens",
            limits.cost.map { "cost \(amount($0))" } ?? "any cost",
        ]
        let text = "of a turn: " + texts.joined(separator: ", ")
        let model = configuration.assistant.defaultModel
        if limits.cost != nil, let model, configuration.assistant.prices[model] == nil {
            return Finding(
                "assistant.limits",
                .weak,
                text + ", which has no effect for \(model): its price is not known",
                hint: "Add its price to assistant.prices."
            )
        }
        return Finding("assistant.limits", .fine, text)
    }

    private static func amount(_ millionths: Int64) -> String {
        var digits = String(millionths % 1_000_000 + 1_000_000).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(millionths / 1_000_000)" + (digits.isEmpty ? "" : ".\(digits)")
    }

    private static func retention(_ assistant: AssistantConfiguration) -> Finding {
        let chats = ConfigurationValue.show(assistant.keepChats)
        let shares = ConfigurationValue.show(assistant.keepShares)
        return Finding("assistant.retention", .fine, "chats \(chats) after their last use, shares \(shares)")
    }

    private static func profile(_ assistant: AssistantConfiguration) -> [Finding] {
        let profile: SystemProfile
        switch assistant.profile {
        case .off: return [Finding("profile", .fine, "off: the model is told nothing about this machine")]
        case .given(let given): profile = given
        case .probed: profile = ProfileProbe().look()
        }
        return profile.facts.map { fact in
            Finding("profile.\(TextTable.printable(fact.name))", .fine, TextTable.printable(fact.text))
        }
    }
}
