import Core
import Domain

extension ConfigurationOption {
    private typealias Value = ConfigurationValue

    static let limits = [
        ConfigurationOption(
            key: "DECKHAND_TIME_LIMIT",
            group: .limits,
            placeholder: "TIME",
            summary: "How long a command may run.",
            defaultText: "300s",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.time = try Value.duration(
                    text,
                    atMost: .seconds(30 * 86_400)
                )
            },
            show: { Value.show($0.execution.limits.time) }
        ),
        ConfigurationOption(
            key: "DECKHAND_BRIDGE_TIME_LIMIT",
            group: .limits,
            placeholder: "TIME",
            summary: "How long a command of the panel assistant's bridge may run.",
            defaultText: "3s",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.bridgeTimeLimit = try Value.duration(
                    text,
                    atMost: .seconds(600)
                )
            },
            show: { Value.show($0.execution.bridgeTimeLimit) }
        ),
        ConfigurationOption(
            key: "DECKHAND_GRACE",
            group: .limits,
            placeholder: "TIME",
            summary: "How long a command has after SIGTERM before SIGKILL.",
            defaultText: "5s",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.grace = try Value.duration(text, atMost: .seconds(600))
            },
            show: { Value.show($0.execution.limits.grace) }
        ),
        ConfigurationOption(
            key: "DECKHAND_OUTPUT_LIMIT",
            group: .limits,
            placeholder: "SIZE",
            summary: "Output that is kept of one command.",
            defaultText: "64MiB",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.outputBytes = try Value.bytes(
                    text,
                    in: 4_096...(1 << 40)
                )
            },
            show: { Value.show(bytes: $0.execution.limits.outputBytes) }
        ),
        ConfigurationOption(
            key: "DECKHAND_OUTPUT_POLICY",
            group: .limits,
            placeholder: "keep|end",
            summary: "Beyond that: keep the head and the newest part, or end the command.",
            defaultText: "keep",
            apply: { text, draft throws(UnacceptableValue) in
                guard let policy = OutputPolicy(rawValue: text.lowercased()) else {
                    throw UnacceptableValue("“\(text)” is not known", hint: "Give keep or end.")
                }
                draft.configuration.execution.limits.outputPolicy = policy
            },
            show: { $0.execution.limits.outputPolicy.rawValue }
        ),
        ConfigurationOption(
            key: "DECKHAND_MEMORY_LIMIT",
            group: .limits,
            placeholder: "SIZE|none",
            summary: "Memory of a command with all its processes; without control groups of each process.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.memoryBytes =
                    text == "none" ? nil : try Value.bytes(text, in: (1 << 20)...(1 << 50))
            },
            show: { $0.execution.limits.memoryBytes.map { Value.show(bytes: $0) } ?? "none" }
        ),
        ConfigurationOption(
            key: "DECKHAND_PROCESS_LIMIT",
            group: .limits,
            placeholder: "NUMBER|none",
            summary: "Processes of a command at a time; without control groups of its user.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.processes = try optional(text, in: 1...4_194_304)
            },
            show: { Value.show(optional: $0.execution.limits.processes) }
        ),
        ConfigurationOption(
            key: "DECKHAND_CPU_LIMIT",
            group: .limits,
            placeholder: "SECONDS|none",
            summary: "CPU time of each process of a command.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.cpuSeconds = try optional(text, in: 1...31_536_000)
            },
            show: { Value.show(optional: $0.execution.limits.cpuSeconds) }
        ),
        ConfigurationOption(
            key: "DECKHAND_FILES_LIMIT",
            group: .limits,
            placeholder: "NUMBER|none",
            summary: "Open files of each process of a command.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.execution.limits.openFiles = try optional(text, in: 16...1_048_576)
            },
            show: { Value.show(optional: $0.execution.limits.openFiles) }
        ),
    ]

    static let scheduling = [
        ConfigurationOption(
            key: "DECKHAND_MAX_RUNNING",
            group: .scheduling,
            placeholder: "NUMBER",
            summary: "Commands that run at a time.",
            defaultText: "32",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.scheduling.running.total = try Value.count(text, in: 1...10_000)
            },
            show: { "\($0.scheduling.running.total)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_MAX_RUNNING_PER_SESSION",
            group: .scheduling,
            placeholder: "NUMBER",
            summary: "Commands of one session that run at a time.",
            defaultText: "8",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.scheduling.running.perSession = try Value.count(text, in: 1...10_000)
            },
            show: { "\($0.scheduling.running.perSession)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_MAX_RUNNING_PER_PRINCIPAL",
            group: .scheduling,
            placeholder: "NUMBER",
            summary: "Commands of one hash, token or local user that run at a time.",
            defaultText: "32",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.scheduling.running.perPrincipal = try Value.count(text, in: 1...10_000)
            },
            show: { "\($0.scheduling.running.perPrincipal)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_QUEUE",
            group: .scheduling,
            placeholder: "NUMBER",
            summary: "Commands that may wait; more are refused with 429.",
            defaultText: "10000",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.scheduling.queue = try Value.count(text, in: 1...1_000_000)
            },
            show: { "\($0.scheduling.queue)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_KEEP_DAYS",
            group: .scheduling,
            placeholder: "DAYS",
            summary: "How long finished commands and their output are kept.",
            defaultText: "90d",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.retention.age = try Value.duration(
                    text,
                    unit: "d",
                    atMost: .seconds(36_500 * 86_400)
                )
            },
            show: { Value.show($0.retention.age) }
        ),
        ConfigurationOption(
            key: "DECKHAND_KEEP_BYTES",
            group: .scheduling,
            placeholder: "SIZE",
            summary: "Output of finished commands that is kept in all.",
            defaultText: "10GiB",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.retention.bytes = try Value.bytes(text, in: (1 << 20)...(1 << 60))
            },
            show: { Value.show(bytes: $0.retention.bytes) }
        ),
    ]

    private static func optional(_ text: String, in range: ClosedRange<Int>) throws(UnacceptableValue) -> Int?
    {
        text == "none" ? nil : try Value.count(text, in: range)
    }
}
