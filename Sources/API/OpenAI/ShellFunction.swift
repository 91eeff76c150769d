internal import Core
internal import Domain

/// The shell tool of the newer interface as a function, for models whose provider does not have it.
struct ShellFunction: Sendable {
    let commands: [String]
    let timeout: Duration?
    let maximumOutput: Int?

    /// Reads the arguments of a call; no commands when they are not as declared.
    init(arguments: String) {
        let value = (try? JSONValue(parsing: Array(arguments.utf8))) ?? .null
        var commands = (value["commands"]?.array ?? []).compactMap(\.string)
        if commands.isEmpty, let command = value["command"]?.string { commands = [command] }
        self.commands = commands
        timeout = Self.count(value["timeout_ms"]).map { .milliseconds($0) }
        maximumOutput = Self.count(value["max_output_length"])
    }

    private static func count(_ value: JSONValue?) -> Int? {
        guard let number = value?.integer, number > 0, number <= Int64(Int32.max) else { return nil }
        return Int(number)
    }

    /// What is offered in the tool's place.
    static let offered = FunctionTool(
        name: "shell",
        description: "Runs shell commands in order, and gives what each printed and how it ended.",
        parameters: .object([
            "type": .string("object"),
            "properties": .object([
                "commands": .object([
                    "type": .string("array"), "items": .object(["type": .string("string")]),
                    "description": .string("The command lines."),
                ]),
                "timeout_ms": .object([
                    "type": .string("integer"),
                    "description": .string("Milliseconds after which a command is ended."),
                ]),
            ]),
            "required": .array([.string("commands")]),
            "additionalProperties": .bool(false),
        ])
    )

    /// The request for a provider that lacks the tool.
    static func replacing(in request: ModelRequest) -> ModelRequest {
        var request = request
        request.tools = request.tools.map { $0 == .shell ? .function(offered) : $0 }
        return request
    }
}
