extension ConfigurationReference {
    /// The part of the reference page about the section `artifacts`.
    static let artifacts = [
        "", "## `artifacts`", "",
        "Files that models and applications made for people, see [ai-layer.md](ai-layer.md#artifacts-files-that-were-made). Every member "
            + "may be left out; what stands here are the defaults. Whoever reaches a limit is told so, and nothing that is kept is lost.",
        "", "```json5", "{", "    artifacts: {",
        "        maximumBytes: \"10MiB\", // of one file",
        "        bytesOfUser: \"256MiB\", filesOfUser: 2000, // of one user or operator in all",
        "        bytesOfClient: \"4GiB\", // of all users of a client",
        "        keep: \"90d\",",
        "    },", "}", "```",
    ]
}
