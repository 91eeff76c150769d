internal import Core
internal import Domain

/// What a client's commands printed and how they ended: `cmdResults`, the bridge's answers in the order of the commands.
struct CommandResults: Sendable, Equatable {
    private(set) var results: [ShellCommandResult] = []
    private let maximumOutput: Int?

    var isEmpty: Bool { results.isEmpty }

    /// Reads the bridge's answers, or what stands below `received` in them; throws `bad_request` for anything else.
    init(_ values: [JSONValue], maximumOutput: Int?) throws(Failure) {
        self.maximumOutput = maximumOutput
        for value in values {
            guard value.object != nil else { throw ChatterFields.wrong("cmdResults", "an array of objects") }
            results.append(Self.result(value))
        }
    }

    private static func result(_ value: JSONValue) -> ShellCommandResult {
        let inner = value["received"]?.object == nil ? value : value["received"] ?? value
        let code = inner["exitCode"]?.integer ?? inner["exit_code"]?.integer
        let isTimeout = [inner["timeout"], inner["timedOut"], value["timedOut"]].contains(.bool(true))
        let stderr = inner["stderr"]?.string ?? ""
        // The bridge itself refused: the model is to know why, instead of taking it for a slow command.
        if code == nil, let error = value["error"]?.string {
            let text = [stderr, error].filter { !$0.isEmpty }.joined(separator: "\n")
            return ShellCommandResult(stdout: "", stderr: text, outcome: .exit(code: 126))
        }
        return ShellCommandResult(
            stdout: inner["stdout"]?.string ?? "",
            stderr: stderr,
            outcome: isTimeout ? .timeout : code.map { .exit(code: Int(clamping: $0)) } ?? .timeout
        )
    }

    /// The results as those of the calls that the model made; nil when they are not the results of these.
    ///
    /// With `callID` only that call's. Calls beyond the results stay without one.
    func matched(to calls: [ToolCall], callID: String?) -> [ToolResult]? {
        let calls = callID.map { id in calls.filter { $0.id == id } } ?? calls
        let counts = calls.map(Self.commandCount)
        guard !isEmpty, counts.reduce(0, +) >= results.count else { return nil }
        var left = results[...]
        var matched: [ToolResult] = []
        for (call, count) in zip(calls, counts) where !left.isEmpty {
            let own = Array(left.prefix(count))
            left = left.dropFirst(count)
            matched.append(Self.result(of: call, own, maximumOutput))
        }
        return matched
    }

    private static func commandCount(_ call: ToolCall) -> Int {
        if case .shell(let commands, _, _) = call.request { max(1, commands.count) } else { 1 }
    }

    private static func result(of call: ToolCall, _ own: [ShellCommandResult], _ maximumOutput: Int?)
        -> ToolResult
    {
        guard case .shell(_, _, let wanted) = call.request else {
            return ToolResult(
                callID: call.id,
                name: call.name,
                content: .parts([.text(own.map(text).joined(separator: "\n"))], isError: false)
            )
        }
        return ToolResult(
            callID: call.id,
            name: call.name,
            content: .shell(own, maximumOutput: maximumOutput ?? wanted)
        )
    }

    private static func text(_ result: ShellCommandResult) -> String {
        var text =
            switch result.outcome {
            case .exit(let code): "exit code \(code)\n"
            case .timeout: "ended by its time limit\n"
            }
        text += result.stdout
        if !result.stderr.isEmpty { text += "\n--- stderr ---\n" + result.stderr }
        return text
    }

    /// The results as a message of the user, for a conversation in which the call itself is not known.
    func message(callID: String?) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.string("shell_call_output")
            if let callID {
                writer.key("call_id")
                writer.string(callID)
            }
            if let maximumOutput {
                writer.key("max_output_length")
                writer.integer(maximumOutput)
            }
            writer.key("output")
            writer.array { writer in for result in results { Self.write(result, to: &writer) } }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ result: ShellCommandResult, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("stdout")
            writer.string(result.stdout)
            writer.key("stderr")
            writer.string(result.stderr)
            writer.key("outcome")
            writer.object { writer in
                writer.key("type")
                switch result.outcome {
                case .timeout: writer.string("timeout")
                case .exit(let code):
                    writer.string("exit")
                    writer.key("exit_code")
                    writer.integer(code)
                }
            }
        }
    }
}
