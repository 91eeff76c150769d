import Core
import Domain

extension ConfigurationOption {
    private typealias Value = ConfigurationValue

    static let commands = [
        ConfigurationOption(
            key: "DECKHAND_SHELL",
            group: .commands,
            placeholder: "on|off",
            summary: "Whether commands can be run at all; off removes every route that could.",
            defaultText: "on; off as soon as the section `hosts` names an application",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.shell = try Value.isOn(text)
            },
            show: { $0.execution.shell ? "on" : "off" }
        ),
        ConfigurationOption(
            key: "GET_POLICY",
            group: .commands,
            placeholder: "trusted|ask",
            summary: "How commands of the GET face are judged: by the deny rules only, or by all rules.",
            defaultText: "trusted",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.getPolicy = try Value.choice(text, GetPolicy.self)
            },
            show: { $0.execution.getPolicy.rawValue }
        ),
        ConfigurationOption(
            key: "DECKHAND_RUN_AS",
            group: .commands,
            placeholder: "USER",
            summary: "The system user that commands run as; needs a server that is root.",
            defaultText: "the server's own",
            apply: { text, draft throws(UnacceptableValue) in
                let isName = text.utf8.allSatisfy {
                    $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/")
                }
                guard isName, !text.isEmpty else {
                    throw UnacceptableValue(
                        "“\(text)” is not the name of a user",
                        hint: "Give a name of /etc/passwd."
                    )
                }
                draft.configuration.execution.runAs = text
            },
            show: { $0.execution.runAs ?? "the server's own" }
        ),
        ConfigurationOption(
            key: "DECKHAND_CGROUP",
            group: .commands,
            placeholder: "auto|off",
            summary: "Whether each command gets a control group where the machine can.",
            defaultText: "auto",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.cgroup = try Value.choice(text, Availability.self)
            },
            show: { $0.execution.cgroup.rawValue }
        ),
        ConfigurationOption(
            key: "DECKHAND_HIDE_DATA",
            group: .commands,
            placeholder: "auto|off",
            summary: "Whether the data directory is hidden from commands where the machine can.",
            defaultText: "auto",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.hideData = try Value.choice(text, Availability.self)
            },
            show: { $0.execution.hideData.rawValue }
        ),
        ConfigurationOption(
            key: "DECKHAND_READ_ONLY",
            group: .commands,
            placeholder: "auto|off",
            summary:
                "Whether commands that a rule allows as reading are kept from writing files where the machine can.",
            defaultText: "auto",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.readOnly = try Value.choice(text, Availability.self)
            },
            show: { $0.execution.readOnly.rawValue }
        ),
        ConfigurationOption(
            key: "DECKHAND_ENV_ALLOW",
            group: .commands,
            placeholder: "NAME,…",
            summary: "Variables of the server's environment that commands get.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                let names = Value.list(text)
                for name in names {
                    guard EnvironmentFile.isName(name) else {
                        throw UnacceptableValue(
                            "“\(name)” is not the name of a variable",
                            hint: "Give names such as LANG,TZ."
                        )
                    }
                    guard !ownNames.contains(name), !name.hasPrefix("DECKHAND_") else {
                        throw UnacceptableValue(
                            "\(name) is the server's own",
                            hint: "Take it out of the list."
                        )
                    }
                }
                draft.configuration.execution.environmentAllowList = names
            },
            show: {
                let names = $0.execution.environmentAllowList
                return names.isEmpty ? "none" : names.joined(separator: ",")
            }
        ),
        ConfigurationOption(
            key: "DECKHAND_RUNNER",
            group: .commands,
            placeholder: "FILE",
            summary: "The program that owns one command.",
            defaultText: "“deckhand-runner” beside this program",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.runnerPath = try draft.absolute(text)
            },
            show: { $0.execution.runnerPath }
        ),
    ]

    /// Secrets that commands never see.
    private static var ownNames: Set<String> { Set(all.filter(\.isSecret).map(\.key)) }
}
