import Application
import Core
import Domain

extension ConfigurationOption {
    private typealias Value = ConfigurationValue

    static let signIn = [
        ConfigurationOption(
            key: "DECKHAND_SIGN_IN_BROWSER",
            group: .signIn,
            placeholder: "TIME",
            summary: "How long a browser stays signed in after its last use.",
            defaultText: "30d",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.signIn.browserLifetime = try Value.duration(
                    text,
                    unit: "d",
                    atMost: .seconds(365 * 86_400)
                )
            },
            show: { Value.show($0.signIn.browserLifetime) }
        ),
        ConfigurationOption(
            key: "DECKHAND_SIGN_IN_CLIENT",
            group: .signIn,
            placeholder: "TIME",
            summary: "How long the token of a client that signed in holds.",
            defaultText: "1d",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.signIn.clientLifetime = try Value.duration(
                    text,
                    unit: "d",
                    atMost: .seconds(365 * 86_400)
                )
            },
            show: { Value.show($0.signIn.clientLifetime) }
        ),
        ConfigurationOption(
            key: "DECKHAND_SIGN_INS",
            group: .signIn,
            placeholder: "NUMBER",
            summary: "Sign-ins of one operator at a time; a new one ends the oldest.",
            defaultText: "100",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.signIn.limit = try Value.count(text, in: 1...10_000)
            },
            show: { "\($0.signIn.limit)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_PASSPHRASE_COST",
            group: .signIn,
            placeholder: "NUMBER",
            summary: "The bcrypt cost of new passphrases; one more doubles the time of each check.",
            defaultText: "12",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.signIn.cost = try Value.count(text, in: 4...16)
            },
            show: { "\($0.signIn.cost)" }
        ),
        ConfigurationOption(
            key: "SECRET_RANDOM",
            group: .signIn,
            placeholder: "TEXT",
            summary: "The key that signs the tokens of clients, 32 characters or more.",
            defaultText: "one derived from the data directory's key",
            isSecret: true,
            apply: { text, draft throws(UnacceptableValue) in
                guard text.count >= 32 else {
                    throw UnacceptableValue(
                        "the key has \(text.count) characters, which could be guessed",
                        hint:
                            "Use 32 characters or more, for example from: openssl rand -hex 32; or remove it."
                    )
                }
                draft.configuration.signIn.tokenKey = Secret(text)
            },
            show: { configuration in
                configuration.signIn.tokenKey.map { "set, \($0.reveal().count) characters" }
                    ?? "derived from the data directory's key"
            }
        ),
        ConfigurationOption(
            key: "LLM_CHATTER_PASSPHRASE",
            group: .signIn,
            placeholder: "JSON",
            summary: #"More operators with bcrypt hashes: {"users": [{"name": "…", "value": "$2y$…"}]}."#,
            defaultText: "none",
            isSecret: true,
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.signIn.operators = try EnvironmentOperators.parse(text)
            },
            show: { configuration in
                let names = configuration.signIn.operators.map(\.name.rawValue)
                return names.isEmpty ? "none" : names.joined(separator: ", ")
            }
        ),
    ]
}
