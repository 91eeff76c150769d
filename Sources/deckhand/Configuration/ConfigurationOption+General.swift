import Core
import Domain

extension ConfigurationOption {
    static let general = [
        ConfigurationOption(
            key: "HASH",
            group: .general,
            placeholder: "TEXT",
            summary: "The secret that opens the GET face, 32 characters or more.",
            defaultText: "the one in the data directory's file “hash”",
            isSecret: true,
            apply: { text, draft throws(UnacceptableValue) in
                try checkHash(text)
                draft.configuration.hash = Secret(text)
            },
            show: { configuration in
                configuration.hash.map { "set, \($0.reveal().count) characters" } ?? "in the data directory"
            }
        ),
        ConfigurationOption(
            key: "DECKHAND_DATA",
            group: .general,
            placeholder: "DIRECTORY",
            summary: "Where keys, database and socket live; made at the first start, for its owner only.",
            defaultText:
                "/var/lib/deckhand for root, else $XDG_DATA_HOME/deckhand or ~/.local/share/deckhand",
            isAllowedInFile: false,
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.dataDirectory = try draft.absolute(text)
            },
            show: { $0.dataDirectory }
        ),
        ConfigurationOption(
            key: "DECKHAND_CONFIG",
            group: .general,
            placeholder: "FILE",
            summary: "The file of settings and sections; one that is named here must exist.",
            defaultText: "“deckhand.json5” in the data directory",
            isAllowedInFile: false,
            apply: { text, draft throws(UnacceptableValue) in
                draft.configurationFile = try draft.absolute(text)
            },
            show: { $0.file }
        ),
        ConfigurationOption(
            key: "SESSIONS_DIR",
            group: .general,
            placeholder: "DIRECTORY",
            summary:
                "Where the folders of the sessions live; a relative one is taken from the working directory.",
            defaultText: "“sessions” in the data directory",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.sessionsDirectory = try draft.absolute(text)
            },
            show: { $0.sessionsDirectory }
        ),
        ConfigurationOption(
            key: "DECKHAND_LOG_LEVEL",
            group: .general,
            placeholder: "LEVEL",
            summary:
                "The least important lines that are logged: trace, debug, info, notice, warning or error.",
            defaultText: "info",
            apply: { text, draft throws(UnacceptableValue) in
                guard let level = LogLevel.allCases.first(where: { $0.name.description == text.lowercased() })
                else {
                    throw UnacceptableValue(
                        "“\(text)” is not a level",
                        hint: "Give one of: trace, debug, info, notice, warning, error."
                    )
                }
                draft.configuration.logLevel = level
            },
            show: { $0.logLevel.name.description }
        ),
    ]

    /// Refuses hashes that could be guessed or that could not be sent as a header or query value.
    static func checkHash(_ text: String) throws(UnacceptableValue) {
        guard text.count >= 32 else {
            throw UnacceptableValue(
                "the hash has \(text.count) characters, which could be guessed",
                hint: "Use 32 characters or more, for example from: openssl rand -hex 32"
            )
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text.utf8.count <= 1_024 else {
            throw UnacceptableValue(
                "the hash holds spaces or characters beyond ASCII, or is longer than 1024",
                hint: "Use letters and digits, for example from: openssl rand -hex 32"
            )
        }
    }
}
