internal import Core
internal import Domain

/// The tools through which a model reaches this machine, as they are described to it.
enum ShellToolForms {
    static let shellName = "shell"
    /// Beside a provider's own shell tool, which has no such options.
    static let startName = "ticket_start"
    static let outputName = "ticket_output"
    static let inputName = "ticket_input"
    static let cancelName = "ticket_cancel"

    /// What a principal may use, in the form that suits the model.
    ///
    /// A provider's own shell tool has no way to name secrets, so that it gives way to the function where there are any.
    static func offered(
        to principal: Principal,
        native: Bool,
        secrets: [SecretName],
        typing: Bool,
        softLimit: Duration
    ) -> [OfferedTool] {
        guard principal.permissions.contains(.shellRun), principal.permissions.contains(.shellRead) else {
            return []
        }
        let mayType = typing && principal.permissions.contains(.shellInput)
        var tools: [OfferedTool] =
            native && secrets.isEmpty
            ? [.shell, .function(start(mayType: mayType))] : [.function(shell(softLimit, secrets))]
        tools.append(.function(output))
        if mayType { tools.append(.function(input)) }
        tools.append(.function(cancel))
        return tools
    }

    private static func shell(_ softLimit: Duration, _ secrets: [SecretName]) -> FunctionTool {
        var properties: [String: JSONValue] = [
            "command": text("The command line for bash."),
            "background": flag("Run beside other commands, in a shell of its own."),
            "interactive": flag("Keep its input open for ticket_input."),
            "timeout": number("Seconds after which the command is ended."),
            "wait": number("Seconds to wait for the end before you get the ticket."),
        ]
        if !secrets.isEmpty {
            properties["secrets"] = list(
                """
                Names of the registered secrets that the command finds in its environment. Use each as "$NAME" in the \
                command; their values are never shown.
                """,
                of: secrets.map(\.rawValue)
            )
        }
        return FunctionTool(
            name: shellName,
            description: """
                Runs a command with bash on this server. The working directory and exported variables carry over to \
                the next command. Reading is usually allowed at once; changes wait until the person approves them. \
                When the command still runs after \(Int(softLimit.inSeconds)) seconds you get its ticket and go on from there.
                """,
            parameters: object(properties, required: ["command"])
        )
    }

    private static func start(mayType: Bool) -> FunctionTool {
        var properties: [String: JSONValue] = [
            "command": text("The command line for bash."),
            "background": flag("Run beside other commands, in a shell of its own."),
            "timeout": number("Seconds after which the command is ended."),
            "wait": number("Seconds to wait for the end before you get the ticket."),
        ]
        if mayType { properties["interactive"] = flag("Keep its input open for ticket_input.") }
        return FunctionTool(
            name: startName,
            description: """
                Starts a command that goes on beside others\(mayType ? ", or one that is typed into" : ""), as a ticket. \
                Otherwise use the shell tool; working directory, variables and approvals are the same.
                """,
            parameters: object(properties, required: ["command"])
        )
    }

    private static let output = FunctionTool(
        name: outputName,
        description: """
            Waits for a ticket that still runs, or reads more of a ticket's output. Gives the state and the output \
            from the offset, or the last lines.
            """,
        parameters: object(
            [
                "ticket": text("The ticket, as named in an earlier result, such as chat-7/3."),
                "offset": number("The byte to begin with."),
                "tail_lines": number("The last lines instead."),
                "wait": number("Seconds to wait for its end, at most 60."),
            ],
            required: ["ticket"]
        )
    )

    private static let input = FunctionTool(
        name: inputName,
        description: "Types into a command that was started with interactive. The person is asked before.",
        parameters: object(
            [
                "ticket": text("The ticket."),
                "text": text("What is typed, with its newlines."),
                "close": flag("End the input after it."),
            ],
            required: ["ticket", "text"]
        )
    )

    private static let cancel = FunctionTool(
        name: cancelName,
        description: "Ends a ticket with all its processes.",
        parameters: object(["ticket": text("The ticket.")], required: ["ticket"])
    )

    private static func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
        .object([
            "type": .string("object"), "properties": .object(properties),
            "required": .array(required.map(JSONValue.string)), "additionalProperties": .bool(false),
        ])
    }

    private static func text(_ description: String) -> JSONValue { property("string", description) }
    private static func flag(_ description: String) -> JSONValue { property("boolean", description) }
    private static func number(_ description: String) -> JSONValue { property("number", description) }
    private static func list(_ description: String, of words: [String]) -> JSONValue {
        .object([
            "type": .string("array"),
            "items": .object(["type": .string("string"), "enum": .array(words.map(JSONValue.string))]),
            "description": .string(description),
        ])
    }
    private static func property(_ type: String, _ description: String) -> JSONValue {
        .object(["type": .string(type), "description": .string(description)])
    }
}
