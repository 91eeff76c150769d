import Providers

/// Help and the reference page, made from the table.
enum ConfigurationReference {
    /// The text of `deckhand help configuration`.
    static func help() -> String {
        var lines = [
            "Options of serve and check. Each may be given, in this order of precedence:",
            "  as a flag, in the environment, in .env of the working directory, in the section “settings” of",
            "  deckhand.json5 in the data directory (or the file that DECKHAND_CONFIG names), in that section of",
            "  the files settings.d/*.json5 of the data directory, which deckhand panel install writes.",
        ]
        for group in ConfigurationOption.Group.allCases {
            lines += ["", "\(group.rawValue):"]
            for option in ConfigurationOption.all where option.group == group {
                let flag =
                    option.flag.map { "\($0) \(option.placeholder)" }
                    ?? "(no flag: other users could read it)"
                lines.append("  \(option.key)  \(flag)")
                lines.append("      \(option.summary) Default: \(option.defaultText).")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The reference page in Markdown, as it stands in docs/configuration.md.
    static func markdown() -> String {
        var lines = [
            "# Configuration", "",
            "Flags beat the environment, which beats `.env` in the working directory (read by `serve` and `check` only, "
                + "and only if it is yours and nobody else may write it), which beats `deckhand.json5` in the data "
                + "directory or the file that `DECKHAND_CONFIG` names (under the same condition), which beats the files "
                + "`settings.d/*.json5` of the data directory, which beat the defaults. "
                + "All mistakes are reported together.",
            "", "## `deckhand.json5`", "",
            "JSON with comments, names without quotes and trailing commas (https://spec.json5.org):", "",
            "```json5", "{", "    // The address that clients use.",
            "    settings: { fqdn: \"https://example.com/deckhand\", max_running: 16 },", "}", "```", "",
            "| Section | Meaning |", "|---|---|",
        ]
        lines += ConfigurationSection.allCases.map { "| `\($0.rawValue)` | \($0.summary) |" }
        lines += [
            "",
            "Files of `settings.d` have the section `settings` only; of two the later name beats the earlier one. "
                + "`deckhand panel install` keeps what a panel needs there ([panels.md](panels.md)); they are yours "
                + "to read, and better left to it.",
        ]
        lines += [
            "", "## `providers`", "",
            "A key of the option table makes a provider without this section, and so does the file `keys/openai`, `keys/anthropic` "
                + "or `keys/gemini` of the data directory. An entry with one of these names keeps that key and that model as long as "
                + "it is of the vendor's kind and says no `baseURL` or `key` of its own. Others stand here by their names; addresses are "
                + "`https`, or `http` to this machine. Kinds: "
                + ProviderKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") + ".",
            "", "```json5", "{", "    providers: {", "        work: {",
            "            kind: \"openai-responses\",",
            "            baseURL: \"https://api.openai.com/v1\", // the vendor's own when left out",
            "            key: { env: \"WORK_KEY\" }, // from the environment or .env; or { file: \"/etc/deckhand/work.key\" }",
            "            // Without one the file keys/work of the data directory is read if it is there (yours alone: chmod 600).",
            "            defaultModel: \"gpt-5.1\", // the only model when left out",
            "            streams: true, // false for servers that cannot",
            "            retries: 2, // when it is busy or not there",
            "            // Until an answer begins, without any byte, and without anything but signs of life.",
            "            timeouts: { firstByte: \"10m\", silence: \"5m\", withoutContent: \"15m\" },",
            "            headers: { \"X-Team\": \"ops\", \"X-Gateway-Key\": { env: \"GATEWAY_KEY\" } }, // with every request",
            "            // Others can be asked for as well; all members but name may be left out. Prices are for a million tokens.",
            "            models: [{ name: \"gpt-5.1\", title: \"GPT\", contextWindow: 400000, maximumOutputTokens: 32000,",
            "                images: true, shellTool: true, reasoning: true, efforts: [\"low\", \"high\"],",
            "                price: { input: 1.25, cachedInput: 0.125, output: 10 } }],",
            "            // deployment: the key above; user: each user's own key, kept sealed, which goes first; or both.",
            "            credentials: [\"deployment\"],",
            "        },",
            "        // Takes its program from CODEX_CLI_BIN; each user logs in with an account of their own.",
            "        codex: { kind: \"codex\", defaultModel: \"gpt-6.1-sol\", idle: \"5m\", maximumProcesses: 32 },",
            "    },", "}", "```",
        ]
        lines += assistant + approvals + artifacts + hosts + prices
        for group in ConfigurationOption.Group.allCases {
            lines += [
                "", "## \(group.rawValue)", "", "| Name | Flag | In `settings` | Meaning | Default |",
                "|---|---|---|---|---|",
            ]
            for option in ConfigurationOption.all where option.group == group {
                let placeholder = String(option.placeholder.map { $0 == "|" ? "/" : $0 })
                let flag = option.flag.map { "`\($0) \(placeholder)`" } ?? "–"
                let fileKey = option.fileKey.map { "`\($0)`" } ?? "–"
                lines.append(
                    "| `\(option.key)` | \(flag) | \(fileKey) | \(option.summary) | \(option.defaultText) |"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
