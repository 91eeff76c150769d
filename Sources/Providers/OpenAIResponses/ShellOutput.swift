internal import Core
internal import Domain

/// The results of a shell call as the vendor wants them: one for each command, within the bound that the call named.
struct ShellOutput {
    private(set) var results: [ShellCommandResult]

    /// Makes as many results as there were commands; 0 keeps those that there are.
    init(_ result: ToolResult, commands: Int, maximum: Int?) {
        switch result.content {
        case .shell(let given, let limit):
            results = given
            cut(to: [maximum, limit].compactMap(\.self).min())
        case .parts(let parts, let isError):
            let text = parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
                .joined(separator: "\n")
            results = [
                ShellCommandResult(
                    stdout: isError ? "" : text,
                    stderr: isError ? text : "",
                    outcome: .exit(code: isError ? 126 : 0)
                )
            ]
            cut(to: maximum)
        }
        guard commands > 0 else { return }
        results = Array(results.prefix(commands))
        while results.count < commands {
            results.append(ShellCommandResult(stdout: "", stderr: "not run", outcome: .exit(code: 126)))
        }
    }

    /// The bound counts the characters of all results together, as the vendor's own agents read it.
    private mutating func cut(to maximum: Int?) {
        guard var left = maximum.map({ max(0, $0) }) else { return }
        for index in results.indices {
            results[index].stdout = Self.take(results[index].stdout, &left)
            results[index].stderr = Self.take(results[index].stderr, &left)
        }
    }

    private static func take(_ text: String, _ left: inout Int) -> String {
        let taken = text.prefix(left)
        left -= taken.count
        return String(taken)
    }

    func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for result in results {
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
    }

    /// All results in words.
    var text: String {
        results.map { result in
            let end =
                switch result.outcome {
                case .exit(let code): "exit code \(code)"
                case .timeout: "it did not end in time"
                }
            return [result.stdout, result.stderr, end].filter { !$0.isEmpty }.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
