extension ConfigurationReference {
    /// The part of the reference page about the section `approvals`.
    static let approvals = [
        "", "## `approvals`", "",
        "A webhook is told when a command begins to wait for a person, and when that was settled; "
            + "[policy.md](policy.md#telling-somebody) says what it gets. The address is `https`, or `http` to this machine; like the "
            + "secret it may be `{ env: \"NAME\" }` or `{ file: \"PATH\" }`.",
        "", "```json5", "{", "    approvals: {",
        "        webhook: {",
        "            url: \"https://chat.example.com/hooks/deckhand\",",
        "            secret: { env: \"WEBHOOK_SECRET\" }, // 24 characters or more; signs each notice",
        "            detail: false, // true: command, directory and user are told too",
        "        },",
        "    },", "}", "```",
    ]
}
