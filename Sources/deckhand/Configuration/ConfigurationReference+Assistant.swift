extension ConfigurationReference {
    /// The part of the reference page about the section `assistant`.
    static let assistant = [
        "", "## `assistant`", "",
        "Every member may be left out; what stands here are the defaults, but for `defaultModel`, `instructions`, `reasoning`, "
            + "`verbosity`, `cost`, `prices`, `summaryModel`, `titleModel` and `prompts`, which have none. Times are seconds (days for `keep…`) or texts such as `\"90s\"`; sizes "
            + "are bytes or texts such as `\"64KiB\"`.",
        "", "```json5", "{", "    assistant: {",
        "        defaultModel: \"openai/gpt-5.1\", // else that of the first provider",
        "        instructions: \"You help …\", // in place of the built-in text; or instructionsFile: \"/etc/deckhand/instructions.md\"",
        "        reasoning: \"medium\", // none, minimal, low, medium, high, xhigh",
        "        verbosity: \"medium\", // low, medium, high",
        "        // What one turn may use; `time` without waiting for people.",
        "        limits: { modelCalls: 60, toolCalls: 120, time: \"1h\", tokens: 4000000, cost: 2.5 },",
        "        // For a million tokens; those of `providers` need not be repeated. Without a price there is no cap of cost.",
        "        prices: { \"openai/gpt-5.1\": { input: 1.25, cachedInput: 0.125, output: 10 } },",
        "        softLimit: \"20s\", // then the model is told that a command still runs",
        "        resultBytes: 16000, // of one command's output that the model is shown",
        "        contextBytes: 400000, // of earlier turns that the model is shown; half of its window at most",
        "        summaries: true, // older turns that do not fit are summarised by a model; false: left out",
        "        summaryModel: \"openai/gpt-5-mini\", // else the chat's",
        "        titles: \"model\", // a model names a chat after its first turn; \"first-line\": its first message does",
        "        titleModel: \"openai/gpt-5-mini\", // else the chat's",
        "        maximumWorkingTurns: 2000,",
        "        keepChats: \"30d\", // after their last use",
        "        keepShares: \"365d\",",
        "        // Questions that the assistant of operators offers, in place of its own; [] for none.",
        "        prompts: [{ name: \"Disk usage\", text: \"Which directories use the most disk space?\" }],",
        "        // What the model is told about this machine: looked up, \"off\", or an object of facts such as",
        "        // { os: \"AlmaLinux 9.4\", panel: \"CWP\", web: \"nginx before Apache\" }. `deckhand check` shows it.",
        "        profile: \"probe\",",
        "    },", "}", "```",
    ]
}
