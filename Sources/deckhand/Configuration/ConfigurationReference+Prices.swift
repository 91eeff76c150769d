extension ConfigurationReference {
    /// The part of the reference page about the section `prices`.
    static let prices = [
        "", "## `prices`", "",
        "Without this section nothing costs anything, and usage is recorded only. All amounts are whole minor units of `unit`; see "
            + "[credits.md](credits.md).",
        "", "```json5", "{", "    prices: {",
        "        unit: \"EUR\", decimals: 4, // 10000 minor units are one; \"credits\" and 4 without this",
        "        holdFor: \"1h\", // after which a reservation that nobody ended ends by itself",
        "        assumedOutputTokens: 8192, // reserved for a call that has no limit of its own",
        "        // For a million tokens; `call` is for each call. A name may end in *; a model without a price cannot be paid for.",
        "        models: { \"openai/gpt-5.1\": { input: 12500, cachedInput: 1250, output: 100000, reasoning: 100000, call: 0 },",
        "                  \"ollama/*\": { input: 0, output: 0 } },",
        "        // For one of what host applications report.",
        "        items: { document: 500, message: 120 },",
        "    },", "}", "```",
    ]
}
